"""What a network with filters reads of an image: how strongly its edges run, by direction, place by place.

A pixel says little of itself; what a hand has drawn lies in where the ink's edges are and which way they face. The
gradient of each pixel is split between the two of eight directions that it points between, and what a direction has
got is gathered by a Gaussian around each of 13 by 13 places, two pixels of MNIST's images apart: all there is to know
of a stroke, and little of where exactly it runs. The square root brings faint edges nearer to strong ones.

Images of another size are laid out on as many places, and their gradients, flatter where there are more pixels to an
edge, are brought to the strength that they would have in 28 by 28 pixels; where they are not square, by the geometric
mean of both sides.

References
----------
C.-L. Liu, K. Nakashima, H. Sako, H. Fujisawa: Handwritten digit recognition: benchmarking of state-of-the-art
techniques. Pattern Recognition 36, 2003, section 3 (the gradient in eight directions, blurred, and its square root).
"""

import math
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.images.matrices import Field, in_tiles, multiply_matrices
from kernels.machine.blocks import as_int64, padded
from kernels.machine.jit import jit, jit_bare, jit_inline
from kernels.machine.simd import LANES, Array, add, broadcast_like, load, maximum, multiply, sqrt, store, subtract
from kernels.machine.threads import parallel_rows
from kernels.params import writable
from kernels.types import DIRECTIONS, SIDE, Bytes, Floats, OrientationMaps

USUAL = 28
"""Pixels along a side of the images that distances are given for."""

APART, BLUR = 2.0, 1.2
"""Pixels from one place to the next, and the Gaussian's deviation."""

LEAST_BLUR = 0.5
"""The same in pixels of a small image, at least: a narrower Gaussian would fall between them."""

MOST = 255
"""What an edge as sharp as can be, of white on black, nearly is in bytes."""

Numbers: TypeAlias = npt.NDArray[np.float64]

GRID = int(in_tiles(SIDE))
"""Rows, and numbers in each, that a direction's places take as a matrix in whole tiles and vectors."""


class Shape(NamedTuple):
    """Sizes in pixels: of the images; of a row padded to whole vectors, without and with an edge."""

    height: int
    width: int
    lanes: int
    stride: int


class Places(NamedTuple):
    """Which pixels count for which place.

    Attributes
    ----------
    down : flat float32
        A matrix of `height` columns and `SIDE` rows, in whole tiles: the weights along the columns of the image.
    across : flat float32
        A matrix of `width` rows and `SIDE` columns, padded to whole vectors: the weights along its rows.
    """

    down: Field
    across: Field


def places_for(height: int, width: int) -> Places:
    """Return the weights for images of a size."""
    down, across = np.zeros((GRID, height), np.float32), np.zeros((width, int(padded(SIDE))), np.float32)
    down[:SIDE], across[:, :SIDE] = _weights(height), _weights(width).T
    return Places(down.ravel(), across.ravel())


def _weights(size: int) -> Numbers:
    """Return the Gaussian's weight of each pixel (column) for each place (row)."""
    share = size / USUAL
    blur = max(BLUR * share, LEAST_BLUR)
    centres = (size - 1) / 2 + (np.arange(SIDE) - (SIDE - 1) / 2) * APART * share
    distances = (np.arange(size) - centres[:, np.newaxis]) / blur
    return np.asarray(np.exp(-(distances**2) / 2) / (blur * math.sqrt(2 * math.pi)))


def orientations(images: Bytes | Floats, height: int, width: int, scale: float) -> OrientationMaps:
    """Return the edges of images by direction, on as many threads as kernels may use.

    Parameters
    ----------
    images : (n, height * width) uint8 or float32
        Ink bright and paper 0.
    height, width : int
    scale : float
        What makes 1 of white.

    Returns
    -------
    OrientationMaps
    """
    source, places, unit = writable(images), places_for(height, width), unit_of(height, width, scale)
    shape = Shape(height, width, int(padded(width)), int(padded(width + 2)))
    values = np.empty((len(source), SIDE * SIDE * DIRECTIONS), np.uint8)

    def fill(part: range) -> None:
        _read_some(source, shape, part.start, part.stop, unit, places, values)

    if len(source):
        parallel_rows(fill, len(source))
    return OrientationMaps(values)


def unit_of(height: int, width: int, scale: float) -> float:
    """Return what grey levels are multiplied by.

    In 28 by 28 pixels, a step from black to white then has the gradient 1 at its edge; in images of another size, an
    edge that is as smooth has the same.
    """
    return scale * math.sqrt(height * width) / USUAL / 4


