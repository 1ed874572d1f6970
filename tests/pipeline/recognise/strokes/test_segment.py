"""Which strokes make a digit: digits side by side are told apart, strokes of one digit are not."""

import random

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.recognise.strokes.segment import digits_of, part_of
from pipeline.types import Drawing, Stroke
from tests.strokes import BOX, CURVES, drawn


def strokes(digit: str, x: float = 0, *, events: int = 12, height: float = 140) -> list[Stroke]:
    return [np.array(line, np.float32) for line in drawn(digit, events=events, height=height, at=(x, 0))]


@given(st.text("0123456789", min_size=1, max_size=5), st.floats(0.1, 1), st.randoms())
def test_digits_side_by_side_are_told_apart_in_whatever_order_they_are_drawn(
    number: str, gap: float, order: random.Random
) -> None:
    owned = [(i, stroke) for i, digit in enumerate(number) for stroke in strokes(digit, i * (BOX[0] + gap * BOX[1]))]
    order.shuffle(owned)
    drawing = Drawing(tuple(stroke for _, stroke in owned))
    groups = digits_of(drawing)
    assert [{owned[k][0] for k in group.strokes} for group in groups] == [{i} for i in range(len(number))]
    assert sum(len(group.strokes) for group in groups) == len(owned)
    for group in groups:
        points = np.concatenate(part_of(drawing, group).strokes)
        assert group.box == (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


@pytest.mark.parametrize("digit", CURVES)
@given(scale=st.floats(0.01, 100), x=st.floats(-1000, 1000), y=st.floats(-1000, 1000))
def test_a_digit_is_one_wherever_and_however_large(digit: str, scale: float, x: float, y: float) -> None:
    moved = tuple((stroke * np.float64(scale) + [x, y]).astype(np.float32) for stroke in strokes(digit))
    assert len(digits_of(Drawing(moved))) == 1


def test_digits_that_touch_are_two() -> None:
    first, second = strokes("0"), strokes("3", 93)
    assert [group.strokes for group in digits_of(Drawing((*first, *second)))] == [(0,), (1,)]


def test_a_stroke_below_two_others_joins_them() -> None:
    lines = [[0, 0], [10, 10]], [[30, 0], [40, 9]], [[0, 9], [40, 9]]
    drawing = Drawing(tuple(np.array(line, np.float32) for line in lines))
    assert [group.strokes for group in digits_of(drawing)] == [(0, 1, 2)]


def test_dots_and_nothing() -> None:
    dot = np.array([[5, 5]], np.float32)
    assert digits_of(Drawing(())) == ()
    assert digits_of(Drawing((np.empty((0, 2), np.float32),))) == ()
    (group,) = digits_of(Drawing((dot, dot)))
    assert group == ((0, 1), (5, 5, 5, 5))
    assert len(digits_of(Drawing((dot, dot + 1)))) == 2
