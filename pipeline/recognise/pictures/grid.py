"""The cells of a sudoku or of a form: found by their printed lines, whatever is written in them."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pipeline.recognise.mnist_form import Mask, bounding_box
from pipeline.recognise.pictures.binarize import FoundInk, full_contrast, standing_out
from pipeline.recognise.pictures.pieces import EVERY_SIDE, around
from pipeline.types import Floats

STEEPEST, TRIED = 8.0, 65
"""Degrees by which the sheet may be turned, either way, and how many angles are tried."""
LONG = 0.5
"""Of the grid's side: a line is at least so long."""
NEAR = 0.35
"""Of the usual distance of lines: nearer ones are the two edges of one, or one drawn double."""
INSET = 0.08
"""Of a cell's side: so near to its lines nothing is looked at but what reaches further in."""
LOW, FAINT = 0.25, 0.004
"""Of a cell: what is no higher or longer, or covers less of it, is dirt."""
THIN = 0.06
"""Of a cell: a long piece at its side that is thinner is what was left of a line."""
LEAST_LINES = 2
SAMPLED = 20_000  # places of the grid by which it is told how far it is turned
HALF = 0.5

Numbers = npt.NDArray[np.float64]


class Cell(NamedTuple):
    """A cell in which something is written."""

    ink: FoundInk
    box: tuple[float, float, float, float]  # of the ink: left, top, right, bottom in the picture that was looked at


Cells = tuple[tuple[Cell | None, ...], ...]
"""Row by row from the top, each from the left; None for an empty one."""


class Upright(NamedTuple):
    """How a picture was turned until its lines were level."""

    turn: Numbers  # (2, 2): from an offset (rows, columns) in the upright picture to one in the picture
    middle: Numbers  # (2,): of the upright picture
    centre: Numbers  # (2,): the same place in the picture


def cells_of(grey: Floats) -> Cells | None:
    """Return the cells of the largest grid in a picture (height, width), from 0, black, to 255; None if there is none.

    The grid may be turned by up to `STEEPEST` degrees.
    """
    seen = standing_out(grey) if min(grey.shape) > 1 else None
    if seen is None:
        return None
    pieces, _ = ndimage.label(seen.candidates, EVERY_SIDE)
    spans = [np.prod([part.stop - part.start for part in box]) for box in ndimage.find_objects(pieces)]
    frame = pieces == int(np.argmax(spans)) + 1
    upright, shape = _upright(frame)
    frame, dark = (_turned(each.astype(np.float32), upright, shape) > HALF for each in (frame, seen.candidates))
    across, down = _lines(frame), _lines(frame.T)
    if min(len(across), len(down)) < LEAST_LINES:
        return None
    contrast = _turned(seen.contrast, upright, shape)
    return tuple(
        tuple(_cell(contrast, dark, (top, bottom), (left, right), upright) for left, right in pairwise(down))
        for top, bottom in pairwise(across)
    )


def _upright(frame: Mask) -> tuple[Upright, tuple[int, int]]:
    """Return how to turn a picture until the lines of a grid are level, and the shape that it has then."""
    places = np.argwhere(frame)[:: max(int(frame.sum()) // SAMPLED, 1)]

    def levelness(angle: float) -> float:
        rows = places @ np.array([np.cos(angle), -np.sin(angle)])
        return float((np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64) ** 2).sum())

    angle = max(
        np.radians(np.linspace(-STEEPEST, STEEPEST, TRIED)).tolist(), key=lambda each: (levelness(each), -abs(each))
    )
    cos, sin = np.cos(angle), np.sin(angle)
    height, width = frame.shape
    shape = int(np.ceil(height * cos + width * abs(sin))), int(np.ceil(width * cos + height * abs(sin)))
    turn = np.array([[cos, sin], [-sin, cos]])
    return Upright(turn, np.array(shape) / 2 - HALF, np.array(frame.shape) / 2 - HALF), shape


def _turned(picture: Floats, upright: Upright, shape: tuple[int, int]) -> Floats:
    """Return a picture turned upright."""
    offset = upright.centre - upright.turn @ upright.middle
    return np.asarray(ndimage.affine_transform(picture, upright.turn, offset, shape, order=1), np.float32)


def _lines(frame: Mask) -> list[int]:
    """Return the rows of the level lines of a grid."""
    _, columns = bounding_box(frame)
    lengths = ndimage.binary_dilation(frame, np.ones((5, 1))).sum(axis=1)
    runs, count = ndimage.label(lengths >= LONG * (columns.stop - columns.start))
    middles = [float(at) for (at,) in ndimage.center_of_mass(runs > 0, runs, range(1, count + 1))]
    usual = float(np.median(np.diff(middles))) if count > 1 else 0.0
    found: list[float] = []
    for middle in middles:
        if found and middle - found[-1] < NEAR * usual:
            found[-1] = (found[-1] + middle) / 2
        else:
            found.append(middle)
    return [round(middle) for middle in found]


def _cell(
    contrast: Floats, dark: Mask, rows: tuple[int, int], columns: tuple[int, int], upright: Upright
) -> Cell | None:
    """Return what is written in a cell between two lines and two others, of a picture turned upright."""
    side = min(rows[1] - rows[0], columns[1] - columns[0])
    inset = round(INSET * side) + 1
    inside = slice(rows[0] + inset, rows[1] - inset + 1), slice(columns[0] + inset, columns[1] - inset + 1)
    written = _written(dark[inside], side)
    if written is None:
        return None
    full = full_contrast(contrast[inside][written])
    mask = written & (contrast[inside] > full / 2)
    near = ndimage.binary_dilation(written, iterations=2)
    amount = np.where(near, np.clip(contrast[inside] / full, 0, 1), 0).astype(np.float32)
    rows_of_ink, columns_of_ink = bounding_box(mask)
    top, left = inside[0].start + rows_of_ink.start, inside[1].start + columns_of_ink.start
    bottom, right = inside[0].start + rows_of_ink.stop, inside[1].start + columns_of_ink.stop
    return Cell(FoundInk(amount, mask), _box_of(((top, left), (top, right), (bottom, left), (bottom, right)), upright))


def _box_of(corners: tuple[tuple[int, int], ...], upright: Upright) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom, in the picture, of what lies between corners of the upright one."""
    places = (np.array(corners) - HALF - upright.middle) @ upright.turn.T + upright.centre + HALF
    (top, left), (bottom, right) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return left, top, right, bottom


def _written(dark: Mask, side: int) -> Mask | None:
    """Return the ink in the inner part of a cell; None if there is nothing but dirt and what the lines leave over."""
    pieces, _ = ndimage.label(dark, EVERY_SIDE)
    areas = np.bincount(pieces.ravel())
    for number, (rows, columns) in enumerate(ndimage.find_objects(pieces), 1):
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        at_side = rows.start == 0 or columns.start == 0 or rows.stop == dark.shape[0] or columns.stop == dark.shape[1]
        if max(tall, wide) < LOW * side or (
            at_side and min(tall, wide) < THIN * side and max(tall, wide) > HALF * side
        ):
            areas[number] = 0
    areas[0] = 0
    if areas.max() < max(FAINT * side**2, 1):
        return None
    return np.asarray(around(dark & (pieces != 0), pieces == int(areas.argmax())))
