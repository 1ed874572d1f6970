"""Pieces of ink that no digit divides: strokes, or parts of strokes, with what is asked of their shape again and again.

Lengths are shares of the height of the row that the pieces stand in, whose top is at 0.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.recognise.strokes.curves import Points
from pipeline.recognise.strokes.segment import Span, joined as joined_spans

Array: TypeAlias = npt.NDArray[np.float64]

SPACING = 0.04
"""Between two points of a line by which distances are measured: a third of a pen."""
MOST_POINTS = 400
"""Points of a line: what is longer is no digit, and may be measured with larger steps."""
SLICES = 40
"""Level slices in which ink is followed: of half a pen each, they reach down to twice a row's height."""
SLICE = 0.05


class Piece(NamedTuple):
    """Ink that belongs together."""

    spans: tuple[Span, ...]  # in the order of the strokes
    line: Points  # (k, 2): points of all its strokes, no two neighbours in a stroke further apart than `SPACING`
    box: tuple[float, float, float, float]  # left, top, right, bottom of them
    # (SLICES,) each: where the ink of each slice begins and ends; infinity and minus infinity in those without.
    begins: Array
    ends: Array

    @property
    def height(self) -> float:
        """How high its box is."""
        return self.box[3] - self.box[1]

    @property
    def width(self) -> float:
        """How wide its box is."""
        return self.box[2] - self.box[0]

    @property
    def middle(self) -> float:
        """Where the middle of its box is, from the left."""
        return (self.box[0] + self.box[2]) / 2


def piece_of(span: Span, points: Points) -> Piece:
    """Return the piece that a part of a stroke is, given all its points, (n, 2), n at least 1."""
    line, _ = evenly(points[span.start : span.stop])
    begins, ends = np.full(SLICES, np.inf), np.full(SLICES, -np.inf)
    slices = (line[:, 1] / SLICE).astype(np.intp).clip(0, SLICES - 1)
    np.minimum.at(begins, slices, line[:, 0])
    np.maximum.at(ends, slices, line[:, 0])
    (left, top), (right, bottom) = line.min(axis=0).tolist(), line.max(axis=0).tolist()
    return Piece((span,), line, (left, top, right, bottom), begins, ends)


def evenly(points: Points) -> tuple[Points, Array]:
    """Return points on the line through others, evenly spaced, and how many of the others lie before each.

    The latter is a fraction between two of them: 2.5 is halfway from the third to the fourth.
    """
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
    wanted = np.linspace(0, along[-1], min(int(along[-1] / SPACING), MOST_POINTS) + 2)
    line = np.column_stack([np.interp(wanted, along, points[:, axis]) for axis in (0, 1)])
    return line, np.interp(wanted, along, np.arange(len(points)))


def joined(pieces: Sequence[Piece]) -> Piece:
    """Return pieces, one at least, as one."""
    if len(pieces) == 1:
        return pieces[0]
    lefts, tops, rights, bottoms = zip(*(piece.box for piece in pieces), strict=True)
    return Piece(
        joined_spans(span for piece in pieces for span in piece.spans),
        np.concatenate([piece.line for piece in pieces]),
        (min(lefts), min(tops), max(rights), max(bottoms)),
        np.minimum.reduce([piece.begins for piece in pieces]),
        np.maximum.reduce([piece.ends for piece in pieces]),
    )


def overlap_of(one: Piece, other: Piece) -> float:
    """Return how much of their width the boxes of two pieces share; below 0, it is the gap between them."""
    return min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])


def clearance_of(left: Piece, right: Piece) -> float:
    """Return how far one piece may be moved to the left until it meets another on some level; below 0 if it has.

    Infinity if no slice holds ink of both.
    """
    return float((right.begins - left.ends).min())


def distance_of(one: Piece, other: Piece) -> float:
    """Return how far the ink of two pieces is apart, within half of `SPACING`."""
    dx, dy = (one.line[:, np.newaxis, axis] - other.line[np.newaxis, :, axis] for axis in (0, 1))
    return float(np.sqrt((dx * dx + dy * dy).min()))
