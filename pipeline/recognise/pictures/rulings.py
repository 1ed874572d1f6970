"""Printed lines, which are no ink: the rulings and squares of paper, and the sides of a form's cells.

A line is straight and thin and leads from one side of the picture to another; a digit's strokes do not. It may be up to
`STEEPEST` out of true, as the sheet was when it was photographed.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.recognise.mnist_form import Mask

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

SMALL = 128
"""Pixels to which a picture is reduced to find its lines."""
STEEPEST = 0.2
"""Rows by which a line may rise or fall in a column: 11 degrees."""
SLOPES = 41
"""That are tried, so many that a line is never more than a pixel off."""
COVERED = 0.75
"""Of its length within the picture that is dark, in a line; where light falls on it, it fades."""
SHORTEST = 0.1
"""Of the picture's width: a line in a corner is short. One of them must be half as long as the picture is wide."""
FEWEST = 16
"""Pixels, after reducing, below which a picture is too narrow to tell a line that leads across it from a stroke."""
AT_THE_END = 0.03
"""Of the picture's width: so near to the side a line must be seen."""
THICKEST = 0.08
"""Of the picture's height: what is thicker is no line."""
HALF = 0.5


class Ruling(NamedTuple):
    """A straight line."""

    middle: float  # its row in the picture's middle column; it may lie outside
    slope: float  # rows per column


class Beside(NamedTuple):
    """The pixels near a line, straightened: (offsets, columns)."""

    rows: Places  # where they are in the picture
    there: Mask  # whether they are in the picture
    dark: Mask


def without_lines(mask: Mask, strips: Mask) -> Mask:
    """Return a mask without the lines that lead across it, level or upright.

    Mask and strips are (height, width): where it is dark, and where something else than the paper shows. Lines end at
    strips; what crosses a line stays.
    """
    rest = mask & ~_lines_in(mask, strips)
    # What crosses an upright line is no longer a level one.
    turned = np.ascontiguousarray(rest.T)
    return rest & ~_lines_in(turned, strips.T).T


def _lines_in(mask: Mask, strips: Mask) -> Mask:
    """Return the pixels of all level lines."""
    gone = np.zeros_like(mask)
    for line in level_lines(mask, strips):
        reach = max(round(THICKEST * len(mask)), 4)
        rows, columns = _own_pixels(_beside(mask, _refined(mask, line), reach), reach)
        gone[rows, columns] = True
    return gone


def level_lines(mask: Mask, strips: Mask) -> list[Ruling]:
    """Return the lines that lead across a mask from left to right, all about as steep as each other.

    For each slope the mask is sheared until such lines are level: then they are rows that are dark all along.
    """
    factor = _factor(mask)
    dark, paper = _pooled(mask, factor), ~_pooled(strips, factor)
    if dark.shape[1] < FEWEST or not _reaches_sides(dark, paper):
        return []
    dark[1:] |= dark[:-1]
    room = int(STEEPEST * dark.shape[1] / 2) + 1
    tried = [(slope, _shares(dark & paper, paper, slope, room)) for slope in np.linspace(-STEEPEST, STEEPEST, SLOPES)]
    width = dark.shape[1]
    slope, (share, length) = max(tried, key=lambda each: _evidence(each[1][0], each[1][1], width))
    if not _evidence(share, length, width):
        return []
    return [Ruling((rows.mean() - room) * factor, float(slope)) for rows in _runs(share >= COVERED)]


def _reaches_sides(dark: Mask, paper: Mask) -> bool:
    """Tell whether anything dark is so near to where the paper ends that a line may end there.

    Most pictures of ink have a margin, and need no search.
    """
    if not paper.all():
        return True
    across = max(round(AT_THE_END * dark.shape[1]), 1)
    down = math.ceil(STEEPEST * across) + 2
    return bool(dark[:, :across].any() or dark[:, -across:].any() or dark[:down].any() or dark[-down:].any())


def _evidence(share: Numbers, length: Places, width: int) -> float:
    """Return how much speaks for lines of a slope: those that are half as long as the picture is wide."""
    return float((np.maximum(share - COVERED, 0) ** 2)[length >= width * HALF].sum())


