"""Where a row of ink may be cut into digits: along the paths from its top to its bottom that cross the least ink.

Between two digits that stand apart a path crosses none; where they touch, it goes through the thinnest place. A path
may lean by up to 45 degrees, so that slanted digits that reach over each other are parted, too.

References
----------
R. Casey, E. Lecolinet: A survey of methods and strategies in character segmentation (1996), for cutting at more places
than needed and letting the classifier choose; S. Avidan, A. Shamir: Seam carving (2007), for the paths.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.types import Floats

SIDEWAYS = 0.02
"""What a step to the side costs beside one through ink: paths go straight down where nothing stands in the way."""
FREE = 1.0
"""What a path may cost that is said to cross no ink: less than a row of it, and steps to the side."""
DEEPEST = 0.5
"""Of the row's height: how much ink a path may cross."""
NEAREST = 0.06
"""Of the row's height: paths through ink lie further apart than that in the middle row."""

Costs = npt.NDArray[np.float64]


class Seam(NamedTuple):
    """A path from the top of a row to its bottom."""

    columns: npt.NDArray[np.float64]  # (height,): where it is in each row of pixels; what is left of it is before it
    ink: float  # how many rows of ink it crosses


def seams_of(amount: Floats) -> tuple[Seam, ...]:
    """Return the paths along which a row of ink, (height, width) from 0 to 1, may be cut, from left to right.

    They do not cross each other. A gap has one path, through its middle; no ink has one where many lie.
    """
    ink = amount.astype(np.float64)
    down, up = _costs_from_top(ink), _costs_from_top(ink[::-1])[::-1]
    middle = len(ink) // 2
    total = down[middle] + up[middle] - ink[middle]
    paths: list[Seam] = []
    for column in _lowest(total, len(ink)):
        columns = _traced(down, up, middle, column) + 0.5
        if paths:
            columns = np.maximum(columns, paths[-1].columns)
        paths.append(Seam(columns, max(float(total[column]), 0.0)))
    return tuple(paths)


def _costs_from_top(ink: Costs) -> Costs:
    """Return what the cheapest path from the top to each pixel costs, that pixel included."""
    cost = ink.copy()
    for row in range(1, len(ink)):
        above = cost[row - 1]
        best = above.copy()
        np.minimum(best[1:], above[:-1] + SIDEWAYS, out=best[1:])
        np.minimum(best[:-1], above[1:] + SIDEWAYS, out=best[:-1])
        cost[row] += best
    return cost


def _lowest(total: Costs, height: int) -> list[int]:
    """Return the columns of the middle row through which the cheapest paths go: one for each gap and each valley."""
    free = total < FREE
    apart = max(round(NEAREST * height), 2)
    runs = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8))).reshape(-1, 2)
    # What lies beyond the first and the last ink parts nothing.
    chosen = [(int(first) + int(stop) - 1) // 2 for first, stop in runs if first > 0 and stop < len(total)]
    taken = free.copy()
    for column in np.argsort(total, kind="stable"):
        if total[column] > DEEPEST * height:
            break
        low, high = max(column - apart, 0), column + apart + 1
        if not taken[low:high].any() and total[column] <= total[low:high].min():
            chosen.append(int(column))
            taken[column] = True
    return sorted(chosen)


def _traced(down: Costs, up: Costs, middle: int, column: int) -> npt.NDArray[np.float64]:
    """Return the column of a path in each row, given the one in the middle row."""
    found = np.empty(len(down))
    for costs, rows in ((down, range(middle - 1, -1, -1)), (up, range(middle + 1, len(down)))):
        found[middle] = at = column
        for row in rows:
            low, high = max(at - 1, 0), min(at + 2, down.shape[1])
            near = costs[row, low:high] + SIDEWAYS * np.abs(np.arange(low, high) - at)
            at = low + int(near.argmin())
            found[row] = at
    return found
