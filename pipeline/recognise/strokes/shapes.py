"""How much a group of pieces looks like one digit, and two groups like neighbours, as numbers that can be weighed.

Lengths are shares of the height of the row.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.recognise.strokes.pieces import Piece, clearance_of, distance_of, joined, overlap_of

LOW = 0.6
"""Ink that is higher is as high as digits are."""
BOWED = 6
"""Slices that two pieces share at least where they are said to bow."""


class GroupShape(NamedTuple):
    """What speaks for and against a group being one digit; of the group divided in two where that is easiest."""

    low: float  # by how much it is lower than most digits
    wide: float  # by how much it is wider than high, as a share of its height
    loose: float  # the longest way between its pieces that the pen went through the air
    several: float = 0.0  # 1 where there are several strokes
    # The gap between the two halves, or, below 0, how much they cross; 0, as all that follow, for a single piece.
    apart: float = 0.0
    shared: float = 0.0  # how much of their width they share
    both_tall: float = 0.0  # the gap times the lower one's height
    uneven: float = 0.0  # how much deeper one reaches than the other
    bowed: float = 0.0  # how much nearer their upper and lower ends are than their middles, as in a 0 of two bows


class PairShape(NamedTuple):
    """What speaks against two groups being neighbours."""

    crossing: float  # how much their ink crosses
    shared: float  # how much of their width they share, beyond a little
    mingled: float  # 1 where one was begun, then the other, then the first one was gone on with
    cut: float  # 1 where a stroke is cut between them
    uneven_bottoms: float  # how much deeper one of them reaches than the other, beyond a little
    uneven_tops: float  # likewise how much higher


def shape_of(pieces: Sequence[Piece]) -> GroupShape:
    """Return the shape of a group, one piece at least."""
    whole = joined(pieces)
    height = max(whole.height, 0.05)
    alone = GroupShape(max(0.0, LOW - whole.height), max(0.0, whole.width / height - 1), _looseness(pieces))
    if len(pieces) == 1:
        return alone
    ordered = sorted(pieces, key=lambda piece: piece.middle)
    halves = [(joined(ordered[:i]), joined(ordered[i:])) for i in range(1, len(ordered))]
    left, right = max(halves, key=lambda pair: _gap(*pair))
    gap, lower = max(-0.4, min(_gap(left, right), 0.2)), min(left.height, right.height)
    return alone._replace(
        several=float(len({span.stroke for span in whole.spans}) > 1),
        apart=gap,
        shared=max(-0.1, min(overlap_of(left, right), 0.4)),
        both_tall=gap * lower,
        uneven=min(abs(left.box[3] - right.box[3]), 0.6),
        bowed=_bow(left, right),
    )


def pair_of(one: Piece, other: Piece) -> PairShape:
    """Return how two groups stand side by side, each of them joined."""
    left, right = sorted((one, other), key=lambda piece: piece.middle)
    strokes, others = [span.stroke for span in left.spans], [span.stroke for span in right.spans]
    in_turn = strokes[-1] <= others[0] or others[-1] <= strokes[0]
    return PairShape(
        crossing=max(0.0, min(-clearance_of(left, right), 0.5)),
        shared=max(0.0, overlap_of(left, right) - 0.1),
        mingled=float(not in_turn),
        cut=float(bool(set(strokes) & set(others))),
        uneven_bottoms=min(max(0.0, abs(left.box[3] - right.box[3]) - 0.1), 0.6),
        uneven_tops=min(max(0.0, abs(left.box[1] - right.box[1]) - 0.2), 0.6),
    )


def _looseness(pieces: Sequence[Piece]) -> float:
    """Return the longest of the shortest lines that would tie all pieces together (a minimal spanning tree's)."""
    first, *rest = pieces
    away = {i: distance_of(first, piece) for i, piece in enumerate(rest)}
    longest = 0.0
    while away:
        nearest = min(away, key=lambda i: away[i])
        longest = max(longest, away.pop(nearest))
        away = {i: min(far, distance_of(rest[nearest], rest[i])) for i, far in away.items()}
    return longest


def _gap(left: Piece, right: Piece) -> float:
    """Return how far two halves are apart, both on the same level and in all."""
    clearance, gap = clearance_of(left, right), -overlap_of(left, right)
    return gap if clearance == np.inf else min(clearance, max(gap, 0.0) + 0.1)


def _bow(left: Piece, right: Piece) -> float:
    """Return by how much two pieces are nearer at both ends than in the middle, on the levels that they share."""
    gaps = right.begins - left.ends
    gaps = gaps[np.isfinite(gaps)]
    if len(gaps) < BOWED:
        return 0.0
    third = len(gaps) // 3
    ends = max(gaps[:third].min(), gaps[-third:].min())
    return float(np.clip(gaps[third:-third].min() - ends, -0.3, 0.3))
