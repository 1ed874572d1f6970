"""Rows of digits on a page: level or not, of equal heights or not; what belongs to a digit, and what is dirt."""

import numpy as np

from pipeline.recognise.pictures.binarize import FoundInk
from pipeline.recognise.pictures.rows import Row, rows_of


def rows(*blocks: tuple[int, int, int, int]) -> tuple[Row, ...]:
    """Return the rows of a page on which there are blocks: left, top, right, bottom."""
    amount = np.zeros((200, 300), np.float32)
    for left, top, right, bottom in blocks:
        amount[top:bottom, left:right] = 1
    return rows_of(FoundInk(amount, amount > 0.5))


def inked(row: Row) -> float:
    return float(row.amount.sum())


def test_one_piece_is_one_row() -> None:
    (row,) = rows((50, 60, 70, 100))
    assert (row.left, row.top, row.amount.shape) == (48, 58, (44, 24))


def test_rows_come_from_the_top_whatever_their_digits_heights() -> None:
    found = rows((20, 120, 40, 160), (60, 118, 80, 165), (20, 20, 40, 50), (60, 25, 90, 60))
    assert [row.top for row in found] == [18, 116]
    assert [inked(row) for row in found] == [20 * 30 + 30 * 35, 20 * 40 + 20 * 47]


def test_a_row_may_go_down() -> None:
    """Its last digit lies lower than the first one of the next row."""
    first = [(20 + 40 * i, 20 + 8 * i, 40 + 40 * i, 50 + 8 * i) for i in range(6)]
    second = [(left, top + 40, right, bottom + 40) for left, top, right, bottom in first]
    found = rows(*first, *second)
    assert [inked(row) for row in found] == [6 * 20 * 30] * 2
    assert [round(row.slope, 2) for row in found] == [0.2, 0.2]


def test_parts_of_a_digit_stay_with_it_and_dirt_does_not() -> None:
    (row,) = rows((20, 40, 40, 80), (60, 40, 80, 56), (60, 60, 80, 80), (22, 32, 50, 36), (200, 150, 210, 154))
    assert inked(row) == 20 * 40 + 20 * 16 + 20 * 20 + 28 * 4
