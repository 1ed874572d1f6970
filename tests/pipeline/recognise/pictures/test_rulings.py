"""Printed lines: taken out from side to side, at any slant, and nothing else."""

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.recognise.pictures.rulings import level_lines, without_lines

Mask = npt.NDArray[np.bool_]
HEIGHT, WIDTH = 300, 400
NOTHING = np.zeros((HEIGHT, WIDTH), dtype=bool)


def line(middle: float, slope: float, thickness: float = 3) -> Mask:
    """Return a line with its row in the middle column."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.asarray(np.abs(y - middle - slope * (x - (WIDTH - 1) / 2)) <= thickness / 2)


def ring() -> Mask:
    """Return a 0."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.asarray(np.abs(np.hypot(y - 150, x - 200) - 70) < 8)


@pytest.mark.parametrize("slope", [-0.12, 0.0, 0.037, 0.19])
def test_rulings_go_and_the_digit_stays(slope: float) -> None:
    rulings = np.any([line(middle, slope) for middle in range(-20, HEIGHT + 20, 45)], axis=0)
    found = without_lines(rulings | ring(), NOTHING)
    assert (found & ring()).sum() > 0.93 * ring().sum()
    assert (found & ~ring()).sum() < 0.05 * rulings.sum()


@pytest.mark.parametrize("slope", [-0.1, 0.04])
def test_nothing_is_left_of_squares(slope: float) -> None:
    level = np.any([line(middle, slope) for middle in range(-20, HEIGHT + 20, 40)], axis=0)
    upright = np.any([line(middle, slope) for middle in range(-60, HEIGHT + 60, 40)], axis=0)
    squares = level | np.pad(upright, ((50, 50), (0, 0)))[:, :HEIGHT].T[:, :WIDTH]
    assert without_lines(squares, NOTHING).sum() < 0.05 * squares.sum()


def test_what_does_not_lead_across_is_no_line() -> None:
    bar = line(150, 0.05)
    bar[:, :40] = bar[:, -40:] = False
    for mask in (bar, ring(), ring() | line(150, 0, 60), NOTHING):
        np.testing.assert_array_equal(without_lines(mask, NOTHING), mask)


def test_lines_end_where_the_paper_does() -> None:
    desk = NOTHING.copy()
    desk[:, -50:] = True
    ruling = line(120, 0.03) & ~desk
    assert not without_lines(ruling, desk).any()
    np.testing.assert_array_equal(without_lines(ruling, NOTHING), ruling)


def test_a_line_is_where_it_is() -> None:
    (found,) = level_lines(line(120, 0.1), NOTHING)
    assert found.middle == pytest.approx(120, abs=4)
    assert found.slope == pytest.approx(0.1, abs=0.011)
