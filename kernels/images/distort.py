"""Images of digits as other hands would have drawn them: turned, slanted, stretched, shaken, with other pens.

An image goes through three steps: its ink is made bolder or thinner (`kernels.images.thickness`); every pixel of the
new image finds where in the old one it looks, through an elastic displacement (`kernels.images.elastic`) and an affine
map (`kernels.images.affine`); and what is there is read off by bilinear interpolation, once. Outside the image all is
0.

Ink stays within the image. Where the affine map would take it over the border, it is moved back, and made smaller if
nothing else helps; the displacements along the border add to what is kept free there, up to a quarter of the image.

All random numbers of an image are a function of the seed, the epoch and its row: which thread distorts it, beside which
others, and what was distorted before has no say.

Each map leaves the ink's centre of mass in its place, where MNIST's preparation has put it, and only then is the image
translated. Elastic displacements shift that centre, too. To measure that and undo it would take a second reading of the
image, for less than what translation adds on purpose.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.images.affine import Affine, Bounds, InkColumns, draw_share, measure_ink, place
from kernels.images.elastic import Smoothing, fill_noise, smoothing
from kernels.images.matrices import Field, in_tiles, multiply_matrices
from kernels.images.thickness import EDGE, change_thickness
from kernels.machine.blocks import aligned, as_int64, padded
from kernels.machine.jit import jit, jit_bare
from kernels.machine.simd import LANES
from kernels.machine.threads import parallel_rows
from kernels.types import Bytes, Distortion

MOST_MARGIN = 0.25
"""Share of the image's side that is kept free at a border, at most, for displacements there."""

MOST_THICKNESS = 1.0
"""Pixels: as far as an edge of ink can move at once."""


class Shape(NamedTuple):
    """Sizes in pixels: of the images; of a row padded to whole vectors, without and with an edge."""

    height: int
    width: int
    lanes: int
    stride: int


class DistortBuffers(NamedTuple):
    """Room to work on one image at a time.

    Attributes
    ----------
    source, inked : flat float32
        The image with an edge, as it was and with its ink changed; rows of `Shape.stride`, two more than there are, as
        interpolation at the last pixel reads what follows it.
    ink : InkColumns
    noise_x, noise_y, half, across, down : flat float32
        In rows of `Shape.lanes`: noise, smoothed half and wholly; the displacements.
    spare : (16,) float32
    places : (lanes,) int32
    right, low : (lanes,) float32
        Where a row's pixels look: between which pixels, and how far to the right of and below the first of them.
    """

    source: Field
    inked: Field
    ink: InkColumns
    noise_x: Field
    noise_y: Field
    half: Field
    across: Field
    down: Field
    spare: Field
    places: npt.NDArray[np.int32]
    right: Field
    low: Field


class Parts(NamedTuple):
    """What there is to do besides the affine map."""

    pen: bool
    elastic: bool


def distort(
    images: Bytes, height: int, width: int, rows: npt.NDArray[np.integer], strength: Distortion, seed: int, epoch: int,
    out: Bytes, numbers: npt.NDArray[np.integer] | None = None,
) -> None:  # fmt: skip
    """Distort some images, on as many threads as kernels may use.

    Parameters
    ----------
    images : (n, height * width) uint8, ink bright and paper 0
    height, width : int
    rows : (m,) integer
        Which of them, in any order, and repeated if wanted: a row comes out the same each time.
    strength : Distortion
        None of it negative, slant below 90, thickness at most `MOST_THICKNESS`.
    seed, epoch : int
        0 or above; decide what is drawn.
    out : (m, height * width) uint8
        Written to; not to overlap with `images`.
    numbers : (m,) integer, optional
        What the images are called where random numbers are drawn: `rows`, unless these are only some of many images.
    """
    source, chosen = np.ascontiguousarray(images), np.ascontiguousarray(rows, np.int64)
    called = chosen if numbers is None else np.ascontiguousarray(numbers, np.int64)
    shape = Shape(height, width, int(padded(width)), int(padded(width + 2 * EDGE)))
    weights = smoothing(height, width, strength.elastic, strength.smoothness)
    exact = Distortion(*map(float, strength))  # a whole number would be compiled for anew
    parts = Parts(exact.thickness > 0, exact.elastic > 0)
    if not any(exact._replace(smoothness=0)):
        out[:] = images[rows]
        return

    def fill(part: range) -> None:
        _distort_some(source, shape, chosen, called, part.start, part.stop, exact, parts, weights, seed, epoch, out)

    if rows.size:
        parallel_rows(fill, rows.size)


@jit
def _distort_some(
    images: Bytes, shape: Shape, rows: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64], begin: int, end: int,
    strength: Distortion, parts: Parts, weights: Smoothing, seed: int, epoch: int, out: Bytes,
) -> None:  # fmt: skip
    """Distort a thread's share of the images."""
    buffers = _buffers_for(shape)
    for k in range(begin, end):
        _distort_one(images[rows[k]], shape, strength, parts, weights, seed, epoch, int(numbers[k]), buffers, out[k])


