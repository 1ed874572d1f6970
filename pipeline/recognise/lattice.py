"""Of all ways to divide a cluster of ink into digits, the one that reads best.

Each way is a path through the candidates. What a path is worth is a weighted sum: over its groups, of how probable a
network finds its answer and of how much the ink looks like one digit; and over neighbours, of how much they look like
two. Given the weights, the best path is found by dynamic programming.

The weights make the right path as probable as possible among all paths, with the exponential of its worth as its
odds: a conditional random field over segments (Sarawagi and Cohen, 2004). They were fitted on numbers made of digits
that one half of the writers had drawn (`python -m tests.fit_numbers`).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.recognise.strokes.candidates import Cluster
from pipeline.recognise.strokes.pieces import Piece, clearance_of, joined, overlap_of
from pipeline.recognise.strokes.shapes import GroupShape, PairShape, pair_of, shape_of

LINES = {"1"}
CROSSING, TOUCHING = -0.08, 0.03
"""Clearance between digits, as a share of the row's height, below which they lie across each other, or touch."""
ABOVE, PEN = 0.8, 0.1
"""Share of the narrower digit's width, pen included, from which it is above or below the other one, not beside it."""
FLOOR = 1e-3
"""Probabilities below are taken for it: how unlikely the unlikely is doesn't matter."""
USUAL = {"4": 2, "5": 2, "7": 2}
"""Strokes in which a digit is mostly written; the others take one."""


class Weights(NamedTuple):
    """What each of the numbers that speak for or against a path is worth."""

    digit: float  # of each group, whatever it looks like
    reads: float  # of the logarithm of its answer's probability
    strokes: float  # of each stroke beyond what is usual for the answer
    shape: GroupShape
    pair: PairShape


WEIGHTS = Weights(
    digit=-0.12, reads=1.99, strokes=-2.87,
    shape=GroupShape(
        low=-4.61, wide=-3.01, loose=-0.70, several=-1.50, apart=-2.30, shared=3.15, both_tall=-0.06, uneven=1.37,
        bowed=0.34,
    ),
    pair=PairShape(crossing=-3.45, shared=-2.57, mingled=-3.02, cut=-2.24, uneven_bottoms=-6.34, uneven_tops=-0.59),
)  # fmt: skip


def best_groups(
    cluster: Cluster,
    probabilities: npt.NDArray[np.float64],
    names: Sequence[str],
    weights: Weights = WEIGHTS,
) -> tuple[int, ...]:
    """Return which of a cluster's groups are its digits, from left to right: positions in `cluster.groups`.

    Parameters
    ----------
    cluster : Cluster
    probabilities : (groups, classes) float64
        That the ink of each group is a digit and of that class: rows sum to 1, or to less where it may be no digit.
    names : sequence of str
        Of the classes.
    weights : Weights
    """
    if len(cluster.groups) == 1:
        return (0,)
    numbers = {group: number for number, group in enumerate(cluster.groups)}
    wholes = [joined([cluster.pieces[i] for i in group]) for group in cluster.groups]
    worths = [
        _worth_of(whole, shape_of([cluster.pieces[i] for i in group]), row, names, weights)
        for group, whole, row in zip(cluster.groups, wholes, probabilities, strict=True)
    ]
    paths = [_best_path(order, numbers, wholes, worths, weights.pair) for order in cluster.orders]
    _, path = max(paths, key=lambda found: found[0])
    return tuple(sorted(path, key=lambda number: wholes[number].middle))


def looks_like_a_sign(cluster: Cluster, chosen: Sequence[int], answers: Sequence[str]) -> bool:
    """Tell whether digits may as well be the strokes of a letter, or parts of one stroke: an X is no 11.

    They may, if some lie across or above each other, are of one stroke, or touch while most of them are mere lines.
    Parameters are the digits' positions in `cluster.groups`, from left to right, and what they are read as.
    """
    wholes = [joined([cluster.pieces[i] for i in cluster.groups[group]]) for group in chosen]
    lines = sum(answer in LINES for answer in answers)
    return any(_are_entangled(*pair, TOUCHING if 2 * lines > len(answers) else CROSSING) for pair in pairwise(wholes))


def _are_entangled(left: Piece, right: Piece, clearance: float) -> bool:
    """Tell whether two digits are closer than that, above each other, or parts of one stroke."""
    strokes = [{span.stroke for span in piece.spans} for piece in (left, right)]
    above = overlap_of(left, right) + PEN > ABOVE * (min(left.width, right.width) + PEN)
    return bool(strokes[0] & strokes[1]) or above or clearance_of(left, right) < clearance


def features_of(whole: Piece, row: npt.NDArray[np.float64], names: Sequence[str]) -> tuple[float, float, float]:
    """Return what the weights `digit`, `reads` and `strokes` are multiplied by."""
    answer = int(row.argmax())
    count = len({span.stroke for span in whole.spans})
    return 1.0, float(np.log(max(row[answer], FLOOR))), float(max(0, count - USUAL.get(names[answer], 1)))


def _worth_of(
    whole: Piece, shape: GroupShape, row: npt.NDArray[np.float64], names: Sequence[str], weights: Weights
) -> float:
    """Return what a group is worth to a path."""
    features = (*features_of(whole, row, names), *shape)
    return _sum(features, (weights.digit, weights.reads, weights.strokes, *weights.shape))


def _best_path(
    order: Sequence[int], numbers: dict[tuple[int, ...], int], wholes: Sequence[Piece], worths: Sequence[float],
    weights: PairShape,
) -> tuple[float, tuple[int, ...]]:  # fmt: skip
    """Return the best path through the groups of neighbours in an order, and what it is worth.

    A path is known by its last group: what comes before matters to that alone.
    """
    ending = [list[tuple[float, tuple[int, ...]]]() for _ in range(len(order) + 1)]  # the best paths up to each piece
    ending[0].append((0.0, ()))
    for end in range(1, len(order) + 1):
        for start in range(end):
            group = numbers.get(tuple(sorted(order[start:end])))
            if group is not None:
                ways = [
                    (worth + worths[group] + _pair(path, group, wholes, weights), (*path, group))
                    for worth, path in ending[start]
                ]
                ending[end].append(max(ways, key=lambda way: way[0]))
    return max(ending[-1], key=lambda way: way[0])


def _pair(path: Sequence[int], group: int, wholes: Sequence[Piece], weights: PairShape) -> float:
    """Return what it is worth that a group follows a path."""
    return _sum(pair_of(wholes[path[-1]], wholes[group]), weights) if path else 0.0


def _sum(features: Sequence[float], weights: Sequence[float]) -> float:
    """Return a weighted sum."""
    return sum(feature * weight for feature, weight in zip(features, weights, strict=True))
