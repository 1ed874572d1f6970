"""The raster kernel against its slow twin, and what must hold for any ink."""

import numpy as np
import numpy.typing as npt
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from kernels.images.coverage import ink_coverage
from tests.kernels import twins_raster
from tests.strategies import examples

SIDE = 8
coordinates = st.floats(-3, SIDE + 3, width=32)
radii = st.floats(0.25, 3)


def segments(most: int) -> st.SearchStrategy[npt.NDArray[np.float64]]:
    return st.integers(1, most).flatmap(lambda m: arrays(np.float64, (m, 4), elements=coordinates))


@examples(25)
@given(segments(1), radii)
def test_one_segment_is_covered_as_its_twin_says(ink: npt.NDArray[np.float64], radius: float) -> None:
    found, expected = ink_coverage(ink, radius, SIDE, SIDE), twins_raster.ink_coverage(ink, radius, SIDE, SIDE)
    # A twin of 16 x 16 samples is itself off by a few hundredths where an edge runs along a row of them.
    assert np.abs(found - expected).max() <= 0.03 + 1 / twins_raster.SAMPLES
    assert abs(found.mean() - expected.mean()) <= 0.015


@examples(25)
@given(segments(5), radii)
def test_many_segments_are_covered_as_their_twin_says(ink: npt.NDArray[np.float64], radius: float) -> None:
    found, expected = ink_coverage(ink, radius, SIDE, SIDE), twins_raster.ink_coverage(ink, radius, SIDE, SIDE)
    assert np.abs(found - expected).max() <= 0.1 + 1 / twins_raster.SAMPLES
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-12


@examples(25)
@given(segments(5), radii)
def test_neither_the_order_nor_the_direction_of_segments_matters(ink: npt.NDArray[np.float64], radius: float) -> None:
    backwards = ink[::-1, [2, 3, 0, 1]].copy()
    found, expected = ink_coverage(backwards, radius, SIDE, SIDE), ink_coverage(ink, radius, SIDE, SIDE)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_area_of_a_dot_and_of_a_line() -> None:
    dot = ink_coverage(np.array([[10.0, 10.0, 10.0, 10.0]]), 3.0, 20, 20)
    line = ink_coverage(np.array([[5.0, 10.0, 15.0, 10.0]]), 2.0, 20, 20)
    assert abs(dot.sum() - np.pi * 9) < 0.1
    assert abs(line.sum() - (40 + np.pi * 4)) < 0.1


def test_full_and_empty_pixels_are_exact() -> None:
    line = ink_coverage(np.array([[0.0, 2.0, 9.0, 2.0]]), 1.0, 4, 9)
    np.testing.assert_array_equal(line, np.repeat([[0.0], [1.0], [1.0], [0.0]], 9, axis=1))


def test_ink_outside_the_image_leaves_it_empty() -> None:
    assert not ink_coverage(np.array([[1e300, 5.0, 1e300, 6.0], [-99.0, -99.0, -50.0, -50.0]]), 2.0, 6, 7).any()
    assert ink_coverage(np.empty((0, 4)), 2.0, 6, 7).shape == (6, 7)
