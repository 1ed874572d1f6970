"""Digits in forms that people write and MNIST hardly has.

MNIST was written by Americans: a 1 with a long flag is taken for a 7 by a network that has seen nothing else, a slashed
0 for an 8. These forms come from nobody's hand. Each is an outline (see `outlines`), or a few lines through points that
are drawn from ranges.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from pipeline.recognise.sketches.outlines import Lines, arc, bow, traced

Form = Callable[[np.random.Generator], Lines]

ASTRAY = 0.035
"""How far a digit's outline is missed: more, and some would be no digits."""


def _outline(*texts: str) -> Form:
    """Return a form of several outlines."""

    def form(random: np.random.Generator) -> Lines:
        return traced(texts[random.integers(len(texts))], random, ASTRAY)

    return form


def _zero(random: np.random.Generator, inside: float, outside: float) -> Lines:
    """Return a 0 with a slash through its middle, whose ends lie between two multiples of its outline's distance."""
    draw = random.uniform
    rx, turn = draw(0.24, 0.48), draw(6, 6.8) * random.choice([-1, 1])
    ring = arc((rx, 0.5), (rx, 0.5), draw(-2.4, -0.6), turn)
    lean, way = draw(0.5, 1.1), 1 if draw(0, 1) < 0.85 else -1  # noqa: PLR2004 -- most from the upper right
    start, end = (
        (rx + sign * way * rx * np.cos(lean) * reach, 0.5 - sign * 0.5 * np.sin(lean) * reach)
        for sign, reach in ((1, draw(inside, outside)), (-1, draw(inside, outside)))
    )
    return [ring, bow(start, end, draw(-0.05, 0.05))]


def _joined_zero(random: np.random.Generator) -> Lines:
    """Return a 0 that goes over into its slash without the pen being lifted."""
    draw = random.uniform
    rx, begin, way = draw(0.24, 0.45), draw(-1.3, -0.6), random.choice([-1, 1])
    ring = arc((rx, 0.5), (rx, 0.5), begin, way * draw(6, 6.7))
    end = (rx + rx * draw(-1.3, -0.4), 0.5 + draw(0.25, 0.65))
    return [np.concatenate([ring, bow((ring[-1, 0], ring[-1, 1]), end, draw(-0.08, 0.08))])]


def _dotted_zero(random: np.random.Generator) -> Lines:
    """Return a 0 with a dot in it."""
    draw = random.uniform
    rx = draw(0.28, 0.48)
    x, y = rx + draw(-0.05, 0.05), draw(0.42, 0.58)
    return [
        arc((rx, 0.5), (rx, 0.5), draw(-2.4, -0.6), draw(6, 6.8) * random.choice([-1, 1])),
        bow((x, y), (x + draw(-0.03, 0.03), y + draw(0.01, 0.06)), 0),
    ]


def _one(random: np.random.Generator, shortest: float, longest: float) -> Lines:
    """Return a 1 whose flag reaches so far to the left, never as flat as a 7's bar; every other has a foot."""
    draw = random.uniform
    reach, foot = draw(shortest, longest), (draw(-0.08, 0.12), 1.0)
    drop = min(reach * draw(0.45, 1.6), 0.75)
    flag, stem = bow((-reach, drop), (0, 0), draw(-0.12, 0.12)), bow((0, 0), foot, draw(-0.04, 0.04))
    lines = [np.concatenate([flag, stem])]
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- half of them
        left, right = (foot[0] - draw(0.12, 0.4), draw(0.96, 1.04)), (foot[0] + draw(0.12, 0.4), draw(0.96, 1.04))
        lines.append(bow(left, right, draw(-0.05, 0.05)))
    return lines


def _four(random: np.random.Generator) -> Lines:
    """Return a 4 in two strokes, open at the top or closed."""
    draw = random.uniform
    elbow, right, x = (draw(-0.45, -0.25), draw(0.5, 0.68)), draw(0.2, 0.5), draw(0, 0.25)
    is_open = draw(0, 1) < 0.6  # noqa: PLR2004 -- most of them
    top = (draw(elbow[0] - 0.02, elbow[0] + 0.25), draw(0, 0.12)) if is_open else (x, 0.0)
    bar = bow(elbow, (right, elbow[1] + draw(-0.06, 0.06)), draw(-0.04, 0.04))
    begin = (x + draw(-0.02, 0.06), draw(0, 0.35) if is_open else draw(-0.03, 0.2))
    stem = bow(begin, (x + draw(-0.08, 0.03), 1.0), draw(-0.04, 0.04))
    return [np.concatenate([bow(top, elbow, draw(-0.05, 0.08)), bar]), stem]


