"""Which cuts of a row hold: those between which the network reads digits, and the ink is of a digit's shape."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.recognise.pictures.segments import Cutting, Segment

# The costs below read most of 300 numbers of UJI's and MNIST's digits, apart and touching, and of 900 digits alone.

WIDE, WIDTH_COST = 0.75, 6.9
"""Width by height from which a digit is rather two; and how much against it each further height of width counts."""
LOW, LOW_COST = 0.76, 1.35
"""Of the row's height: what is lower is rather a part of a digit."""
CUT_COST, INK_COST = 1.8, 3.7
"""How much counts against a cut through ink, and how much more for each height of the row that it crosses."""
GAP_COST = 0.3
"""How much counts against each gap within a digit."""
PASSED, PASSED_INK = 2.0, 40.0
"""What it costs to pass over a part as dirt, and how much more for each square of the row's height that is inked."""
HALF = 0.5
LEAST = 1e-3
"""Probability below which nothing is held for less probable: what looks least like a digit is still no dirt."""

Answers = npt.NDArray[np.float64]


class Step(NamedTuple):
    """A way from one cut to a later one."""

    start: int
    stop: int
    cost: float
    segment: int | None  # the number of the digit that it reads; None where it passes over dirt


def choose(cutting: Cutting, answers: Answers, scores: Answers | None = None) -> tuple[int, ...]:
    """Return the numbers of a row's segments that are its digits, from left to right, given the answers for all.

    They are the path from the row's first part to its last along which the network is surest and least speaks against
    cuts and shapes: what each digit costs is the negative logarithm of its probability, and of its score. Answers are
    (n, classes); scores, (n,), tell how probable it is that a segment is a digit at all.
    """
    sure = answers.max(axis=1, initial=LEAST) * (1.0 if scores is None else np.maximum(scores, LEAST))
    priced = [
        (each, -math.log(max(share, LEAST)) + _against(each, cutting.cuts))
        for share, each in zip(sure.tolist(), cutting.segments, strict=True)
    ]
    steps = [Step(each.start, each.stop, cost, i) for i, (each, cost) in enumerate(priced)]
    steps += [Step(i, i + 1, PASSED + PASSED_INK * ink, None) for i, ink in enumerate(cutting.inks)]
    return _cheapest(steps, len(cutting.inks))


def _against(segment: Segment, cuts: tuple[float, ...]) -> float:
    """Return what counts against a segment's being a digit, by its shape and by the cuts at its end and within it."""
    wide = WIDTH_COST * max(segment.width / max(segment.height, HALF) - WIDE, 0)
    low = LOW_COST * max(LOW - segment.height, 0)
    crossed = cuts[segment.stop]
    ended = CUT_COST + INK_COST * crossed if crossed else 0.0
    return wide + low + ended + GAP_COST * cuts[segment.start + 1 : segment.stop].count(0)


def _cheapest(steps: list[Step], last: int) -> tuple[int, ...]:
    """Return the digits along the cheapest way from 0 to `last`."""
    best, before = [0.0, *[math.inf] * last], dict[int, Step]()
    for step in sorted(steps, key=lambda step: step.start):
        cost = best[step.start] + step.cost
        if cost < best[step.stop]:
            best[step.stop], before[step.stop] = cost, step
    path = list[int]()
    while last:
        step = before[last]
        path += [] if step.segment is None else [step.segment]
        last = step.start
    return tuple(reversed(path))
