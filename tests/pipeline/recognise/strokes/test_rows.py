"""Numbers below one another stand in rows; unequal, slanted and divided digits stand in one."""

import random

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from pipeline.recognise.strokes.rows import MOST, Boxes, boxes_of, height_of, rows_of
from tests.strokes import drawn

DIGITS = st.text("0123456789", min_size=2, max_size=5)


def number(text: str, x: float = 0, y: float = 0, *, sizes: tuple[float, ...] = (1,), rise: float = 0) -> list[Boxes]:
    """Return the boxes of the strokes of each digit; each stands on the line that its row does."""
    found = list[Boxes]()
    for i, digit in enumerate(text):
        height = 140 * sizes[i % len(sizes)]
        lines = drawn(digit, events=12, height=height, at=(x + 120 * i, y + 140 - height - rise * i))
        found.append(np.array([[*np.min(line, axis=0), *np.max(line, axis=0)] for line in lines], np.float64))
    return found


@given(DIGITS, DIGITS, st.floats(20, 200), st.floats(-100, 100), st.randoms())
@example("11", "11", 20, 4, random.Random(0))  # noqa: S311 -- none of these lines is below another
@example("11", "11", 20, 100, random.Random(0))  # noqa: S311 -- likewise, and the rows hardly overlap
def test_numbers_below_one_another_are_rows_in_whatever_order_they_are_drawn(
    upper: str, lower: str, gap: float, x: float, order: random.Random
) -> None:
    boxes = [(row, box) for row, text in enumerate((upper, lower)) for box in number(text, x * row, (140 + gap) * row)]
    strokes = [(row, stroke) for row, box in boxes for stroke in box]
    order.shuffle(strokes)
    found = rows_of(np.array([stroke for _, stroke in strokes]))
    assert [[strokes[i][0] for i in row] for row in found] == [[0] * len(found[0]), [1] * len(found[1])]
    assert sorted(i for row in found for i in row) == list(range(len(strokes)))


@pytest.mark.parametrize("rise", [0, 25, 60])
@given(text=DIGITS)
def test_digits_of_unequal_height_and_slanted_numbers_are_one_row(text: str, rise: float) -> None:
    boxes = np.concatenate(number(text, sizes=(1, 0.5), rise=rise))
    assert rows_of(boxes) == [list(range(len(boxes)))]


def test_neither_bars_nor_halves_of_a_digit_are_rows() -> None:
    bar, body, loop, below = [0, 0, 60, 5], [0, 20, 50, 120], [0, 0, 50, 60], [0, 65, 50, 130]
    for strokes in ([bar, body], [loop, below], [[0, 0, 0, 0], [0, 50, 0, 50]]):
        assert rows_of(np.array(strokes, np.float64)) == [[0, 1]]
    far = np.array([loop, [0, 100, 50, 160]], np.float64)
    assert rows_of(far) == [[0], [1]]


def test_more_strokes_than_any_page_of_numbers_has_are_one_row() -> None:
    boxes = np.array([[0, 30 * i, 10, 30 * i + 10] for i in range(MOST + 1)], np.float64)
    assert [len(rows_of(boxes[:n])) for n in (3, MOST + 1)] == [3, 1]


def test_boxes_and_heights() -> None:
    points, owner = np.array([[0, 1], [2, 5], [9, 9]], np.float64), np.array([0, 0, 3])
    np.testing.assert_array_equal(boxes_of(points, owner), [[0, 1, 2, 5], [9, 9, 9, 9]])
    assert height_of(boxes_of(points, owner)) == 4
    assert height_of(np.array([[0.0, 0, 10, 1]])) == 3