class OrientationBuffers(NamedTuple):
    """Room to work on one image at a time: with an edge; the directions of its pixels; gathered by rows, and wholly."""

    edged: Field
    maps: Field
    half: Field
    grid: Field


@jit
def _read_some(
    images: Bytes | Floats, shape: Shape, begin: int, end: int, unit: float, places: Places, out: Bytes
) -> None:
    """Read a thread's share of the images."""
    height, width, lanes, stride = shape
    buffers = OrientationBuffers(
        np.zeros((height + 3) * stride, np.float32), np.zeros(DIRECTIONS * height * lanes, np.float32),
        np.zeros(DIRECTIONS * GRID * lanes, np.float32), np.zeros(DIRECTIONS * GRID * GRID, np.float32),
    )  # fmt: skip
    for k in range(begin, end):
        image = images[k]
        for i in range(height):
            for j in range(width):
                buffers.edged[(i + 1) * stride + j + 1] = np.float32(image[i * width + j]) * np.float32(unit)
        _split(buffers.edged, shape, buffers.maps)
        _gather(shape, places, buffers)
        _write(buffers.grid, out[k])


@jit_inline
def _least(a: Array, b: Array) -> Array:
    """Return the smaller number of each pair."""
    zero = broadcast_like(0, a)
    return subtract(zero, maximum(subtract(zero, a), subtract(zero, b)))


@jit_bare
def _split(edged: Field, shape: Shape, maps: Field) -> None:
    """Write what each direction gets of each pixel's gradient, Sobel's: direction after direction, from right to down.

    The parts along the two directions on either side add up to the gradient as vectors do.
    """
    height, _, lanes, stride = shape
    size = height * lanes
    for i in range(height):
        for j in range(0, lanes, LANES):
            at, to = (i + 1) * stride + j + 1, i * lanes + j
            zero = broadcast_like(0, load(edged, at, 1))
            a, b, c = load(edged, at - stride - 1, 1), load(edged, at - stride, 1), load(edged, at - stride + 1, 1)
            d, e = load(edged, at - 1, 1), load(edged, at + 1, 1)
            f, g, h = load(edged, at + stride - 1, 1), load(edged, at + stride, 1), load(edged, at + stride + 1, 1)
            right = subtract(add(add(c, h), add(e, e)), add(add(a, f), add(d, d)))
            low = subtract(add(add(f, h), add(g, g)), add(add(a, c), add(b, b)))
            left, high = subtract(zero, right), subtract(zero, low)
            across, down, root = maximum(right, left), maximum(low, high), broadcast_like(math.sqrt(2), zero)
            store(maps, to, maximum(subtract(right, down), zero))
            store(maps, to + size, multiply(root, maximum(_least(right, low), zero)))
            store(maps, to + 2 * size, maximum(subtract(low, across), zero))
            store(maps, to + 3 * size, multiply(root, maximum(_least(left, low), zero)))
            store(maps, to + 4 * size, maximum(subtract(left, down), zero))
            store(maps, to + 5 * size, multiply(root, maximum(_least(left, high), zero)))
            store(maps, to + 6 * size, maximum(subtract(high, across), zero))
            store(maps, to + 7 * size, multiply(root, maximum(_least(right, high), zero)))


@jit
def _gather(shape: Shape, places: Places, buffers: OrientationBuffers) -> None:
    """Sum up each direction around each place, and take the square roots."""
    height, width, lanes, _ = shape
    pixels, rows, cells = height * lanes, GRID * lanes, GRID * GRID
    side, room = as_int64(SIDE), as_int64(GRID)
    for k in range(DIRECTIONS):
        map_, half = buffers.maps[k * pixels : (k + 1) * pixels], buffers.half[k * rows : (k + 1) * rows]
        multiply_matrices(places.down, height, side, height, map_, lanes, half)
        multiply_matrices(half, lanes, side, width, places.across, room, buffers.grid[k * cells : (k + 1) * cells])
    for k in range(0, buffers.grid.size, LANES):
        store(buffers.grid, k, sqrt(load(buffers.grid, k, 1)))


@jit_bare
def _write(grid: Field, out: Bytes) -> None:
    """Write a place's directions beside each other, as bytes."""
    for i in range(SIDE):
        for j in range(SIDE):
            for k in range(DIRECTIONS):
                value = np.float32(MOST) * grid[(k * GRID + i) * GRID + j] + np.float32(0.5)
                out[(i * SIDE + j) * DIRECTIONS + k] = np.uint8(min(value, np.float32(MOST)))