def _seven(random: np.random.Generator) -> Lines:
    """Return a 7: a bar and a stroke down, every fourth with a hook at its left, every other with a cross."""
    draw = random.uniform
    start, end = (draw(-0.75, -0.35), draw(-0.06, 0.1)), (draw(-0.5, -0.05), 1.0)
    line = np.concatenate([bow(start, (0, 0), draw(-0.08, 0.08)), bow((0, 0), end, draw(-0.02, 0.14))])
    if draw(0, 1) < 0.25:  # noqa: PLR2004 -- every fourth
        hook = (start[0] + draw(-0.05, 0.03), start[1] + draw(0.08, 0.22))
        line = np.concatenate([bow(hook, start, 0), line])
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- every other
        height, reach, tilt = draw(0.38, 0.62), draw(0.12, 0.28), draw(-0.08, 0.08)
        x = height * end[0]
        return [line, bow((x - reach, height + tilt), (x + reach, height - tilt), 0)]
    return [line]


def _eight(random: np.random.Generator) -> Lines:
    """Return an 8 of two rings, one on the other, which may miss each other a little."""
    draw = random.uniform
    middle, rx = draw(0.4, 0.52), draw(0.24, 0.36)
    upper = arc((0, middle / 2), (rx * draw(0.7, 1), middle / 2), draw(0, 6.3), draw(6.1, 6.7))
    low = middle - draw(-0.02, 0.05)
    lower = arc((draw(-0.05, 0.05), (1 + low) / 2), (rx, (1 - low) / 2), draw(0, 6.3), draw(6.1, 6.7))
    return [upper, lower]


def _nine(random: np.random.Generator) -> Lines:
    """Return a 9 in one stroke: a loop, then a stem that is straight or ends in a hook."""
    draw = random.uniform
    rx, ry, begin = draw(0.18, 0.3), draw(0.18, 0.28), draw(-1, 0)
    loop = arc((0, ry), (rx, ry), begin, -draw(5.3, 6.6))
    x, y = loop[-1].tolist()
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- every other
        return [np.concatenate([loop, bow((x, y), (rx + draw(-0.12, 0.05), 1.0), draw(-0.06, 0.04))])]
    corners = np.array([(x, y), (rx + 0.02, 0.6), (rx - 0.1, 0.95), (-rx * draw(0.2, 1.2), draw(0.88, 1))])
    t = np.linspace(0, 1, 16)[:, np.newaxis]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])  # a cubic Bézier curve
    return [np.concatenate([loop, weights @ corners])]


