"""Smooth curves through the points of a stroke, as short straight segments.

A fast hand leaves few events, and a polygon through them has corners that no pen drew. So a centripetal Catmull-Rom
spline joins them: it passes through every point, bends only near the points that bend it, and has neither cusps nor
loops between two points. Where points lie close together it is as good as the polygon.

References
----------
P. J. Barry, R. N. Goldman: A recursive evaluation algorithm for a class of Catmull-Rom splines. SIGGRAPH 1988.
C. Yuksel, S. Schaefer, J. Keyser: Parameterization and applications of Catmull-Rom curves. Computer-Aided Design
43(7), 2011; the control points of each piece as a Bézier curve.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Points: TypeAlias = npt.NDArray[np.float64]
"""Points of one stroke or more: (n, 2), x and y."""
Owners = npt.NDArray[np.intp]


def flatten(points: Points, owner: Owners, tolerance: float) -> Points:
    """Return the segments, `x0, y0, x1, y1` (m, 4), of a smooth curve through each stroke; see `flattened`."""
    return flattened(points, owner, tolerance)[0]


def flattened(points: Points, owner: Owners, tolerance: float) -> tuple[Points, Owners]:
    """Return the segments, `x0, y0, x1, y1` (m, 4), of a smooth curve through each stroke, and whose each is, (m,).

    The points of all strokes, (n, 2), come one stroke after another, none equal to the one before it in its stroke;
    `owner` is the stroke of each, (n,). A stroke of one point gives one segment without length. The tolerance is how
    far the segments may stray from the curve, in the unit of the points.
    """
    corners, same = control_points(points, owner), owner[1:] == owner[:-1]
    counts = _subdivisions(corners, tolerance)
    piece = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)
    ends = [_bezier(corners[:, piece], (step + i) / counts[piece]) for i in (0, 1)]
    is_alone = np.bincount(owner)[owner] == 1
    alone = points[is_alone]
    segments = np.vstack([np.hstack(ends), np.hstack([alone, alone])])
    return segments, np.concatenate([owner[:-1][same][piece], owner[is_alone]])


def control_points(points: Points, owner: Owners) -> Points:
    """Return the four Bézier control points, (4, pieces, 2), of the curve between each two neighbours in a stroke.

    Beyond its ends a stroke goes on as its first and last segment do. With `d1, d2, d3` the square roots of the
    distances between four successive points `p0 … p3`, the control points of the piece from `p1` to `p2` are `p1`,
    `(d1² p2 - d2² p0 + (2 d1² + 3 d1 d2 + d2²) p1) / (3 d1 (d1 + d2))`, its mirror image, and `p2`.
    """
    same = owner[1:] == owner[:-1]
    start = np.flatnonzero(same)
    p1, p2 = points[start], points[start + 1]
    has_before = np.append(False, same)[start, np.newaxis]
    has_after = np.append(same, False)[start + 1, np.newaxis]
    p0 = np.where(has_before, points[start - 1], 2 * p1 - p2)
    p3 = np.where(has_after, points[np.minimum(start + 2, len(points) - 1)], 2 * p2 - p1)
    d1, d2, d3 = (np.sqrt(np.linalg.norm(b - a, axis=1, keepdims=True)) for a, b in ((p0, p1), (p1, p2), (p2, p3)))
    return np.stack([p1, _inner(p0, p1, p2, d1, d2), _inner(p3, p2, p1, d3, d2), p2])


def _inner(p0: Points, p1: Points, p2: Points, d1: Points, d2: Points) -> Points:
    """Return the control point next to `p1`; see `control_points`."""
    weighted = d1**2 * p2 - d2**2 * p0 + (2 * d1**2 + 3 * d1 * d2 + d2**2) * p1
    return np.asarray(weighted / (3 * d1 * (d1 + d2)))


def _subdivisions(corners: Points, tolerance: float) -> npt.NDArray[np.intp]:
    """Return into how many segments each Bézier piece must be cut.

    Wang's formula: `n` equal steps of a cubic stray from it by at most `6 / (8 n²)` of the longest second difference of
    its control points.
    """
    bend = np.linalg.norm(np.diff(corners, n=2, axis=0), axis=2).max(axis=0)
    return np.asarray(np.ceil(np.sqrt(0.75 * bend / tolerance)).clip(min=1), np.intp)


def _bezier(corners: Points, t: npt.NDArray[np.float64]) -> Points:
    """Return the points of cubics (4, m, 2) at `t` (m,) from 0 to 1."""
    t = t[:, np.newaxis]
    a, b, c, d = corners
    return np.asarray((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d)
