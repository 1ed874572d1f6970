"""Digits that are none: two on one another or too close, and digits turned or mirrored.

The network is to say of these, too, that they are no digit: who divides a number into digits relies on it.
"""

import numpy as np

from pipeline.recognise.sketches.digits import FORMS
from pipeline.recognise.sketches.outlines import Lines, traced
from pipeline.recognise.strokes.curves import Points

ASTRAY = 0.03
"""How far an outline is missed; see `outlines`."""
PLAIN = {
    0: ("45,4 ~20,0 ~0,45 ~15,98 ~42,95 ~58,45 42,2",),
    1: ("20,0 16,100", "0,20 20,0 20,100"),
    2: ("2,22 ~28,0 ~52,22 ~35,60 0,98 60,97",),
    3: ("2,12 ~30,0 ~48,22 20,46 ~54,70 ~28,100 0,90",),
    4: ("20,0 0,58 58,58 / 44,20 40,100",),
    5: ("54,0 10,2 5,44 ~38,38 ~58,70 ~30,100 0,90",),
    6: ("44,0 ~8,45 ~4,85 ~26,100 ~48,76 ~28,54 4,74",),
    7: ("0,4 54,0 ~30,50 22,100",),
    8: ("46,12 ~26,0 ~6,20 ~44,60 ~48,84 ~24,100 ~2,80 ~40,36 46,14",),
    9: ("50,12 ~26,-2 ~2,24 ~20,48 ~46,30 50,8 ~46,60 38,100",),
}
"""Digits as most people write them."""
OVER = (2, 3, 4, 5, 6, 7, 9)
"""Two of these on one another are none; a 0, a 1 or an 8 with another may be a slashed zero, a 4 or an 8."""


def mixed(random: np.random.Generator) -> tuple[str, Lines]:
    """Return two digits on one another, two side by side, or one that is turned or mirrored; and which of these."""
    way = (over, beside, beside, turned)[random.integers(4)]
    return way.__name__, way(random)


def over(random: np.random.Generator) -> Lines:
    """Return two unlike digits on one another, not quite in the same place."""
    first, second = random.choice(OVER, 2, replace=False)
    by = (random.uniform(0.12, 0.35), random.uniform(-0.25, 0.25))
    return [*_digit(int(first), random), *_moved(_digit(int(second), random), by)]


def beside(random: np.random.Generator) -> Lines:
    """Return two digits side by side that touch or almost do."""
    labels = random.integers(0, 10, 2).tolist()
    first, second = (_digit(label, random) for label in labels)
    right, left = max(line[:, 0].max() for line in first), min(line[:, 0].min() for line in second)
    gap = random.uniform(0.1 if 1 in labels else -0.06, 0.2)  # a 1 in another digit may make a third
    return [*first, *_moved(second, (right - left + gap, random.uniform(-0.15, 0.15)))]


def turned(random: np.random.Generator) -> Lines:
    """Return a digit that lies on its side, stands on its head or is mirrored, and is none then."""
    label, map_ = TURNED[random.integers(len(TURNED))]
    return [line @ np.array(map_, np.float64) for line in _digit(label, random)]


def _digit(label: int, random: np.random.Generator) -> Lines:
    """Return a digit, as most people write it or in a rare form."""
    forms = [form for of, _, form in FORMS if of == label]
    if random.uniform() < 0.3:  # noqa: PLR2004 -- rare forms are rare
        return forms[random.integers(len(forms))](random)
    return traced(PLAIN[label][random.integers(len(PLAIN[label]))], random, ASTRAY)


def _moved(lines: Lines, by: tuple[float, float]) -> list[Points]:
    """Return lines in another place."""
    return [line + np.array(by) for line in lines]


LEFT, RIGHT = ((0, -1), (1, 0)), ((0, 1), (-1, 0))
ON_ITS_HEAD, MIRRORED = ((-1, 0), (0, -1)), ((-1, 0), (0, 1))
TURNED = (
    *((label, way) for label in (2, 3, 4, 5, 6, 9) for way in (LEFT, RIGHT)),
    *((label, ON_ITS_HEAD) for label in (3, 4, 7)),
    *((label, MIRRORED) for label in (3, 7)),
)
"""What is no digit any more: a 2 or a 5 on its head is one, a 6 is a 9, a 7 on its side is nearly one, and many read a
mirrored 2, 4, 5, 6 or 9."""
