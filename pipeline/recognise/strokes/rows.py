"""Which strokes of a drawing stand in one row, where numbers stand below one another."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.recognise.strokes.curves import Owners, Points

Boxes: TypeAlias = npt.NDArray[np.float64]
"""(n, 4): left, top, right and bottom of strokes."""

TALL = 0.4
"""In a row, some stroke is at least so high, as a share of the highest of all; bars and dots are no rows."""
BELOW = 0.3
"""A stroke is below another if they share so much of the narrower one's width. Of rows, some are: else each digit of a
slanted number would be a row."""
DEEP = 0.25
"""So far a stroke may reach into the next row, as a share of the height of digits."""
BETWEEN = 0.2
"""Where no stroke is below another, rows of several digits must share so much of the narrower one's width."""
GAP = 0.08
"""Between most strokes and those above them in another row, likewise."""
DIGIT_GAP = 0.4
"""Where either may be half of a digit: those of an 8 or a 5 may stand clear of one another."""
MOST = 500
"""Strokes; with more of them, a drawing is one row."""
PLACES = 8
"""At which it is tried to divide a row."""
WIDE = 1.1
"""Ink that is wider than this share of its height is wider than a digit."""


def rows_of(boxes: Boxes) -> list[list[int]]:
    """Return the strokes of each row, in order, from the uppermost row to the lowest; one stroke at least is there."""
    everything = list(range(len(boxes)))
    return [sorted(row) for row in _divided(boxes, everything)] if len(boxes) <= MOST else [everything]


def boxes_of(points: Points, owner: Owners) -> Boxes:
    """Return the boxes of strokes, none of them empty, given their points (n, 2), and the stroke of each, (n,)."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    return np.hstack([np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)])


def height_of(boxes: Boxes) -> float:
    """Return how high a row's digits are: the highest stroke, or a third of the width of a lying one."""
    width, height = (float((boxes[:, i + 2] - boxes[:, i]).max()) for i in (0, 1))
    return max(height, 0.3 * width)


def _divided(boxes: Boxes, strokes: Sequence[int]) -> list[list[int]]:
    """Return some of the strokes in their rows."""
    ordered = np.array(sorted(strokes, key=lambda i: boxes[i, 1] + boxes[i, 3]))
    for place in _places(boxes[ordered]):
        upper, lower = ordered[:place], ordered[place:]
        if _are_rows(boxes[upper], boxes[lower]):
            return [*_divided(boxes, upper.tolist()), *_divided(boxes, lower.tolist())]
    return [list(strokes)]


def _places(ordered: Boxes) -> list[int]:
    """Return where strokes may be divided at all, beginning with where there is most room."""
    bottoms = np.maximum.accumulate(ordered[:, 3])[:-1]
    tops = np.minimum.accumulate(ordered[::-1, 1])[::-1][1:]
    room = tops - bottoms
    likely = np.argsort(-room, kind="stable")[:PLACES]
    return [int(k) + 1 for k in likely if room[k] >= -DEEP * height_of(ordered)]


def _are_rows(upper: Boxes, lower: Boxes) -> bool:
    """Tell whether some strokes stand in other rows than those below them."""
    tall_upper, tall_lower = _tall(upper), _tall(lower)
    heights = height_of(tall_upper), height_of(tall_lower)
    if min(heights) < TALL * max(heights) or min(heights) == 0:
        return False
    (left, _, right, bottom), (left_, top, right_, _) = tall_upper[..., np.newaxis].swapaxes(0, 1), tall_lower.T
    shared, narrower = np.minimum(right, right_) - np.maximum(left, left_), np.minimum(right - left, right_ - left_)
    are_several = _are_several(tall_upper) and _are_several(tall_lower)
    above = shared >= BELOW * np.maximum(narrower, 0.1 * min(heights))
    if are_several and not above.any():  # thin digits, such as 1s, may miss one another
        above |= _shared_width(tall_upper, tall_lower) >= BETWEEN
    gaps = (top - np.where(above, bottom, -np.inf).max(axis=0))[above.any(axis=0)]
    needed = GAP if are_several else DIGIT_GAP
    return bool(gaps.size) and float(np.median(gaps)) >= needed * min(heights)


def _shared_width(upper: Boxes, lower: Boxes) -> float:
    """Return the width that two rows share, as a share of the narrower one's."""
    spans = [(boxes[:, 0].min(), boxes[:, 2].max()) for boxes in (upper, lower)]
    left, right = max(left for left, _ in spans), min(right for _, right in spans)
    return float((right - left) / max(min(right - left for left, right in spans), 1e-9))


def _tall(boxes: Boxes) -> Boxes:
    """Return the boxes of strokes that are no mere bars."""
    heights = boxes[:, 3] - boxes[:, 1]
    tall: Boxes = boxes[heights >= TALL * heights.max()]
    return tall


def _are_several(tall: Boxes) -> bool:
    """Tell whether strokes are more than one digit: side by side, or wider than any."""
    ordered = tall[np.argsort(tall[:, 0])]
    side_by_side = ordered[1:, 0] > np.maximum.accumulate(ordered[:, 2])[:-1]
    width, height = tall[:, 2:].max(axis=0) - tall[:, :2].min(axis=0)
    return bool(side_by_side.any() or width > WIDE * height)