def _shares(dark: Mask, paper: Mask, slope: float, room: int) -> tuple[Numbers, Places]:
    """Return how much is dark of each line of a slope, 0 if it does not reach both sides, and how long each is.

    They are counted from `room` rows above the picture to as many below it.
    """
    rows, columns = dark.shape
    shift = np.rint(slope * (np.arange(columns) - (columns - 1) / 2)).astype(int)
    places = np.arange(-room, rows + room)[:, np.newaxis] + shift + 2 * room, np.arange(columns)
    outside = ((2 * room, 2 * room), (0, 0))
    hits, there = np.pad(dark, outside)[places], np.pad(paper, outside)[places]
    length = there.sum(axis=1)
    first, last = there.argmax(axis=1), columns - there[:, ::-1].argmax(axis=1)
    before = np.pad(hits.cumsum(axis=1), ((0, 0), (1, 0)))
    number, end = np.arange(len(before)), max(round(AT_THE_END * columns), 1)
    left = before[number, np.minimum(first + end, columns)] > before[number, first]
    right = before[number, last] > before[number, np.maximum(last - end, 0)]
    share = before[:, -1] / np.maximum(length, 1)
    return np.where((length >= SHORTEST * columns) & left & right, share, 0), length


def _refined(mask: Mask, line: Ruling) -> Ruling:
    """Return a line that goes through the middles of what is dark and thin along it."""
    at = np.arange(mask.shape[1]) - (mask.shape[1] - 1) / 2
    rows, _, dark = _beside(mask, line, 2 * _factor(mask) + 2)
    thickness = dark.sum(axis=0)
    thin = (thickness > 0) & ~dark.all(axis=0)
    if thin.sum() < SHORTEST * thin.size:
        return line
    middles = (rows * dark).sum(axis=0)[thin] / thickness[thin]
    slope, middle = np.polyfit(at[thin], middles, 1)
    return Ruling(float(middle), float(slope))


def _own_pixels(beside: Beside, reach: int) -> tuple[Places, Places]:
    """Return rows and columns of the pixels of a line; none, if it is too thick for one."""
    share = beside.dark.sum(axis=1) / np.maximum(beside.there.sum(axis=1), 1)
    core = slice(reach - 2, reach + 3)
    peak = core.start + int(share[core].argmax())
    run = next((run for run in _runs(share >= HALF) if peak in run), np.arange(peak, peak + 1))
    if len(run) > reach:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    # Soft edges belong to it; where it is dark beyond them, something crosses.
    low, high = max(int(run[0]) - 1, 0), min(int(run[-1]) + 2, len(share))
    crossed = beside.dark[max(low - 2, 0) : low].any(axis=0) | beside.dark[high : high + 2].any(axis=0)
    own, columns = np.nonzero(beside.there[low:high] & ~crossed)
    return beside.rows[low + own, columns], columns


def _beside(mask: Mask, line: Ruling, reach: int) -> Beside:
    """Return the pixels of a mask that lie up to `reach` above and below a line."""
    height, width = mask.shape
    along = np.rint(line.middle + line.slope * (np.arange(width) - (width - 1) / 2)).astype(np.intp)
    rows = along + np.arange(-reach, reach + 1)[:, np.newaxis]
    there = (rows >= 0) & (rows < height)
    return Beside(rows, there, mask[rows.clip(0, height - 1), np.arange(width)] & there)


def _factor(mask: Mask) -> int:
    """Return by how much a mask is reduced to find its lines."""
    return -(-int(max(mask.shape)) // SMALL)


def _runs(chosen: Mask) -> Iterator[Places]:
    """Yield the numbers of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    for first, stop in edges.reshape(-1, 2):
        yield np.arange(first, stop)


def _pooled(mask: Mask, factor: int) -> Mask:
    """Return a mask reduced by a factor, where any of its pixels is True."""
    for axis, side in enumerate(mask.shape):
        mask = np.logical_or.reduceat(mask, np.arange(0, side, factor), axis)
    return mask
