"""Which pieces are the digit: the largest, unless it is a leftover at a side, and what stands around it."""

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.recognise.pictures.pieces import around, line_width, main_piece

Mask = npt.NDArray[np.bool_]
NOTHING = np.zeros((100, 120), dtype=bool)


def block(rows: slice, columns: slice) -> Mask:
    mask = NOTHING.copy()
    mask[rows, columns] = True
    return mask


DIGIT = block(slice(30, 70), slice(55, 62))
AT_A_SIDE = {
    "a line along it": block(slice(0, 4), slice(0, 120)),
    "shade over most of it": block(slice(20, 100), slice(90, 120)),
    "the end of a ruling": block(slice(10, 13), slice(50, 120)),
}


@pytest.mark.parametrize("what", AT_A_SIDE)
def test_leftovers_at_a_side_are_no_digit(what: str) -> None:
    mask = AT_A_SIDE[what]
    assert main_piece(mask, mask.astype(np.float32), NOTHING) is None
    found = main_piece(mask | DIGIT, (mask | DIGIT).astype(np.float32), NOTHING)
    assert found is not None
    np.testing.assert_array_equal(found[0], DIGIT)
    assert found[1] == 0


def test_what_lies_on_the_desk_or_is_tiny_is_no_digit() -> None:
    ink = DIGIT.astype(np.float32)
    assert main_piece(NOTHING, ink, NOTHING) is None
    assert main_piece(DIGIT, ink, DIGIT) is None
    assert main_piece(block(slice(50, 54), slice(50, 54)), ink, NOTHING) is None


def test_others_are_counted() -> None:
    both = DIGIT | block(slice(30, 70), slice(85, 92))
    found = main_piece(both, both.astype(np.float32), NOTHING)
    assert found is not None
    assert found[1] == pytest.approx(1)


def test_a_bar_of_its_own_belongs_to_the_digit_and_dirt_does_not() -> None:
    bar, speck, far = (
        block(slice(22, 26), slice(55, 75)),
        block(slice(40, 42), slice(66, 68)),
        block(slice(40, 60), slice(100, 110)),
    )
    np.testing.assert_array_equal(around(DIGIT | bar | speck | far, DIGIT), DIGIT | bar)


@pytest.mark.parametrize("width", [1, 2, 7, 20])
def test_line_width(width: int) -> None:
    straight = np.zeros((120, 120), dtype=bool)
    straight[10:110, 50 : 50 + width] = True
    y, x = np.mgrid[0:120, 0:120]
    slanted = (np.abs(x - 0.6 * y - 20) <= width * np.hypot(1, 0.6) / 2) & (y > 5) & (y < 115)
    assert line_width(straight) == pytest.approx(width, rel=0.2, abs=1)
    assert line_width(slanted) == pytest.approx(width, rel=0.2, abs=1)
