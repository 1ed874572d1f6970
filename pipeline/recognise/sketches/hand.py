"""The hand: what makes a drawing of lines, as one person writes slanted, another wide, and nobody steadily."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.recognise.sketches.outlines import Lines
from pipeline.recognise.strokes.curves import Points
from pipeline.types import Drawing

SHAKE = 0.004
"""What a hand goes astray from one point to the next, as a standard deviation."""
SIZE = 200
"""Height of a drawing, in the unit of its points."""


class Hand(NamedTuple):
    """From what ranges a hand is drawn."""

    slant: tuple[float, float]  # how far to the right what is one higher lies
    width: tuple[float, float]  # beside the height
    turn: float  # by how much a drawing lies askew, either way, in radians
    warp: float  # how much one part of a drawing is larger than another, as a standard deviation


DIGITS = Hand((-0.25, 0.4), (0.65, 1.45), 0.08, 0.06)
OTHERS = Hand((-0.25, 0.45), (0.65, 1.6), 0.15, 0.12)
"""What is no digit may look like anything that is none: so its hands vary more."""


def written(lines: Sequence[Points], random: np.random.Generator, hand: Hand) -> Drawing:
    """Return lines as a hand would write them: slanted, narrow or wide, not quite steady."""
    turn = random.uniform(-hand.turn, hand.turn)
    map_ = np.array([[random.uniform(*hand.width), 0], [-random.uniform(*hand.slant), 1]])
    map_ = map_ @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    bulge = random.normal(0, hand.warp, (2, 2))

    def stroke(line: Points) -> npt.NDArray[np.float32]:
        astray = np.cumsum(random.normal(0, SHAKE, line.shape), axis=0)
        bent = line + (line * (1 - line)) @ bulge
        points: Points = np.round(SIZE * (bent @ map_ + astray), 1)
        return points.astype(np.float32)

    return Drawing(tuple(stroke(line) for line in lines))


def in_any_order(lines: Lines, random: np.random.Generator) -> Lines:
    """Return lines in another order, a third of them backwards."""
    return [lines[i][:: random.choice([1, 1, -1])] for i in random.permutation(len(lines))]
