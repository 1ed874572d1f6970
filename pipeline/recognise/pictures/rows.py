"""Which ink of a page is written in one row, and which is dirt."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pipeline.recognise.mnist_form import Mask, bounding_box
from pipeline.recognise.pictures.binarize import FoundInk
from pipeline.recognise.pictures.pieces import EVERY_SIDE
from pipeline.types import Floats

TALL = 0.4
"""Of the usual height: what is taller is a digit, or several; what is shorter, a part of one, or dirt."""
LEVEL = 0.4
"""Of the lower one's height: digits side by side are in one row if so much of their heights is shared."""
ABOVE, BELOW = 0.2, 2.2
"""Of the usual height: pieces above each other are of one digit if no more paper is between them, and if together they
are no taller than that: of a digit that is broken in two, the usual height is that of its halves."""
NEAR = 0.4
"""Of the usual height: how near to a digit its small parts are."""
SPECK = 0.01
"""Of the square of the usual height: a smaller piece is dirt."""
SOFT = 5
"""Pixels across the ink's edge and its surroundings, which are soft."""

Boxes = npt.NDArray[np.int64]


class Row(NamedTuple):
    """The ink of one row."""

    amount: Floats  # (height, width): from 0, paper, to 1, ink; cut out of the picture
    left: int  # where it is in the picture
    top: int
    slope: float  # rows of pixels by which its digits go down from one column to the next


def rows_of(ink: FoundInk) -> tuple[Row, ...]:
    """Return the rows of digits in a picture, from the top; none if all ink is dirt."""
    labels, count = ndimage.label(ink.mask, EVERY_SIDE)
    if count == 1:
        return (_cut_out(ink.amount, ink.mask, 0.0),)
    found = ndimage.find_objects(labels)
    boxes = np.array([[*(part.start for part in box), *(part.stop for part in box)] for box in found])
    areas = np.bincount(labels[ink.mask], minlength=count + 1)[1:]
    row_of = _numbered(boxes, areas)
    spread = ndimage.maximum_filter(labels, SOFT)
    owner = np.append(-1, row_of)[np.where(labels > 0, labels, spread)]
    found = [
        (boxes[row_of == row], _cut_out(np.where(owner == row, ink.amount, 0), ink.mask & (owner == row), 0.0))
        for row in range(row_of.max() + 1)
    ]
    found.sort(key=lambda each: float((each[0][:, 0] + each[0][:, 2]).mean()))
    return tuple(row._replace(slope=_slope(those)) for those, row in found)


def _numbered(boxes: Boxes, areas: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the number of the row that each piece is in; -1 for dirt."""
    heights = boxes[:, 2] - boxes[:, 0]
    usual = _weighted_median(heights, areas * heights)
    tall = np.flatnonzero(heights >= TALL * usual)
    leader = np.arange(len(boxes))
    for one in tall.tolist():
        for other in _neighbours(one, tall, boxes, usual):
            leader[leader == leader[other]] = leader[one]
    rest = np.setdiff1d(np.arange(len(boxes)), tall)
    for one in rest:
        apart = _distances(boxes[one], boxes[tall])
        nearest = int(apart.argmin())
        is_part = apart[nearest] <= NEAR * usual and areas[one] >= SPECK * usual**2
        leader[one] = leader[tall[nearest]] if is_part else -1
    return np.where(leader < 0, -1, np.searchsorted(np.unique(leader[leader >= 0]), leader))


def _neighbours(one: int, tall: npt.NDArray[np.int64], boxes: Boxes, usual: float) -> list[int]:
    """Return the next piece to the right of one in its row, and those that belong above or below it."""
    top, left, bottom, right = boxes[one]
    tops, lefts, bottoms, rights = boxes[tall].T
    shared = np.minimum(bottom, bottoms) - np.maximum(top, tops)
    level = (shared >= LEVEL * np.minimum(bottom - top, bottoms - tops)) & (lefts >= left) & (tall != one)
    aside = np.minimum(right, rights) - np.maximum(left, lefts) > np.minimum(right - left, rights - lefts) / 2
    both = np.maximum(bottom, bottoms) - np.minimum(top, tops)
    stacked = aside & (-shared <= ABOVE * usual) & (both <= BELOW * usual) & (tall != one)
    found: list[int] = tall[stacked].tolist()
    if level.any():
        found.append(int(tall[level][lefts[level].argmin()]))
    return found


def _distances(box: npt.NDArray[np.int64], others: Boxes) -> npt.NDArray[np.float64]:
    """Return how far boxes are from one, 0 where they touch or overlap."""
    down = np.maximum(others[:, 0] - box[2], box[0] - others[:, 2])
    across = np.maximum(others[:, 1] - box[3], box[1] - others[:, 3])
    return np.asarray(np.hypot(np.maximum(down, 0), np.maximum(across, 0)))


def _weighted_median(values: npt.NDArray[np.int64], weights: npt.NDArray[np.int64]) -> float:
    """Return the value below which half of the weight lies."""
    order = np.argsort(values, kind="stable")
    total = weights[order].cumsum()
    return float(values[order][int(np.searchsorted(total, total[-1] / 2))])


def _slope(boxes: Boxes) -> float:
    """Return by how much a row of pieces goes down from one column to the next; 0 for too few to tell."""
    heights, middles = boxes[:, 2] - boxes[:, 0], (boxes[:, 0] + boxes[:, 2]) / 2
    across = (boxes[:, 1] + boxes[:, 3]) / 2
    if len(boxes) < 3 or np.ptp(across) < 3 * heights.max():  # noqa: PLR2004 -- two may be of different heights
        return 0.0
    return float(np.polyfit(across, middles, 1, w=heights)[0])


def _cut_out(amount: Floats, mask: Mask, slope: float) -> Row:
    """Return the ink of a mask, with its soft edges."""
    rows, columns = bounding_box(mask)
    top, left = max(rows.start - 2, 0), max(columns.start - 2, 0)
    return Row(amount[top : rows.stop + 2, left : columns.stop + 2], left, top, slope)
