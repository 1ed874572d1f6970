"""The derivative of edges by direction: against small changes, and what must hold for any image."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels.images.orientation import MOST, orientations
from kernels.images.orientation_backward import FAINT, orientations_backward
from kernels.types import DIRECTIONS, SIDE, Floats, OrientationMaps
from tests.kernels import twins_filters
from tests.kernels.images.test_orientation import RIGHT, made_up, shapes
from tests.strategies import examples, seeds


@examples(20)
@given(seeds, shapes)
def test_the_derivative_is_that_of_a_small_change(seed: int, shape: tuple[int, int]) -> None:
    random, scale = np.random.default_rng(seed), 1 / 255
    # Whole grey levels would often differ as much across as down, where a gradient changes sides between directions.
    image = random.uniform(20, 250, shape).astype(np.float32)
    exact = twins_filters.edges(image.astype(np.float64), scale)
    maps = orientations(image.reshape(1, -1), *shape, scale)
    # A faint edge is taken for a stronger one, and at a clipped one there is no derivative at all.
    weights = random.standard_normal(exact.shape) * ((exact > FAINT + 1) & (exact < MOST))
    # The kernel derives the root where the bytes say that it is: what they are off by is made up for.
    rounded = weights * maps.values.reshape(exact.shape) / np.maximum(exact, FAINT)
    grad = orientations_backward(image.ravel(), *shape, scale, maps, rounded.ravel())
    change = random.standard_normal(shape)
    ahead, back = (twins_filters.edges(image + step * change, scale) for step in (1e-5, -1e-5))
    expected = (weights * (ahead - back)).sum() / 2e-5
    assert grad @ change.ravel() == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_byte_and_the_same_number_have_the_same_derivative() -> None:
    image, grad = made_up(5, 1, 9, 7).ravel(), np.random.default_rng(5).standard_normal(SIDE * SIDE * DIRECTIONS)
    maps = orientations(image[np.newaxis], 9, 7, 1 / 255)
    of_bytes = orientations_backward(image, 9, 7, 1 / 255, maps, grad)
    assert np.abs(of_bytes).max() > 0
    of_floats = orientations_backward(image.astype(np.float32), 9, 7, 1 / 255, maps, grad.astype(np.float32))
    np.testing.assert_allclose(of_floats, of_bytes, rtol=1e-5, atol=1e-6)


def test_on_blank_paper_ink_makes_edges_on_either_side() -> None:
    blank, maps = np.zeros(784, np.uint8), OrientationMaps(np.zeros((1, SIDE * SIDE * DIRECTIONS), np.uint8))
    along = np.zeros((SIDE, SIDE, DIRECTIONS))
    along[SIDE // 2, SIDE // 2, RIGHT] = 1
    grad = orientations_backward(blank, 28, 28, 1 / 255, maps, along.ravel()).reshape(28, 28)
    np.testing.assert_allclose(grad, -grad[:, ::-1], atol=1e-12)
    assert grad[13, 16] > 0, "what gets brighter to the right is more of an edge to the right"


@examples(15)
@given(seeds, st.integers(2, 30), st.integers(2, 30))
def test_a_mirrored_image_has_the_mirrored_derivative(seed: int, height: int, width: int) -> None:
    """On blank paper, too, where no direction may be preferred."""
    random = np.random.default_rng(seed)
    image = np.where(random.random((height, width)) < 0.2, random.integers(0, 256, (height, width)), 0).astype(np.uint8)
    grad: Floats = random.standard_normal((1, SIDE, SIDE, DIRECTIONS))
    there, back = (
        orientations_backward(
            each.ravel(), height, width, 1 / 255, orientations(each.reshape(1, -1), height, width, 1 / 255), by.ravel()
        ).reshape(height, width)
        for each, by in ((image, grad), (image[:, ::-1].copy(), twins_filters.mirrored(grad)))
    )
    np.testing.assert_allclose(there, back[:, ::-1], atol=1e-9 * np.abs(there).max())
