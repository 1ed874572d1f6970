"""Which ink of a row may be a digit: more groups of pieces than there are digits, for a network to choose from.

Where the ink leaves no doubt there is one choice only: what is far apart is two digits, what lies across is one.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.recognise.strokes.curves import Points
from pipeline.recognise.strokes.cuts import parts_of
from pipeline.recognise.strokes.pieces import Piece, clearance_of, joined, overlap_of, piece_of
from pipeline.recognise.strokes.rasterize import gather
from pipeline.recognise.strokes.rows import boxes_of, height_of, rows_of
from pipeline.recognise.strokes.segment import Span, joined as joined_spans
from pipeline.types import Drawing

CLEAR = 0.2
"""Gap between boxes, as a share of the row's height, from which strokes are never of one digit: a bar of a 5 or the
stem of a 4 may be 0.15 away."""
SHARED = 0.3
"""Width that the boxes of two strokes share, likewise, from which they are always of one digit, if they also lie across
each other by `ACROSS`: boxes of slanted digits overlap, too."""
ACROSS = 0.15
WIDEST = 1.7
"""Width from which several strokes are never one digit, likewise."""
MOST_PIECES = 10
"""Of a cluster; one of more is divided at its widest gap, so that no scribble takes long."""
MOST_NEAR = 60
"""Pieces near one another; more of them are no number, and are read as one digit."""


class Cluster(NamedTuple):
    """Pieces that may or may not be of one digit, and ways to group them."""

    pieces: tuple[Piece, ...]
    orders: tuple[tuple[int, ...], ...]  # in which those of one digit follow one another: from the left, or in time
    groups: tuple[tuple[int, ...], ...]  # which pieces may be a digit: their positions, in order

    def spans_of(self, group: int) -> tuple[Span, ...]:
        """Return the ink of a group."""
        return joined_spans(span for piece in self.groups[group] for span in self.pieces[piece].spans)


def candidates_in(drawing: Drawing) -> list[list[Cluster]]:
    """Return the clusters of each row of a drawing, rows from above, clusters from the left; nothing where no ink is.

    Raises DataError as `pipeline.recognise.strokes.rasterize.render` does.
    """
    points, owner = gather(drawing)
    if not len(points):
        return []
    boxes, numbers = boxes_of(points, owner), np.unique(owner)
    strokes = np.split(points, np.flatnonzero(np.diff(owner)) + 1)
    found = list[list[Cluster]]()
    for row in rows_of(boxes):
        top, height = boxes[row, 1].min(), height_of(boxes[row]) or 1.0
        found.append(clusters_in([(int(numbers[i]), (strokes[i] - [0, top]) / height) for i in row]))
    return found


def clusters_in(strokes: Sequence[tuple[int, Points]]) -> list[Cluster]:
    """Return the clusters of a row, from left to right.

    Parameters
    ----------
    strokes : sequence of int and (n, 2) float64
        The positions of the strokes in the drawing, one at least, and their points, one at least each, in shares of the
        row's height from its top.
    """
    pieces = [piece_of(span, points) for number, points in strokes for span in parts_of(number, points)]
    return [_cluster(part) for near in _apart(pieces) for part in _divided(_one_where_across(near))]


def _one_where_across(pieces: list[Piece]) -> list[Piece]:
    """Return pieces with those as one that are always of one digit."""
    if len(pieces) > MOST_NEAR:
        return [joined(pieces)]
    found = list[Piece]()
    for piece in pieces:
        mates = [other for other in found if _are_one(other, piece)]
        found = [other for other in found if all(other is not mate for mate in mates)]
        found.append(joined([*mates, piece]))
    return found


def _are_one(one: Piece, other: Piece) -> bool:
    """Tell whether two pieces are always of one digit; parts of one stroke, which was cut for a reason, are not."""
    if {span.stroke for span in one.spans} & {span.stroke for span in other.spans}:
        return False
    left, right = sorted((one, other), key=lambda piece: piece.middle)
    clearance, overlap = clearance_of(left, right), overlap_of(left, right)
    return overlap > SHARED and (clearance < -ACROSS or clearance == np.inf)


def _apart(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield pieces, parts of strokes each, that are near one another or of one stroke, from left to right."""
    ends = dict[int, float]()
    for piece in pieces:
        stroke = piece.spans[0].stroke
        ends[stroke] = max(piece.box[2], ends.get(stroke, piece.box[2]))
    near, right = list[Piece](), 0.0
    for piece in sorted(pieces, key=lambda piece: piece.box):
        if near and piece.box[0] > right + CLEAR:
            yield near
            near = []
        end = ends[piece.spans[0].stroke]
        right = max(right, end) if near else end
        near.append(piece)
    yield near


def _divided(pieces: Sequence[Piece]) -> list[Sequence[Piece]]:
    """Return pieces, divided where the gap is widest until there are few in each part."""
    if len(pieces) <= MOST_PIECES:
        return [pieces]
    pieces = sorted(pieces, key=lambda piece: piece.middle)
    right = np.maximum.accumulate([piece.box[2] for piece in pieces])[:-1]
    left = np.minimum.accumulate([piece.box[0] for piece in pieces][::-1])[::-1][1:]
    at = int((left - right).argmax()) + 1
    return [*_divided(pieces[:at]), *_divided(pieces[at:])]


def _cluster(pieces: Sequence[Piece]) -> Cluster:
    """Return pieces with the ways to group them."""
    from_left = tuple(sorted(range(len(pieces)), key=lambda i: pieces[i].middle))
    in_time = tuple(sorted(range(len(pieces)), key=lambda i: pieces[i].spans))
    orders = tuple(dict.fromkeys((from_left, in_time)))
    return Cluster(tuple(pieces), orders, tuple(dict.fromkeys(run for each in orders for run in _runs(each, pieces))))


def _runs(order: Sequence[int], pieces: Sequence[Piece]) -> Iterator[tuple[int, ...]]:
    """Yield neighbours that may be a digit together."""
    for first in range(len(order)):
        for end in range(first + 1, len(order) + 1):
            run = order[first:end]
            width = max(pieces[i].box[2] for i in run) - min(pieces[i].box[0] for i in run)
            if len(run) == 1 or width <= WIDEST:
                yield tuple(sorted(run))
