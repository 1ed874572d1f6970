"""Pieces of ink: where they are on each level, and how far apart."""

import numpy as np
import pytest

from pipeline.recognise.strokes.pieces import (
    MOST_POINTS,
    SLICES,
    SPACING,
    Piece,
    clearance_of,
    distance_of,
    evenly,
    joined,
    overlap_of,
    piece_of,
)
from pipeline.recognise.strokes.segment import Span


def piece(*points: tuple[float, float], stroke: int = 0) -> Piece:
    return piece_of(Span(stroke, 0, len(points)), np.array(points))


def test_points_on_a_line_are_near_one_another_and_know_their_place() -> None:
    line, number = evenly(np.array([[0.0, 0], [1, 0], [1, 0.5]]))
    assert np.linalg.norm(np.diff(line, axis=0), axis=1).max() <= SPACING
    assert (line[0].tolist(), line[-1].tolist(), number[0], number[-1]) == ([0, 0], [1, 0.5], 0, 2)
    assert number[np.abs(line - [0.5, 0]).sum(axis=1).argmin()] == pytest.approx(0.5, abs=SPACING)
    assert len(evenly(np.array([[0.0, 0], [9999, 0]]))[0]) == MOST_POINTS + 2
    np.testing.assert_array_equal(evenly(np.array([[2.0, 3]]))[0], [[2, 3], [2, 3]])


def test_slanted_lines_side_by_side_share_width_but_are_clear_of_each_other() -> None:
    left, right = piece((0.5, 0), (0, 1)), piece((0.8, 0), (0.3, 1), stroke=1)
    assert overlap_of(left, right) == pytest.approx(0.2)
    assert clearance_of(left, right) == pytest.approx(0.3, abs=0.03)
    assert clearance_of(right, left) == pytest.approx(-0.3, abs=0.03)
    assert distance_of(left, right) == pytest.approx(0.3 / np.hypot(1, 0.5), abs=SPACING)
    assert clearance_of(left, piece((0, 1.5), (1, 1.5))) == np.inf


def test_pieces_are_one_in_every_respect() -> None:
    one, other = piece((0, 0), (0, 1)), piece((2, 0.5), (3, 1.5), stroke=1)
    both = joined([one, other])
    assert (both.box, both.spans) == ((0, 0, 3, 1.5), (Span(0, 0, 2), Span(1, 0, 2)))
    assert (both.width, both.height, both.middle) == (3, 1.5, 1.5)
    assert len(both.line) == len(one.line) + len(other.line)
    for slices, part in ((both.begins, one.begins), (both.ends, other.ends)):
        assert slices.shape == (SLICES,)
        filled = np.isfinite(part)
        np.testing.assert_array_equal(slices[filled], part[filled])
    assert joined([one]) is one