@jit
def _buffers_for(shape: Shape) -> DistortBuffers:
    """Return room for images of a shape, all of it 0."""
    inked, flat = (shape.height + 2 * EDGE + 2) * shape.stride, in_tiles(shape.height) * shape.lanes
    return DistortBuffers(
        _zeros(inked), _zeros(inked),
        InkColumns(_zeros(shape.stride), _zeros(shape.stride), _zeros(shape.stride), _zeros(shape.stride)),
        _zeros(flat), _zeros(flat), _zeros(flat), _zeros(flat), _zeros(flat),
        _zeros(as_int64(LANES)), np.zeros(shape.lanes, np.int32), _zeros(shape.lanes), _zeros(shape.lanes),
    )  # fmt: skip


@jit
def _zeros(count: int) -> Field:
    """Return so many zeros."""
    values: Field = aligned(count, np.empty(0, np.float32))  # type: ignore[assignment] # of the dtype that is asked for
    values[:] = 0
    return values


@jit_bare
def _distort_one(
    image: Bytes, shape: Shape, strength: Distortion, parts: Parts, weights: Smoothing, seed: int, epoch: int, row: int,
    buffers: DistortBuffers, out: Bytes,
) -> None:  # fmt: skip
    """Distort an image."""
    height, width, _, stride = shape
    if not image.any():
        out[:] = 0
        return
    for i in range(height):
        at = (i + EDGE) * stride + EDGE
        for j in range(width):
            buffers.source[at + j] = image[i * width + j]
    share, inked = draw_share(strength, row, epoch, seed), buffers.source
    if parts.pen:
        change_thickness(buffers.source, stride, height + 2 * EDGE, share.thickness, buffers.inked, buffers.spare)
        inked = buffers.inked
    if parts.elastic:
        _displace(shape, weights, seed, epoch, row, buffers)
    measure_ink(inked, stride, EDGE, buffers.ink)
    affine = place(share, buffers.ink, EDGE, _bounds(shape, buffers.across, buffers.down))
    _read_off(inked, shape, affine, buffers, out)


@jit_bare
def _displace(shape: Shape, weights: Smoothing, seed: int, epoch: int, row: int, buffers: DistortBuffers) -> None:
    """Compute the displacement of every pixel."""
    height, width, lanes, _ = shape
    fill_noise(buffers.noise_x, buffers.noise_y, height * lanes, row, epoch, seed)
    rows = in_tiles(height)
    multiply_matrices(weights.down, height, rows, height, buffers.noise_x, lanes, buffers.half)
    multiply_matrices(buffers.half, lanes, rows, width, weights.across, lanes, buffers.across)
    multiply_matrices(weights.down, height, rows, height, buffers.noise_y, lanes, buffers.half)
    multiply_matrices(buffers.half, lanes, rows, width, weights.across, lanes, buffers.down)


@jit_bare
def _bounds(shape: Shape, across: Field, down: Field) -> Bounds:
    """Return where ink may lie so that displacements at the border do not take it over that border."""
    height, width, lanes, _ = shape
    left, right, top, bottom = 0.0, 0.0, 0.0, 0.0
    for i in range(height):
        left, right = max(left, across[i * lanes]), max(right, -across[i * lanes + width - 1])
    for j in range(width):
        top, bottom = max(top, down[j]), max(bottom, -down[(height - 1) * lanes + j])
    most_across, most_down = MOST_MARGIN * width, MOST_MARGIN * height
    return Bounds(
        min(left, most_across) - 1, width - min(right, most_across),
        min(top, most_down) - 1, height - min(bottom, most_down),
    )  # fmt: skip


@jit_bare
def _read_off(inked: Field, shape: Shape, affine: Affine, buffers: DistortBuffers, out: Bytes) -> None:
    """Write the new image: what the old one shows where each pixel looks, between the four pixels around."""
    # Without a sign, an index need not be looked at for counting from the end.
    one, below = np.uint64(1), np.uint64(shape.stride)
    for i in range(shape.height):
        _look(i, shape, affine, buffers)
        for j in range(shape.width):
            at, s, t = np.uint64(buffers.places[j]), buffers.right[j], buffers.low[j]
            a, b, c, d = inked[at], inked[at + one], inked[at + below], inked[at + below + one]
            upper, lower = a + s * (b - a), c + s * (d - c)
            out[i * shape.width + j] = np.uint8(upper + t * (lower - upper) + np.float32(0.5))


@jit_bare
def _look(i: int, shape: Shape, affine: Affine, buffers: DistortBuffers) -> None:
    """Find where the pixels of a row look: at which pixel of an image with an edge, and how far to the right and below.

    Apart from the reading itself, as that can't be done for several pixels at once.
    """
    real, edge, row = np.float32, np.float32(EDGE), i * shape.lanes
    right, bottom = real(shape.width + 2 * EDGE - 1), real(shape.height + 2 * EDGE - 1)
    for j in range(shape.lanes):
        u, v = real(j) + buffers.across[row + j], real(i) + buffers.down[row + j]
        # The edge's outermost pixels are black, as all is beyond them. From its corner on, all is positive.
        x = min(max(affine.xx * u + affine.xy * v + affine.x0 + edge, real(0)), right)
        y = min(max(affine.yx * u + affine.yy * v + affine.y0 + edge, real(0)), bottom)
        column, line = np.int32(x), np.int32(y)
        buffers.places[j] = line * shape.stride + column
        buffers.right[j], buffers.low[j] = x - real(column), y - real(line)
