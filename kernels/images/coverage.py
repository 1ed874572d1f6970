"""Ink to grey levels: how much of each pixel a pen with a round tip covers, many samples at a time."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.images.matrices import Field
from kernels.machine.jit import jit, jit_bare
from kernels.machine.simd import (
    LANES,
    add,
    broadcast,
    broadcast_like,
    fma,
    load,
    maximum,
    multiply,
    sqrt,
    store,
    subtract,
)

SUBPIXELS = 4
"""Samples along each side of a pixel, each anti-aliased by its distance to the edge of the ink. The result is within
0.03 of the exact coverage of one segment, and within 0.1 of that of many, where their edges meet in a sharp notch; with
one sample a pixel it may be off by 0.4."""

FAR = -1e30
"""The negative squared distance of what is nowhere near."""


class Canvas(NamedTuple):
    """Room to draw an image in.

    Attributes
    ----------
    nearness : flat float32
        Minus the squared distance of each sample to the nearest segment, in samples: vectors have a greater of two,
        and no less. A row of samples takes as many numbers as `sums` has.
    sums, places : flat float32
        A row of samples, padded by a vector at least; `places[j]` is `j + 1/2`.
    ink : (height * width,) float32
        The share of each pixel that is covered, from 0 to 1.
    """

    nearness: Field
    sums: Field
    places: Field
    ink: Field


def canvas_for(height: int, width: int, samples: int) -> Canvas:
    """Return room for an image, so many samples along each side of a pixel."""
    stride, real = (width * samples // LANES + 2) * LANES, np.float32
    places = np.arange(stride, dtype=real) + real(0.5)
    return Canvas(
        np.empty(height * samples * stride, real), np.empty(stride, real), places, np.empty(height * width, real)
    )


def ink_coverage(segments: npt.NDArray[np.float64], radius: float, height: int, width: int) -> npt.NDArray[np.float64]:
    """Return the share of each pixel that is covered by segments drawn with a round pen.

    Parameters
    ----------
    segments : (m, 4) float64
        `x0, y0, x1, y1` in pixels, from the outer corner of the first pixel; both ends may be one point.
    radius : float
        Half the pen's width, in pixels.
    height, width : int

    Returns
    -------
    (height, width) float64
        From 0 to 1. Where strokes meet or cross, their union counts, not their sum.

    Notes
    -----
    The ink is all points within `radius` of a segment, so its edge lies at a known distance `d` from any sample, and a
    sample of side 1 is covered by about `clip(radius - d + 1/2, 0, 1)`; a pixel is the mean of its samples. The order
    of the segments and of their ends does not matter, but for the rounding of float32.
    """
    canvas = canvas_for(height, width, SUBPIXELS)
    _cover(np.ascontiguousarray(segments), len(segments), float(radius), height, width, SUBPIXELS, canvas)
    return canvas.ink.reshape(height, width).astype(np.float64)


@jit
def _cover(
    segments: npt.NDArray[np.float64], count: int, radius: float, height: int, width: int, samples: int, canvas: Canvas
) -> None:
    """Draw: see `cover`, which only kernels call."""
    cover(segments, count, radius, height, width, samples, canvas)


@jit_bare
def cover(
    segments: npt.NDArray[np.float64], count: int, radius: float, height: int, width: int, samples: int, canvas: Canvas
) -> None:
    """Draw the first `count` segments, with so many samples along each side of a pixel: see `ink_coverage`."""
    nearness, sums, places, out = canvas
    stride = sums.size
    rows, reach = height * samples, radius * samples + 0.5
    nowhere = broadcast(np.float32(FAR), 1)
    for k in range(0, rows * stride, LANES):
        store(nearness, k, nowhere)
    for k in range(count):
        x0, y0, x1, y1 = (
            segments[k, 0] * samples, segments[k, 1] * samples, segments[k, 2] * samples, segments[k, 3] * samples,
        )  # fmt: skip
        _come_nearer(nearness, stride, rows, width * samples, x0, y0, x1 - x0, y1 - y0, reach, places)
    for i in range(height):
        _sum_up(nearness, i * samples * stride, stride, samples, radius * samples + 0.5, sums)
        for j in range(width):
            total = np.float32(0)
            for k in range(samples):
                total += sums[j * samples + k]
            out[i * width + j] = total / np.float32(samples * samples)


@jit_bare
def _come_nearer(
    nearness: Field, stride: int, rows: int, columns: int, x0: float, y0: float, dx: float, dy: float, reach: float,
    places: Field,
) -> None:  # fmt: skip
    """Raise the nearness of all samples within reach of a segment."""
    squared, near, far = dx * dx + dy * dy, reach - 0.5, reach + 0.5
    scale = 1 / squared if squared > 0 else 0.0
    # A sample's centre lies half a sample behind its first edge.
    top, bottom = int(max(min(y0, y0 + dy) - near, 0.0)), int(min(max(y0, y0 + dy) + far, float(rows)))
    left, right = int(max(min(x0, x0 + dx) - near, 0.0)), int(min(max(x0, x0 + dx) + far, float(columns)))
    if top >= bottom or left >= right:  # it may be farther away than a float32 can say
        return
    like = broadcast(np.float32(0), 1)
    start, one = broadcast_like(x0, like), broadcast_like(1, like)
    across, down, part = broadcast_like(-dx, like), broadcast_like(-dy, like), broadcast_like(dx * scale, like)
    for i in range(top, bottom):
        below = i + 0.5 - y0
        beside, offset = broadcast_like(below * dy * scale, like), broadcast_like(below, like)
        for j in range(left, right, LANES):
            right_of = subtract(load(places, j, 1), start)
            along = fma(right_of, part, beside)
            along = subtract(one, maximum(subtract(one, maximum(along, like)), like))  # from 0 to 1
            x, y = fma(along, across, right_of), fma(along, down, offset)
            found = subtract(like, fma(x, x, multiply(y, y)))
            at = i * stride + j
            store(nearness, at, maximum(load(nearness, at, 1), found))


@jit_bare
def _sum_up(nearness: Field, at: int, stride: int, samples: int, edge: float, sums: Field) -> None:
    """Write for each column of a row of pixels how much of its samples is covered."""
    nothing = broadcast(np.float32(0), 1)
    one, border = broadcast_like(1, nothing), broadcast_like(edge, nothing)
    for j in range(0, stride, LANES):
        total = nothing
        for i in range(samples):
            distance = sqrt(subtract(nothing, load(nearness, at + i * stride + j, 1)))
            covered = maximum(subtract(border, distance), nothing)
            total = add(total, subtract(one, maximum(subtract(one, covered), nothing)))
        store(sums, j, total)
