"""What in a row may be a digit: parts between cuts, alone and together, with their places in the picture."""

import numpy as np

from pipeline.recognise.pictures.rows import Row
from pipeline.recognise.pictures.segments import MOST, cut
from pipeline.types import Floats

SHAPE = (28, 28)


def bars(count: int, zoom: int = 1) -> Floats:
    """Return bars of 6 by 24 pixels, 10 apart."""
    return np.kron(
        np.pad(np.tile(np.pad(np.ones((24, 6)), ((0, 0), (0, 10))), count), 2), np.ones((zoom, zoom))
    ).astype(np.float32)


def test_each_part_and_neighbours_together() -> None:
    found = cut(Row(bars(2), 100, 50, 0.0), SHAPE)
    assert [(each.start, each.stop, each.box) for each in found.segments] == [
        (0, 1, (102, 52, 108, 76)),
        (0, 2, (102, 52, 124, 76)),
        (1, 2, (118, 52, 124, 76)),
    ]
    assert found.cuts == (0, 0, 0)
    np.testing.assert_allclose(found.inks, 6 * 24 / 24**2)
    assert [(each.width, each.height) for each in found.segments] == [(0.25, 1), (22 / 24, 1), (0.25, 1)]
    assert all(each.pixels.shape == (784,) and each.pixels.max() > 200 for each in found.segments)


def test_large_digits_are_reduced_and_keep_their_places() -> None:
    found = cut(Row(bars(2, zoom=8), 0, 0, 0.0), SHAPE)
    assert [each.box for each in found.segments] == [(16, 16, 64, 208), (16, 16, 192, 208), (144, 16, 192, 208)]


def test_a_row_that_goes_down_is_levelled() -> None:
    level = bars(4)
    sloped = np.zeros((60, level.shape[1]), np.float32)
    for column in range(level.shape[1]):
        sloped[column // 4 : column // 4 + 28, column] = level[:, column]
    found = cut(Row(sloped, 0, 0, 0.25), SHAPE)
    single = [each for each in found.segments if each.stop - each.start == 1]
    assert [each.box[0] for each in single] == [2, 18, 34, 50]
    assert [abs(each.box[1] - (2 + each.box[0] / 4)) <= 2 for each in single] == [True] * 4
    assert found.cuts == (0, 0, 0, 0, 0)


def test_no_digit_is_wider_than_a_digit_may_be_or_of_more_parts() -> None:
    found = cut(Row(bars(12), 0, 0, 0.0), SHAPE)
    assert max(each.stop - each.start for each in found.segments) == 3 < MOST


def test_crumbs_are_no_digits() -> None:
    row = bars(2)
    row[13:16, 12:15] = 1
    found = cut(Row(row, 0, 0, 0.0), SHAPE)
    assert len(found.cuts) == 4
    assert (1, 2) not in [(each.start, each.stop) for each in found.segments]


def test_a_faint_smear_is_no_digit() -> None:
    row = bars(2)
    row[2:26, 11:15] = 0.45
    found = cut(Row(row, 0, 0, 0.0), SHAPE)
    assert len(found.cuts) == 4
    assert (1, 2) not in [(each.start, each.stop) for each in found.segments]