FORMS: tuple[tuple[int, str, Form], ...] = (
    (0, "slashed inside", partial(_zero, inside=0.5, outside=0.95)),
    (0, "slashed through", partial(_zero, inside=1.0, outside=1.7)),
    (0, "slash joined on", _joined_zero),
    (0, "dotted", _dotted_zero),
    (1, "flag", partial(_one, shortest=0.08, longest=0.5)),
    (1, "long flag", partial(_one, shortest=0.4, longest=0.65)),
    (
        2,
        "loop at the foot",
        _outline(
            "4,25 ~25,0 ~52,22 ~35,62 ~10,97 ~0,85 ~14,76 ~32,92 66,98",
            "0,15 ~28,0 ~46,20 ~30,65 ~8,98 ~2,86 ~16,82 ~40,98 68,88",
            "8,20 ~28,0 ~50,22 ~34,60 ~4,100 ~-8,80 ~14,68 ~36,90 80,102",
        ),
    ),
    (
        3,
        "flat top",
        _outline(
            "4,2 56,0 24,42 ~55,60 ~50,90 ~24,100 0,88",
            "0,5 50,0 20,38 ~48,50 ~54,78 ~28,100 -2,92",
            "0,2 60,0 16,46 56,48 ~58,86 ~26,101 -4,90",
        ),
    ),
    (4, "two strokes", _four),
    (
        4,
        "an L with a stroke",
        _outline(
            "0,0 0,62 58,62 / 38,25 38,105",
            "5,0 0,55 60,58 / 42,8 36,100",
            "0,5 ~0,55 ~12,60 62,56 / 44,30 40,105",
            "0,0 ~0,42 ~25,56 52,48 / 54,0 50,100",
            "10,0 0,66 44,64 / 34,40 30,100",
        ),
    ),
    (
        4,
        "one stroke",
        _outline("70,60 0,62 46,0 44,100", "14,0 0,58 60,58 46,54 48,10 42,100"),
    ),
    (
        5,
        "bar apart",
        _outline(
            "10,6 4,44 ~36,38 ~60,66 ~36,100 0,92 / 20,-2 62,-5",
            "8,8 6,42 ~38,40 ~58,70 ~30,100 0,90 / 14,0 58,4",
            "10,10 2,46 ~35,42 ~56,70 ~28,102 -2,94 / 26,8 66,2",
            "12,0 6,42 ~38,38 ~60,68 ~32,100 0,92 / 24,-8 56,-12",
            "10,14 6,46 ~38,42 ~62,68 ~34,102 0,94 / 34,-4 78,-8",
        ),
    ),
    (
        6,
        "tiny loop",
        _outline(
            "42,0 ~12,45 ~2,84 ~14,100 ~28,92 ~24,78 8,82",
            "48,0 ~18,55 ~4,88 ~16,101 ~30,90 ~22,76 6,86",
            "30,0 ~4,45 ~2,84 ~16,100 ~34,88 ~22,70 4,80",
        ),
    ),
    (
        6,
        "straight back",
        _outline("50,0 ~8,68 ~6,92 ~26,101 ~42,84 ~28,66 6,78", "22,0 ~2,60 ~2,88 ~24,101 ~44,82 ~26,60 2,74"),
    ),
    (7, "bar and cross", _seven),
    (
        7,
        "cross joined on",
        _outline(
            "0,5 55,0 ~34,50 18,100 ~8,66 4,56 58,46",
            "0,4 56,0 20,100 2,54 56,50",
            "0,16 2,2 58,0 ~34,60 28,100 6,52 60,48",
            "0,3 54,0 ~36,46 ~24,60 ~4,56 ~20,48 ~40,50 ~30,70 22,100",
        ),
    ),
    (
        7,
        "serif",
        _outline("0,22 2,2 58,0 ~30,52 24,100", "-4,20 0,0 56,4 18,100", "0,18 4,0 60,2 ~36,45 26,100 / 10,52 56,48"),
    ),
    (8, "two rings", _eight),
    (
        8,
        "open at the top",
        _outline(
            "50,10 ~28,0 ~8,20 ~42,58 ~48,84 ~24,100 ~2,82 ~16,54 56,6",
            "44,6 ~20,2 ~6,22 ~40,55 ~46,86 ~22,100 ~2,80 ~22,48 52,-2",
            "40,14 ~18,4 ~4,24 ~40,58 ~46,86 ~22,100 ~2,80 ~26,50 62,4",
        ),
    ),
    (
        8,
        "from the middle",
        _outline(
            "26,46 ~4,22 ~24,0 ~46,20 ~28,46 ~4,75 ~24,100 ~48,76 28,48",
            "24,48 ~48,74 ~26,100 ~2,76 ~24,46 ~44,20 ~24,0 ~4,20 26,46",
        ),
    ),
    (9, "loop and stem", _nine),
    (
        9,
        "like a g",
        _outline(
            "50,8 ~26,-2 ~0,22 ~18,46 ~46,30 52,4 ~52,70 ~38,100 ~8,102 -2,86",
            "48,6 ~22,0 ~2,26 ~22,48 ~46,26 50,0 ~54,75 ~30,105 0,94",
            "40,4 ~16,4 ~0,28 ~16,48 ~44,34 56,8 ~54,75 ~36,100 4,96",
            "32,6 ~8,25 ~4,52 ~22,58 ~42,34 50,-2 48,100",
            "38,2 ~12,8 ~2,32 ~20,48 ~46,30 54,2 54,100",
            "42,10 ~20,0 ~4,20 ~16,36 ~40,24 46,4 ~50,70 ~20,104 -20,90",
        ),
    ),
)
"""Every digit's forms: what it is, how it differs, and how it is made."""
