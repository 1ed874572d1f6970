"""Smooth curves: they pass through the points, stay within the tolerance, and treat each stroke for itself."""

import numpy as np
from hypothesis import assume, given, strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.recognise.strokes.curves import Points, control_points, flatten

strokes = st.integers(1, 8).flatmap(lambda n: arrays(np.float64, (n, 2), elements=st.floats(0, 1, width=16)))


def barry_goldman(p: Points, u: float) -> Points:
    """Return the point at `u` in 0..1 between `p[1]` and `p[2]`, by the pyramid of Barry and Goldman."""
    t = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1)))])
    at = t[1] + u * (t[2] - t[1])

    def between(a: Points, b: Points, i: int, j: int) -> Points:
        return np.asarray(((t[j] - at) * a + (at - t[i]) * b) / (t[j] - t[i]))

    a1, a2, a3 = (between(p[i], p[i + 1], i, i + 1) for i in range(3))
    return between(between(a1, a2, 0, 2), between(a2, a3, 1, 3), 1, 2)


@given(strokes, strokes)
def test_curves_pass_through_all_points_in_order(first: Points, second: Points) -> None:
    owner = np.repeat([0, 1], [len(first), len(second)])
    points = np.vstack([first, second])
    moved = np.append(True, (np.diff(points, axis=0) != 0).any(axis=1) | (np.diff(owner) != 0))
    points, owner = points[moved], owner[moved]
    segments = flatten(points, owner, 1e-3)
    assert np.isfinite(segments).all()
    ends = segments.reshape(-1, 2)
    assert np.linalg.norm(points[:, np.newaxis] - ends, axis=2).min(axis=1).max() < 1e-9


def test_the_control_points_are_those_of_a_centripetal_catmull_rom_spline() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.2], [1.3, 1.0], [0.2, 1.1]])
    a, b, c, d = control_points(points, np.zeros(4, np.intp))[:, 1]
    for u in (0.0, 0.2, 0.5, 0.9, 1.0):
        cubic = (1 - u) ** 3 * a + 3 * u * (1 - u) ** 2 * b + 3 * u**2 * (1 - u) * c + u**3 * d
        np.testing.assert_allclose(cubic, barry_goldman(points, u), atol=1e-12)


@given(arrays(np.float64, (6, 2), elements=st.floats(0, 1, width=16)))
def test_segments_stay_within_the_tolerance(points: Points) -> None:
    assume((np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-3).all())
    owner = np.zeros(6, np.intp)
    coarse, fine = flatten(points, owner, 1e-2), flatten(points, owner, 1e-5)
    start, along = coarse[:, :2], coarse[:, 2:] - coarse[:, :2]
    offset = fine[:, np.newaxis, :2] - start
    t = np.clip((offset * along).sum(axis=2) / np.maximum((along**2).sum(axis=1), 1e-300), 0, 1)
    assert np.linalg.norm(offset - t[..., np.newaxis] * along, axis=2).min(axis=1).max() <= 1e-2 + 1e-5


def test_two_points_are_joined_by_a_straight_line_and_one_is_a_dot() -> None:
    points, owner = np.array([[0.0, 0.0], [1.0, 2.0], [5.0, 5.0]]), np.array([0, 0, 1])
    np.testing.assert_allclose(flatten(points, owner, 1e-3), [[0, 0, 1, 2], [5, 5, 5, 5]], atol=1e-12)
