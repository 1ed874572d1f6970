"""Outlines: lines go where they are said to, turn where they are said to, and are missed by as much as is said."""

import numpy as np
import pytest

from pipeline.recognise.sketches.outlines import STEP, arc, bow, curve, outlines_of, traced


def test_an_outline_says_where_the_pen_turns() -> None:
    first, second = outlines_of("0,100 ~30,0 60,100 ~70,50 / 12,62 48,62")
    np.testing.assert_array_equal(first.points, [(0, 1), (0.3, 0), (0.6, 1), (0.7, 0.5)])
    assert (first.corners, second.corners) == ((0, 2, 3), (0, 1))


def test_a_line_passes_through_its_points_in_small_steps() -> None:
    (line,) = traced("0,0 ~50,50 ~0,100 100,100", np.random.default_rng(0), 0)
    for x, y in ((0, 0), (0.5, 0.5), (0, 1), (1, 1)):
        assert np.hypot(*(line - (x, y)).T).min() < STEP / 2
    assert np.hypot(*np.diff(line, axis=0).T).max() < 1.1 * STEP
    assert (line[0].tolist(), line[-1].tolist()) == ([0, 0], [1, 1])


def test_points_are_missed_by_as_much_as_is_said() -> None:
    random = np.random.default_rng(0)
    ends = np.array([traced("0,0 100,0", random, 0.05)[0][0] for _ in range(400)])
    assert np.abs(ends.mean(axis=0)).max() < 0.01
    np.testing.assert_allclose(ends.std(axis=0), 0.05, rtol=0.2)


def test_a_bow_bends_to_the_right_by_a_share_of_its_length() -> None:
    line = bow((0, 0), (0, -2), 0.1)  # upwards
    assert line[:, 0].max() == pytest.approx(0.2)


def test_an_arc_turns_from_the_right_downwards() -> None:
    np.testing.assert_allclose(arc((1, 1), (2, 3), 0, np.pi / 2)[[0, -1]], [(3, 1), (1, 4)], atol=1e-12)


def test_a_curve_has_no_corner() -> None:
    line = curve(np.array([(0.0, 0.0), (0.5, 0.6), (1.0, 0.0)]))
    way = np.diff(line, axis=0)
    cosines = (way[1:] * way[:-1]).sum(axis=1) / np.hypot(*way[1:].T) / np.hypot(*way[:-1].T)
    assert cosines.min() > 0.85
