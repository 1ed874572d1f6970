"""What in a row of ink may be a digit: each part between two cuts, and several of them together.

More cuts are tried than there are digits; which of them hold is decided by what the network reads (`choose`).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.recognise.mnist_form import bounding_box
from pipeline.recognise.pictures.binarize import FoundInk
from pipeline.recognise.pictures.normalize import HALF, place
from pipeline.recognise.pictures.rows import Row
from pipeline.recognise.pictures.seams import FREE, seams_of
from pipeline.types import Bytes, Floats, ImageShape

ENOUGH = 48
"""Pixels of height to which rows are reduced at most: twice what the network sees."""
MOST = 7
"""Parts that are tried together as one digit."""
WIDEST, LEAST = 1.8, 0.3
"""Of the row's height: a digit is no wider, and its longer side is no shorter."""
NARROW = 0.55
"""Of the row's height: ink that hangs together and is narrower is one digit."""
MARGIN = 2


class Segment(NamedTuple):
    """What may be a digit."""

    start: int  # the first of its parts
    stop: int  # behind its last one
    box: tuple[float, float, float, float]  # left, top, right, bottom in the picture that was looked at
    width: float  # of its ink, as a share of the row's height
    height: float
    pixels: Bytes  # (d,): what the network is shown


class Cutting(NamedTuple):
    """A row of ink, cut."""

    segments: tuple[Segment, ...]  # by start, then stop
    # Of the cut before each part and of the one behind the last: ink that it crosses, as a share of the row's height.
    cuts: tuple[float, ...]
    inks: tuple[float, ...]  # of each part: how much ink it holds, in squares of the row's height


def cut(row: Row, shape: ImageShape) -> Cutting:
    """Return what in a row may be a digit, each as the network is to see it: an image of `shape` (height, width)."""
    reduced, factor = _reduced(row.amount)
    level, shifts = _levelled(reduced, row.slope)
    tall = _height(level)
    part_of, cuts = _parted(level, tall)
    segments = []
    for start, stop in _runs(len(cuts) - 1):
        chosen = (part_of >= start) & (part_of < stop)
        mask = chosen & (level > HALF)
        if not mask.any():
            continue
        rows, columns = bounding_box(mask)
        width, height = (columns.stop - columns.start) / tall, (rows.stop - rows.start) / tall
        if width <= WIDEST and max(width, height) >= LEAST:
            # Back into the picture that was looked at.
            down = row.top - (MARGIN + int(shifts[(columns.start + columns.stop) // 2])) * factor
            across = row.left - MARGIN * factor
            corners = columns.start, rows.start, columns.stop, rows.stop
            left, top, right, bottom = (float(at * factor) for at in corners)
            box = (left + across, top + down, right + across, bottom + down)
            near = slice(max(columns.start - MARGIN, 0), columns.stop + MARGIN)
            ink = FoundInk(np.where(chosen, level, 0)[:, near], mask[:, near])
            segments.append(Segment(start, stop, box, width, height, place(ink, shape).reshape(-1)))
    inks = np.bincount(part_of.ravel(), level.ravel(), len(cuts) - 1) / tall**2
    return Cutting(tuple(segments), cuts, tuple(inks.tolist()))


def _runs(parts: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the one behind the last of neighbouring parts, of all that may be one digit."""
    for start in range(parts):
        for stop in range(start + 1, min(start + MOST, parts) + 1):
            yield start, stop


def _reduced(amount: Floats) -> tuple[Floats, int]:
    """Return ink reduced to what is enough to see it, with a margin, and by what factor."""
    factor = max(len(amount) // ENOUGH, 1)
    padded = np.pad(amount, [(0, -side % factor) for side in amount.shape])
    blocks = padded.reshape(len(padded) // factor, factor, -1, factor)
    return np.asarray(np.pad(blocks.mean(axis=(1, 3), dtype=np.float32), MARGIN), np.float32), factor


def _levelled(amount: Floats, slope: float) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return ink sheared until its digits stand side by side, and by how many rows each column was moved down."""
    width = amount.shape[1]
    shifts = np.rint(-slope * (np.arange(width) - (width - 1) / 2)).astype(np.int64)
    room = int(np.abs(shifts).max())
    if not room:
        return amount, shifts
    padded = np.pad(amount, ((room, room), (0, 0)))
    rows = np.arange(len(padded))[:, np.newaxis] - shifts
    moved = np.asarray(np.take_along_axis(padded, rows % len(padded), axis=0), np.float32)
    inked, _ = bounding_box(moved > HALF)
    top = max(inked.start - MARGIN, 0)
    return moved[top : inked.stop + MARGIN], shifts + room - top


def _height(amount: Floats) -> int:
    """Return how many rows of pixels ink is high."""
    rows, _ = bounding_box(amount > HALF)
    return int(rows.stop - rows.start)


def _parted(amount: Floats, tall: int) -> tuple[npt.NDArray[np.int64], tuple[float, ...]]:
    """Return which part of a row each pixel is in, and what the cuts before, between and behind the parts cross."""
    seams = seams_of(amount)
    columns = np.arange(amount.shape[1]) + HALF
    part_of = np.zeros(amount.shape, np.int64)
    for seam in seams:
        part_of += columns >= seam.columns[:, np.newaxis]
    return part_of, (0.0, *(seam.ink / tall if seam.ink >= FREE else 0.0 for seam in seams), 0.0)
