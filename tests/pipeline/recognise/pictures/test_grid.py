"""Cells between lines: found in a sheet that is turned, full or empty, and where in the picture their ink is."""

import numpy as np
import pytest
from scipy import ndimage

from pipeline.recognise.pictures.grid import cells_of
from pipeline.types import Floats

INKED = {(0, 0), (1, 2)}


def sheet(rows: int = 2, columns: int = 3, side: int = 40, line: int = 3) -> Floats:
    """Return a grid with an upright bar in some cells, 6 wide and 20 high, and a speck in another one."""
    grey = np.full((rows * side + 60, columns * side + 60), 250, np.float32)
    for row in range(rows + 1):
        grey[30 + row * side : 30 + row * side + line, 30 : 30 + columns * side + line] = 30
    for column in range(columns + 1):
        grey[30 : 30 + rows * side + line, 30 + column * side : 30 + column * side + line] = 30
    for row, column in INKED:
        grey[42 + row * side : 62 + row * side, 48 + column * side : 54 + column * side] = 30
    grey[60:63, 90:93] = 30
    return grey


@pytest.mark.parametrize("angle", [0, 5, -3])
def test_cells_are_found_however_the_sheet_is_turned(angle: int) -> None:
    grey = ndimage.rotate(sheet(), angle, order=1, cval=250)
    cells = cells_of(grey)
    assert cells
    assert [len(row) for row in cells] == [3, 3]
    assert {(i, j) for i, row in enumerate(cells) for j, cell in enumerate(row) if cell} == INKED
    for row in cells:
        for cell in filter(None, row):
            left, top, right, bottom = cell.box
            inked = np.argwhere(grey[int(top) : int(bottom) + 1, int(left) : int(right) + 1] < 140)
            assert 100 < len(inked) < 130
            assert 18 <= np.ptp(np.flatnonzero(cell.ink.mask.any(axis=1))) + 1 <= 22


def test_boxes_are_those_of_the_ink() -> None:
    cells = cells_of(sheet())
    assert cells
    assert cells[0][0]
    np.testing.assert_allclose(cells[0][0].box, (48, 42, 54, 62), atol=1)


def test_a_line_drawn_double_is_one_and_what_it_leaves_at_a_side_is_no_ink() -> None:
    grey = sheet()
    grey[78:80, 30:153] = 30
    grey[82:106, 34:36] = 30
    cells = cells_of(grey)
    assert cells
    assert [len(row) for row in cells] == [3, 3]
    assert cells[1][0] is None


def test_no_grid() -> None:
    bar = np.full((100, 100), 250, np.float32)
    bar[20:80, 40:50] = 30
    for grey in (bar, np.full((50, 50), 250, np.float32), np.zeros((1, 9), np.float32)):
        assert cells_of(grey) is None


def test_two_lines_near_each_other_are_one() -> None:
    grey = sheet()
    grey[80:82, 30:153] = 30
    cells = cells_of(grey)
    assert cells
    assert [len(row) for row in cells] == [3, 3]
