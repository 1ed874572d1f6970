"""Where a stroke may be cut: a hand that writes joined leaves several digits in one stroke."""

import numpy as np

from pipeline.recognise.strokes.curves import Points
from pipeline.recognise.strokes.pieces import SPACING, Array, evenly
from pipeline.recognise.strokes.segment import Span

WIDE = 0.7
"""A stroke is looked at if it is wider than this share of its height, as two digits are, unless both are 1s."""
ONWARDS = 0.25
"""From the beginning to the end of joined digits it goes on by more than this share of their width; the ends of a 0 are
one above the other."""
BACK = 0.12
"""Before a cut, ink may reach so far to the right of what comes after it, as a share of the row's height."""
TALL = 0.4
"""What is cut off is at least so high, likewise: what is lower is no digit."""
NEAR = 0.12
"""Two cuts are at least so far apart, likewise."""
MOST = 6
"""Cuts of a stroke that are looked at."""


def parts_of(number: int, points: Points) -> list[Span]:
    """Return the parts into which a stroke (n, 2), n at least 1, may be cut, in order: mostly there is one, all of it.

    `number` is the stroke's. Lengths are shares of the row's height.

    Joined digits lie one after the other in time and from left to right. So at a cut, all that comes before is on the
    left, or nearly, all that comes after is on the right; and the pen turns there from down to up, or the other way
    round, or is halfway along the line that joins the two.

    Where two parts meet in a point, both have it. Where the pen of a fast hand left no point near a cut, the line
    between the points before and after is in neither part.
    """
    width, height = np.ptp(points, axis=0)
    onwards = abs(points[-1, 0] - points[0, 0])
    cuts = _cuts(points) if width > WIDE * max(height, TALL) and onwards > ONWARDS * width else []
    starts, stops = [0, *(after for _, after in cuts)], [*(before + 1 for before, _ in cuts), len(points)]
    return [Span(number, start, stop) for start, stop in zip(starts, stops, strict=True)]


def _cuts(points: Points) -> list[tuple[int, int]]:
    """Return the last point before each cut and the first one after it, which may be the same."""
    line, number = evenly(points)
    found, last = list[tuple[int, int]](), line[0]
    for place in _places(line):
        nearest = int(np.rint(number[place]))
        is_there = np.hypot(*(points[nearest] - line[place])) < SPACING
        before, after = (nearest, nearest) if is_there else (int(number[place]), int(number[place]) + 1)
        is_line = (found[-1][1] if found else 0) < before and after < len(points) - 1
        if is_line and np.hypot(*(line[place] - last)) >= NEAR:
            found.append((before, after))
            last = line[place]
    return found[:MOST]


def _places(line: Points) -> list[int]:
    """Return at which of its points, evenly spaced, a line may be cut."""
    x, y = line.T
    back = np.maximum.accumulate(x) - np.minimum.accumulate(x[::-1])[::-1]
    free = (back <= BACK) & (_heights(y) >= TALL) & (_heights(y[::-1])[::-1] >= TALL)
    rising = np.sign(np.diff(y))
    turns = np.append(False, rising[1:] * rising[:-1] <= 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8))).reshape(-1, 2)
    middles = [int(np.abs(x[a:b] - (x[a] + x[b - 1]) / 2).argmin()) + a for a, b in edges]
    return sorted({*middles, *np.flatnonzero(free[:-1] & turns).tolist()})


def _heights(y: Array) -> Array:
    """Return how high the line up to each of its points is."""
    return np.asarray(np.maximum.accumulate(y) - np.minimum.accumulate(y))
