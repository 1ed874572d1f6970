"""Digits in forms that people write and MNIST hardly has.

MNIST was written by Americans: a 1 with a long flag is taken for a 7 by a network that has seen nothing else, a slashed
0 for an 8. These forms come from nobody's hand. Each is an outline (see `outlines`), or a few lines through points that
are drawn from ranges.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from pipeline.recognise.sketches.constructed import dotted_zero, eight, four, joined_zero, nine, one, seven, zero
from pipeline.recognise.sketches.outlines import Lines, traced

Form = Callable[[np.random.Generator], Lines]

ASTRAY = 0.035
"""How far a digit's outline is missed: more, and some would be no digits."""


def _outline(*texts: str) -> Form:
    """Return a form of several outlines."""

    def form(random: np.random.Generator) -> Lines:
        return traced(texts[random.integers(len(texts))], random, ASTRAY)

    return form


FORMS: tuple[tuple[int, str, Form], ...] = (
    (0, "slashed inside", partial(zero, inside=0.5, outside=0.95)),
    (0, "slashed through", partial(zero, inside=1.0, outside=1.7)),
    (0, "slash joined on", joined_zero),
    (0, "dotted", dotted_zero),
    (
        0,
        "closed by a bar",
        _outline(
            "46,4 12,6 ~0,30 ~0,80 ~20,100 ~46,98 ~54,60 ~50,12 20,-2",
            "12,4 ~0,30 ~0,75 ~16,100 46,98 ~52,60 50,2 4,2",
            "12,2 ~0,40 ~2,92 ~14,99 ~22,60 ~19,10 6,0",
        ),
    ),
    (1, "flag", partial(one, shortest=0.08, longest=0.5)),
    (1, "long flag", partial(one, shortest=0.4, longest=0.65)),
    (
        1,
        "flag to the line",
        _outline(
            "0,94 ~18,50 36,0 38,100",
            "0,82 ~26,34 40,0 36,100 / 16,100 60,98",
            "0,92 ~22,50 ~42,8 ~38,-2 ~34,20 36,100",
            "0,70 ~20,40 36,0 34,98 / 18,96 56,98",
            "0,96 36,0 44,100",
        ),
    ),
    (
        1,
        "round flag",
        _outline("0,45 ~22,32 40,0 36,100", "0,38 ~12,38 ~32,14 38,-2 40,100", "0,52 ~36,12 ~52,0 ~54,8 44,100"),
    ),
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
    (4, "two strokes", four),
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
        "straight or curled",
        _outline(
            "50,0 ~8,68 ~6,92 ~26,101 ~42,84 ~28,66 6,78",
            "22,0 ~2,60 ~2,88 ~24,101 ~44,82 ~26,60 2,74",
            "68,10 ~32,-2 ~4,40 ~8,85 ~36,100 ~60,78 ~40,62 2,74",
        ),
    ),
    (7, "bar and cross", seven),
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
        _outline(
            "0,22 2,2 58,0 ~30,52 24,100",
            "-4,20 0,0 56,4 18,100",
            "0,18 4,0 60,2 ~36,45 26,100 / 10,52 56,48",
            "0,0 ~6,16 ~30,10 60,0 ~36,50 22,100 / 6,58 54,50",
        ),
    ),
    (8, "two rings", eight),
    (
        8,
        "open at the top",
        _outline(
            "50,10 ~28,0 ~8,20 ~42,58 ~48,84 ~24,100 ~2,82 ~16,54 56,6",
            "44,6 ~20,2 ~6,22 ~40,55 ~46,86 ~22,100 ~2,80 ~22,48 52,-2",
            "40,14 ~18,4 ~4,24 ~40,58 ~46,86 ~22,100 ~2,80 ~26,50 62,4",
            "10,10 ~28,0 ~42,14 ~22,40 ~2,70 ~8,96 ~40,98 ~46,72 ~26,46 14,32",
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
    (9, "loop and stem", nine),
    (
        9,
        "like a g",
        _outline(
            "50,8 ~26,-2 ~0,22 ~18,46 ~46,30 52,4 ~52,70 ~38,100 ~8,102 -2,86",
            "48,6 ~22,0 ~2,26 ~22,48 ~46,26 50,0 ~54,75 ~30,105 0,94",
            "40,4 ~16,4 ~0,28 ~16,48 ~44,34 56,8 ~54,75 ~36,100 4,96",
            "32,6 ~8,25 ~4,52 ~22,58 ~42,34 50,-2 48,100",
            "44,8 ~22,4 ~2,38 ~12,58 ~36,36 50,0 46,102",
            "46,6 ~14,8 ~0,40 ~18,50 44,16 / 46,2 44,100",
            "38,2 ~12,8 ~2,32 ~20,48 ~46,30 54,2 54,100",
            "42,10 ~20,0 ~4,20 ~16,36 ~40,24 46,4 ~50,70 ~20,104 -20,90",
        ),
    ),
)
"""Every digit's forms: what it is, how it differs, and how it is made."""
