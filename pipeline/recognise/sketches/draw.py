"""Sketches, one after another: digits in rare forms, and what is no digit."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from pipeline.labels import NO_DIGIT
from pipeline.recognise.sketches.digits import FORMS
from pipeline.recognise.sketches.hand import DIGITS, OTHERS, in_any_order, written
from pipeline.recognise.sketches.letters import CAPITALS, FOREIGN, SMALL
from pipeline.recognise.sketches.mixed import mixed
from pipeline.recognise.sketches.outlines import Lines, traced
from pipeline.recognise.sketches.scribbles import SCRIBBLES
from pipeline.recognise.sketches.signs import SIGNS
from pipeline.recognise.strokes.curves import Points
from pipeline.types import Drawing

Maker = Callable[[np.random.Generator], tuple[str, Lines]]
"""Draws one of a kind, and says which."""


class Sketch(NamedTuple):
    """A drawing made by rule."""

    label: int | str  # the digit, or NO_DIGIT
    kind: str  # "digit", or what of the others
    form: str  # which of its kind
    drawing: Drawing


def digits(count: int, seed: int) -> Iterator[Sketch]:
    """Yield so many digits, their forms in turn; each depends on the seed and its number alone."""
    for number in range(count):
        (label, form, lines), random = FORMS[number % len(FORMS)], np.random.default_rng([seed, number])
        yield Sketch(label, "digit", f"{label}, {form}", written(lines(random), random, DIGITS))


def non_digits(count: int, seed: int) -> Iterator[Sketch]:
    """Yield so many drawings of what is no digit, the kinds in turn; each depends on the seed and its number alone."""
    for number in range(count):
        random = np.random.default_rng([seed, number, 1])
        kind = IN_TURN[number % len(IN_TURN)]
        form, lines = KINDS[kind](random)
        yield Sketch(NO_DIGIT, kind, form, written(in_any_order(lines, random), random, OTHERS))


def _of(table: Mapping[str, tuple[str, ...]]) -> Maker:
    """Return what draws one of the outlines of a table, each of its names equally often."""
    names = sorted(table)

    def made(random: np.random.Generator) -> tuple[str, Lines]:
        name = names[random.integers(len(names))]
        outline = table[name][random.integers(len(table[name]))]
        return name, traced(outline, random, random.uniform(0.01, 0.06))

    return made


def _word(random: np.random.Generator) -> tuple[str, Lines]:
    """Draw two to four small letters, one after the other."""
    word, lines, right = "", list[Points](), 0.0
    for _ in range(random.integers(2, 5)):
        letter, strokes = KINDS["small"](random)
        left = min(line[:, 0].min() for line in strokes)
        lines += [line + np.array([right - left, 0]) for line in strokes]
        word, right = word + letter, max(line[:, 0].max() for line in lines) + random.uniform(-0.05, 0.25)
    return f"{len(word)} letters", lines


def _scribble(random: np.random.Generator) -> tuple[str, Lines]:
    """Draw a scribble."""
    scribbler = SCRIBBLES[random.integers(len(SCRIBBLES))]
    return scribbler.__name__, scribbler(random)


KINDS: Mapping[str, Maker] = {
    "capital": _of(CAPITALS),
    "small": _of(SMALL),
    "word": _word,
    "foreign": _of(FOREIGN),
    "sign": _of(SIGNS),
    "scribble": _scribble,
    "mixed": mixed,
}
"""What is no digit."""
IN_TURN = ("capital", "small", "sign", "mixed", "capital", "small", "scribble", "mixed", "foreign", "word")
"""Half of it Latin letters: people write those most."""
