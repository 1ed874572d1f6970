"""Smooth curves through the events of strokes, as short straight segments.

They are those of `pipeline.recognise.strokes.curves`, without an array for each step on the way. A centripetal
Catmull-Rom spline passes through every event; each of its pieces, written as a cubic, is cut into so many equal steps
that no segment strays from it by more than a tolerance.
"""

import math

import numpy as np
import numpy.typing as npt

from kernels.machine.jit import jit_bare, jit_inline

MOST_STEPS = 64
"""Segments of a piece, at most: for any that bends by less than five times the drawing's size, at a tolerance of a
thousandth of that."""

Points = npt.NDArray[np.float64]


@jit_bare
def flatten(points: Points, begin: int, end: int, tolerance: float, segments: Points, at: int) -> int:
    """Write the segments of a stroke, and return the place behind the last of them.

    Parameters
    ----------
    points : (p, 2) float64
        Those from `begin` to before `end` are the stroke's; at least one, and none equal to the one before it.
    tolerance : float
        In the unit of the points.
    segments : (m, 4) float64
        `x0, y0, x1, y1`, written from the row `at` on; up to `MOST_STEPS` rows for each point. A stroke of one point is
        one segment without length.
    """
    if end - begin == 1:
        _append(segments, at, points[begin, 0], points[begin, 1], points[begin, 0], points[begin, 1])
        return at + 1
    x1, y1, x2, y2 = points[begin, 0], points[begin, 1], points[begin + 1, 0], points[begin + 1, 1]
    # Beyond its ends a stroke goes on as its first and last segment do.
    x0, y0, d1, d2 = 2 * x1 - x2, 2 * y1 - y2, _root(x2 - x1, y2 - y1), _root(x2 - x1, y2 - y1)
    for i in range(begin + 2, end + 1):
        x3, y3, d3 = 2 * x2 - x1, 2 * y2 - y1, d2
        if i < end:
            x3, y3 = points[i, 0], points[i, 1]
            d3 = _root(x3 - x2, y3 - y2)
        before, after = 1 / (3 * d1 * (d1 + d2)), 1 / (3 * d3 * (d3 + d2))
        ax, ay = _inner(x0, x1, x2, d1, d2, before), _inner(y0, y1, y2, d1, d2, before)
        bx, by = _inner(x3, x2, x1, d3, d2, after), _inner(y3, y2, y1, d3, d2, after)
        at = _cut(x1, y1, ax, ay, bx, by, x2, y2, tolerance, segments, at)
        x0, y0, x1, y1, x2, y2, d1, d2 = x1, y1, x2, y2, x3, y3, d2, d3
    return at


@jit_inline
def _root(x: float, y: float) -> float:
    """Return the square root of a length."""
    return math.sqrt(math.sqrt(x * x + y * y))


@jit_inline
def _squared(x: float, y: float) -> float:
    """Return the square of a length."""
    return x * x + y * y


@jit_inline
def _inner(p0: float, p1: float, p2: float, d1: float, d2: float, scale: float) -> float:
    """Return a coordinate of the control point next to `p1`: see `pipeline.recognise.strokes.curves`."""
    return (d1 * d1 * p2 - d2 * d2 * p0 + (2 * d1 * d1 + 3 * d1 * d2 + d2 * d2) * p1) * scale


@jit_inline
def _append(segments: Points, at: int, x0: float, y0: float, x1: float, y1: float) -> None:
    """Write a segment."""
    segments[at, 0], segments[at, 1], segments[at, 2], segments[at, 3] = x0, y0, x1, y1


@jit_bare
def _cut(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float, tolerance: float,
    segments: Points, at: int,
) -> int:  # fmt: skip
    """Write the segments of the cubic of four control points; by Wang's formula, as few as the tolerance allows."""
    first = _squared(ax - 2 * bx + cx, ay - 2 * by + cy)
    second = _squared(bx - 2 * cx + dx, by - 2 * cy + dy)
    bend = math.sqrt(max(first, second))
    steps = int(min(math.sqrt(0.75 * bend / tolerance) + 1, float(MOST_STEPS)))
    x, y = ax, ay
    for k in range(1, steps + 1):
        t = k / steps
        s = 1 - t
        a, b, c, d = s * s * s, 3 * t * s * s, 3 * t * t * s, t * t * t
        new_x, new_y = a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy
        _append(segments, at, x, y, new_x, new_y)
        x, y, at = new_x, new_y, at + 1
    return at
