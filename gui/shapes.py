"""The shapes of lines on the board: smooth curves, what an eraser leaves of them, and how they come to fit."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gui.board import Point, Trace
from pipeline.recognise.strokes.curves import flatten
from pipeline.types import Stroke

Array: TypeAlias = npt.NDArray[np.float64]

TOLERANCE = 0.2
"""Pixels by which what is shown may stray from the smooth curve."""
FINENESS = 2.0
"""Pixels between two places at which an eraser may cut a line."""
MARGIN = 0.15
"""Share of the board that stays free on each side of a drawing that had to be fitted."""
TOO_SMALL = 0.1
"""Share of the board below which an opened drawing is enlarged: it was drawn in another unit."""
SMALLEST = 1e-45
"""The smallest distance that two float32 can have."""


def outline(line: Trace) -> tuple[float, ...]:
    """Return `x0, y0, x1, y1, …` of the smooth curve through a stroke: the one from which it is recognised.

    The stroke is not empty, and successive points differ. A click comes back as its point, twice.
    """
    points = np.array(line, np.float64)
    segments = flatten(points, np.zeros(len(points), np.intp), TOLERANCE)
    return tuple(np.concatenate([segments[:1, :2].ravel(), segments[:, 2:].ravel()]).tolist())


def cut_out(line: Trace, start: Point, end: Point, reach: float) -> tuple[Trace, ...]:
    """Return what is left of a stroke when all within `reach` of a segment is taken out of it.

    A stroke out of reach comes back as it is. Of others, the pieces that are left follow the same curve.
    """
    a, b = np.array(start), np.array(end)
    curve = np.array(outline(line)).reshape(-1, 2)
    low, high = np.minimum(a, b) - reach, np.maximum(a, b) + reach
    if (curve.max(axis=0) < low).any() or (curve.min(axis=0) > high).any():
        return (line,)
    fine = _refined(curve)
    kept = _distances(fine, a, b) > reach
    if kept.all():
        return (line,)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).astype(np.int8)))
    return tuple(_as_points(fine[first:stop]) for first, stop in edges.reshape(-1, 2))


def fitted(strokes: tuple[Stroke, ...], width: float, height: float) -> tuple[Trace, ...]:
    """Return opened strokes as ink for a board of this size, in pixels; what does not fit is scaled to its middle.

    The strokes are (k, 2), with a point at least in all.
    """
    points = np.concatenate(strokes).astype(np.float64)
    low, high, board = points.min(axis=0), points.max(axis=0), np.array([width, height])
    size, middle = (high / 2 - low / 2) * 2, low / 2 + high / 2
    if (low >= 0).all() and (high <= board).all() and (size.max() == 0 or size.max() >= TOO_SMALL * board.min()):
        scale, shift = 1.0, np.zeros(2)
    else:
        room = (1 - 2 * MARGIN) * board
        scale = float(np.min(room / np.maximum(size, SMALLEST))) if size.max() > 0 else 1.0
        shift = board / 2
        strokes = tuple(stroke - middle for stroke in strokes)
    return tuple(_without_repeats(stroke * scale + shift) for stroke in strokes if len(stroke))


def _refined(curve: Array) -> Array:
    """Return a polyline (n, 2) with more points on it, no two further apart than `FINENESS`."""
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = int(np.ceil(along[-1] / FINENESS)) + 1
    wanted = np.linspace(0.0, along[-1], count)
    return np.column_stack([np.interp(wanted, along, curve[:, axis]) for axis in (0, 1)])


def _distances(points: Array, a: Array, b: Array) -> Array:
    """Return the distance of each point (n, 2) from the segment between `a` and `b`."""
    along = b - a
    squared = float(along @ along)
    share = np.clip((points - a) @ along / squared, 0, 1) if squared > 0 else np.zeros(len(points))
    return np.asarray(np.linalg.norm(points - a - share[:, np.newaxis] * along, axis=1))


def _as_points(array: Array) -> Trace:
    """Return an array (n, 2) as points."""
    return tuple((float(x), float(y)) for x, y in array)


def _without_repeats(array: Array) -> Trace:
    """Return an array (n, 2), not empty, as points of which none equals the one before it."""
    moved = np.concatenate([[True], (np.diff(array, axis=0) != 0).any(axis=1)])
    return _as_points(array[moved])
