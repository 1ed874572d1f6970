"""Sketches: the same for the same seed, of sound proportions, and of the forms that they are meant to have."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.labels import NO_DIGIT
from pipeline.recognise.sketches.digits import FORMS
from pipeline.recognise.sketches.draw import IN_TURN, KINDS, Sketch, digits, non_digits
from pipeline.recognise.sketches.hand import SIZE
from pipeline.recognise.sketches.letters import CAPITALS, FOREIGN, SMALL
from pipeline.recognise.sketches.scribbles import SCRIBBLES
from pipeline.recognise.sketches.signs import SIGNS
from pipeline.recognise.strokes.rasterize import render
from tests.strategies import examples, seeds

Sketches = Callable[[int, int], Iterator[Sketch]]


@pytest.mark.parametrize("sketches", [digits, non_digits])
@examples(20)
@given(seeds, st.integers(1, 12))
def test_every_sketch_depends_on_the_seed_and_its_number_alone(sketches: Sketches, seed: int, count: int) -> None:
    for sketch, same in zip(sketches(count, seed), sketches(count + 5, seed), strict=False):
        assert (sketch.label, sketch.kind, sketch.form) == (same.label, same.kind, same.form)
        assert [line.tobytes() for line in sketch.drawing.strokes] == [line.tobytes() for line in same.drawing.strokes]


def test_every_sketch_is_ink_of_sound_proportions() -> None:
    for sketch in (*digits(3 * len(FORMS), 3), *non_digits(200, 3)):
        points = np.concatenate(sketch.drawing.strokes)
        width, height = np.ptp(points, axis=0)
        assert np.isfinite(points).all()
        assert max(width, height) < 6 * SIZE
        if sketch.kind == "digit":
            assert 0.8 * SIZE < height < 1.5 * SIZE
            assert width < 1.6 * height


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("sketches", [digits, non_digits])
def test_every_sketch_leaves_as_much_ink_as_a_pen(sketches: Sketches) -> None:
    for sketch in sketches(200, 4):
        pixels = render(sketch.drawing, (28, 28))
        assert pixels is not None
        assert 4 < (pixels > 127).sum() < 400


def test_digits_come_in_all_their_forms_in_turn() -> None:
    drawn = list(digits(2 * len(FORMS), 0))
    assert [sketch.label for sketch in drawn] == [label for label, _, _ in FORMS] * 2
    assert {sketch.label for sketch in drawn} == set(range(10))
    assert len({sketch.form for sketch in drawn}) == len(FORMS), "every name is one form's"


def test_what_is_no_digit_comes_in_all_its_forms() -> None:
    drawn = list(non_digits(800, 0))
    assert {sketch.label for sketch in drawn} == {NO_DIGIT}
    assert [sketch.kind for sketch in drawn[:10]] == list(IN_TURN)
    forms = {kind: {sketch.form for sketch in drawn if sketch.kind == kind} for kind in KINDS}
    for kind, table in {"capital": CAPITALS, "small": SMALL, "foreign": FOREIGN, "sign": SIGNS}.items():
        assert forms[kind] == set(table)
    assert len(forms["scribble"]) == len(SCRIBBLES)
    assert forms["word"] == {"2 letters", "3 letters", "4 letters"}
    assert forms["mixed"] == {"over", "beside", "turned"}
    assert len({sketch.drawing.strokes[0].tobytes() for sketch in drawn}) == 800, "no two are alike"
