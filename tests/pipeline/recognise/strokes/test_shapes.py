"""Shapes: what looks like one digit, and what like two."""

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.recognise.strokes.pieces import Piece, piece_of
from pipeline.recognise.strokes.segment import Span
from pipeline.recognise.strokes.shapes import pair_of, shape_of


def piece(*points: tuple[float, float], stroke: int = 0) -> Piece:
    return piece_of(Span(stroke, 0, len(points)), np.array(points, np.float64))


def arc(x: float, bend: float, stroke: int) -> Piece:
    y = np.linspace(0, 1, 20)
    return piece(*zip((x + bend * np.sin(np.pi * y)).tolist(), y.tolist(), strict=True), stroke=stroke)


STEM = piece((0, 0), (0, 1))


def test_a_stem_is_as_high_as_a_digit_and_a_bar_is_not() -> None:
    assert shape_of([STEM]) == (0, 0, 0, 0, 0, 0, 0, 0, 0)
    bar = shape_of([piece((0, 0), (1, 0.2))])
    assert (bar.low, bar.wide) == pytest.approx((0.4, 4))


@pytest.mark.parametrize(
    ("other", "apart", "shared", "uneven"),
    [
        (((0.1, 0), (0.1, 1)), 0.1, -0.1, 0),
        (((0.9, 0), (0.9, 1.2)), 0.2, -0.1, 0.2),
        (((-0.3, 0.5), (0.5, 0.5)), -0.3, 0, 0.5),
        (((-0.2, 1.9), (0.4, 1.9)), 0.0, 0.0, 0.6),
    ],
)
def test_a_group_is_divided_where_that_is_easiest(
    other: Sequence[tuple[float, float]], apart: float, shared: float, uneven: float
) -> None:
    shape = shape_of([STEM, piece(*other, stroke=1)])
    assert (shape.several, shape.apart, shape.shared, shape.uneven) == pytest.approx((1, apart, shared, uneven))


def test_looseness_is_the_longest_way_through_the_air() -> None:
    stems = [piece((x, 0), (x, 1), stroke=i) for i, x in enumerate((0, 0.5, 0.2))]
    assert shape_of(stems).loose == pytest.approx(0.3)


def test_bows_are_told_from_stems_and_from_bows_back_to_back() -> None:
    def bowed(left: float, right: float) -> float:
        return shape_of([arc(0, -left, 0), arc(0.2, right, 1)]).bowed

    assert bowed(0.2, 0.2) > 0.1
    assert bowed(0, 0) == pytest.approx(0)
    assert bowed(-0.2, -0.2) < -0.05
    assert shape_of([STEM, piece((0.2, 0), (0.4, 0.1), stroke=1)]).bowed == 0


def test_parts_of_one_stroke_are_not_several() -> None:
    parts = [piece_of(Span(0, *span), np.array([[0.0, 0], [0, 1], [1, 1]])) for span in ((0, 2), (1, 3))]
    assert shape_of(parts).several == 0
    assert (pair_of(*parts).cut, pair_of(*parts).mingled) == (1, 0)


def test_neighbours_that_stand_side_by_side_have_nothing_against_them() -> None:
    assert pair_of(STEM, piece((0.4, 0.1), (0.4, 0.95), stroke=1)) == (0, 0, 0, 0, 0, 0)


def test_neighbours_that_cross_or_stand_unevenly_do() -> None:
    pair = pair_of(piece((0, 0), (0.5, 0.5)), piece((0.1, 0.4), (0.6, 1.0), stroke=1))
    assert pair.crossing == pytest.approx(0.3, abs=0.05)
    assert (pair.shared, pair.uneven_bottoms, pair.uneven_tops) == pytest.approx((0.3, 0.4, 0.2))
    between = piece_of(Span(1, 0, 2), np.array([[0.3, 0], [0.3, 1]]))
    both = STEM._replace(spans=(Span(0, 0, 2), Span(2, 0, 2)))
    assert pair_of(both, between).mingled == pair_of(between, both).mingled == 1
