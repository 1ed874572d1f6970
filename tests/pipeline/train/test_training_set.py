"""Held-out rows and scaling."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels.types import OrientationMaps
from pipeline.errors import ConfigError, DataError
from pipeline.train.training_set import check_reach, scaling_for, training_set_of
from pipeline.types import Scaling
from tests.digits import TINY, blobs
from tests.strategies import seeds


@given(seeds, st.floats(0, 0.9))
def test_every_row_is_on_one_side(seed: int, fraction: float) -> None:
    dataset = blobs()
    training_set = training_set_of(dataset, TINY._replace(seed=seed, validation_fraction=fraction))
    assert training_set.rows.size + training_set.held_out[1].size == dataset.labels.size
    assert (training_set.held_out[1].size > 0) == (fraction > 0)
    together = np.concatenate([dataset.features[training_set.rows], training_set.held_out[0]])
    assert sorted(map(bytes, together)) == sorted(map(bytes, dataset.features))


@given(seeds)
def test_the_same_rows_are_held_out_for_every_seed(seed: int) -> None:
    first, other = (training_set_of(blobs(), TINY._replace(seed=each)) for each in (0, seed))
    np.testing.assert_array_equal(first.rows, other.rows)


def test_images_keep_black_at_zero_and_share_a_scale() -> None:
    features = np.array([[0, 51, 255], [0, 0, 102]], np.uint8)
    scaling = scaling_for(features, images=True)
    np.testing.assert_array_equal(scaling.shift, 0)
    np.testing.assert_allclose(scaling.scale, 1 / 255, rtol=1e-7)


@given(seeds, st.floats(-1e3, 1e3), st.floats(1e-2, 1e3))
def test_tables_are_standardised(seed: int, mean: float, deviation: float) -> None:
    features = np.random.default_rng(seed).normal(mean, deviation, (50, 4)).astype(np.float32)
    scaling = scaling_for(features, images=False)
    standardised = (features - scaling.shift) * scaling.scale
    np.testing.assert_allclose(standardised.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(standardised.std(axis=0), 1, rtol=0.02)


@pytest.mark.parametrize("value", [0.0, 0.1, -3e7])
def test_a_feature_that_never_varies_becomes_zero(value: float) -> None:
    features = np.full((7, 2), value, np.float32)
    scaling = scaling_for(features, images=False)
    np.testing.assert_array_equal((features - scaling.shift) * scaling.scale, 0)


def test_blank_images_are_no_division_by_zero() -> None:
    assert np.isfinite(scaling_for(np.zeros((3, 4), np.uint8), images=True).scale).all()


@pytest.mark.parametrize("size", [1e-45, 1e-41, 2e-39, 1e-38, 1e-30, 3e38])
def test_numbers_of_any_size_are_scaled_to_numbers(size: float) -> None:
    features = np.array([[0, 1], [1, 0], [1, 1]], np.float32) * np.float32(size)
    for images in (False, True):
        scaling = scaling_for(features, images=images)
        assert np.isfinite(scaling.scale).all()
        scaled = (features - scaling.shift) * scaling.scale
        assert np.isfinite(scaled).all()
        assert (np.abs(scaled).max() > 0.9) == (size > 1 / np.finfo(np.float32).max)


def test_a_single_class_is_nothing_to_learn() -> None:
    with pytest.raises(DataError, match="only one label, '0'; expected at least two"):
        training_set_of(blobs(classes=1), TINY)


def test_single_rows_can_not_be_held_out() -> None:
    dataset = blobs(rows=3)
    with pytest.raises(ConfigError, match=r"validation_fraction 0.2: .* single rows only"):
        training_set_of(dataset, TINY)
    assert training_set_of(dataset, TINY._replace(validation_fraction=0.0)).rows.size == 3


def test_the_network_of_a_problem_reads_its_rows() -> None:
    training_set = training_set_of(blobs(), TINY._replace(hidden=(8, 5)))
    assert training_set.shapes == ((16, 8), (8, 5), (5, 3))
    assert training_set.scaling.edges_of is None
    assert training_set.kept is not None
    assert training_set.kept.rows is training_set.features
    assert (
        training_set.kept.shift is training_set.scaling.shift,
        training_set.kept.scale is training_set.scaling.scale,
    ) == (True, True)


@pytest.mark.jit  # slow without it
def test_filters_read_the_edges_of_its_images() -> None:
    training_set = training_set_of(blobs(), TINY._replace(filters=4))
    assert training_set.shapes == ((200, 4), (100, 8), (8, 3))
    assert training_set.scaling.edges_of == (4, 4)
    assert training_set.kept is not None
    assert isinstance(training_set.kept.rows, OrientationMaps)
    assert len(training_set.kept.rows.values) == 150
    assert training_set.features.shape == (150, 16), "pixels are still there, to be distorted and measured"


def test_filters_find_no_edges_in_a_table() -> None:
    with pytest.raises(ConfigError, match=r"filters: expected images to look at; found a table.* 0 filters"):
        training_set_of(blobs(image_shape=None), TINY._replace(filters=4))


def test_numbers_that_float32_can_not_compare_are_refused() -> None:
    features = np.linspace(-1, 1, 30, dtype=np.float32).reshape(10, 3)
    scaling = scaling_for(features, images=False)
    check_reach(features, scaling, "test row")
    check_reach(np.full((2, 3), 255, np.uint8), scaling, "test row")
    features[7, 1] = 3e38
    with pytest.raises(DataError, match=r"test row 8, feature 2: expected a number that float32 can compare .*3e\+38"):
        check_reach(features, scaling, "test row")
    steep = Scaling(np.full(3, -3e38, np.float32), np.full(3, 1e30, np.float32))
    with pytest.raises(DataError, match="training row 1, feature 1: "):
        check_reach(np.full((1, 3), 3e38, np.float32), steep, "training row")
