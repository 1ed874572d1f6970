"""Lines on the board: the curve that is shown is recognised, and an eraser takes out what it touches."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from gui.board import Trace
from gui.shapes import FINENESS, MARGIN, cut_out, fitted, outline
from pipeline.recognise.strokes.rasterize import render
from pipeline.types import Drawing

corner = st.tuples(st.integers(0, 500), st.integers(0, 400)).map(lambda p: (float(p[0]), float(p[1])))
lines = st.lists(corner, min_size=2, max_size=7, unique=True).map(tuple)


@given(lines)
def test_the_curve_goes_through_every_point(line: Trace) -> None:
    curve = np.array(outline(line)).reshape(-1, 2)
    for point in line:
        assert np.linalg.norm(curve - point, axis=1).min() < 1e-9
    np.testing.assert_array_equal(curve[[0, -1]], np.array([line[0], line[-1]]))


def test_a_click_is_a_point_without_length() -> None:
    assert outline(((3.0, 4.0),)) == (3.0, 4.0, 3.0, 4.0)


@given(lines)
def test_what_is_shown_is_what_is_recognised(line: Trace) -> None:
    curve = np.array(outline(line), np.float32).reshape(-1, 2)
    found, expected = (render(Drawing((np.array(stroke, np.float32),))) for stroke in (curve, line))
    assert found is not None
    assert expected is not None
    assert np.abs(found.astype(int) - expected).mean() < 1.5


@given(lines, corner, corner, st.floats(3, 30))
def test_an_eraser_leaves_nothing_within_its_reach_and_all_beyond(
    line: Trace, start: tuple[float, float], end: tuple[float, float], reach: float
) -> None:
    rest = cut_out(line, start, end, reach)
    before = np.array(outline(line)).reshape(-1, 2)
    far = before[_distance(before, start, end) > reach + FINENESS]
    kept = np.array([point for piece in rest for point in piece]).reshape(-1, 2)
    if rest != (line,):
        assert (_distance(kept, start, end) > reach).all()
        for point in far:
            assert np.linalg.norm(kept - point, axis=1).min() <= 2 * FINENESS
    assert all(rest)


def _distance(points: np.ndarray, start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """Return distances from a segment, by way of a thousand places on it."""
    places = np.linspace(start, end, 1000)
    return np.array([np.linalg.norm(places - point, axis=1).min() for point in points])


def test_an_eraser_out_of_reach_leaves_the_line_itself() -> None:
    line = ((0.0, 0.0), (100.0, 100.0))
    assert cut_out(line, (300, 0), (300, 50), 10)[0] is line
    assert cut_out(line, (100, 0), (100, 0), 10)[0] is line  # within the box, but not near the line
    assert cut_out(line, (50, 50), (50, 50), 200) == ()


def test_a_drawing_that_fits_stays_where_it_is() -> None:
    stroke = np.array([[10, 20], [10, 20], [90, 80]], np.float32)
    assert fitted((stroke,), 100, 100) == (((10.0, 20.0), (90.0, 80.0)),)
    dot = np.array([[7, 8]], np.float32)
    assert fitted((dot,), 100, 100) == (((7.0, 8.0),),)


@pytest.mark.parametrize(
    "stroke",
    [
        [[-5, 0], [50, 50]],
        [[0, 0], [900, 50]],
        [[1, 1], [1.5, 2]],
        [[-3e38, -3e38], [3e38, 3e38]],
        [[-1e-30, 0], [0, 0]],
    ],
)
def test_a_drawing_in_another_unit_is_fitted_to_the_board(stroke: list[list[float]]) -> None:
    (line,) = fitted((np.array(stroke, np.float32), np.empty((0, 2), np.float32)), 200, 100)
    ends = np.array(line)
    room = (1 - 2 * MARGIN) * np.array([200, 100])
    size = np.ptp(ends, axis=0)
    assert (size <= room * (1 + 1e-6)).all()
    assert (np.isclose(size, room)).any()
    np.testing.assert_allclose((ends.min(axis=0) + ends.max(axis=0)) / 2, [100, 50], atol=1e-6)


def test_a_dot_that_is_off_the_board_is_moved_to_its_middle() -> None:
    assert fitted((np.array([[-7, 800]], np.float32),), 200, 100) == (((100.0, 50.0),),)
