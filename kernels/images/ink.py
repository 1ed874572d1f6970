"""How much of each pixel a round pen covers: what `kernels.images.coverage` says, many samples at a time.

Instead of the squared distance from each sample to the nearest segment, its negative is kept, and raised: the vectors
have a greater of two, and no less. All is in float32; the result lies within a thousandth of that in float64.
"""

import numpy as np
import numpy.typing as npt

from kernels.images.matrices import Field
from kernels.machine.blocks import padded
from kernels.machine.jit import jit_bare
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

FAR = -1e30
"""The negative squared distance of what is nowhere near."""


@jit_bare
def cover(
    segments: npt.NDArray[np.float64], count: int, radius: float, height: int, width: int, samples: int,
    nearness: Field, sums: Field, places: Field, out: Field,
) -> None:  # fmt: skip
    """Write the share of each pixel that is covered by segments drawn with a round pen.

    Parameters
    ----------
    segments : (m, 4) float64
        Of which the first `count` are drawn: `x0, y0, x1, y1`, in pixels from the first pixel's outer corner.
    radius : float
        Half the pen's width, in pixels.
    samples : int
        Along each side of a pixel.
    nearness, sums, places : flat float32
        Room: a row of all samples, padded and one vector more, for each row of samples; and twice for a single row.
        `places[j]` is `j + 1/2`.
    out : (height * width,) float32
        From 0 to 1.
    """
    stride = padded(width * samples) + LANES
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
