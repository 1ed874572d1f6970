"""What says whether ink is a digit at all."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import special

from pipeline.model.classify import recogniser
from pipeline.model.score import DIGIT, PASS, class_logits, fit_threshold, margins_of, scores_of
from pipeline.types import TrainConfig
from tests.digits import blobs, trained

WITH, WITHOUT = TrainConfig(nondigits=1), TrainConfig()


def outputs(seed: int, size: float) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, size, (20, 4)).astype(np.float32)


@given(st.integers(0, 2**31), st.floats(0.01, 30))
def test_the_margin_is_the_logit_of_the_probability_of_a_digit(seed: int, size: float) -> None:
    found, margins = outputs(seed, size), margins_of(outputs(seed, size), WITH)
    assert margins is not None
    none = special.softmax(found.astype(np.float64), axis=1)[:, -1]
    np.testing.assert_allclose(special.expit(-margins), none, rtol=1e-9, atol=1e-300)
    np.testing.assert_array_equal(class_logits(found, WITH), found[:, :3])


@given(st.integers(0, 2**31), st.floats(-50, 50))
def test_from_the_threshold_on_ink_counts_as_a_digit(seed: int, threshold: float) -> None:
    found = outputs(seed, 10)
    margins, scores = margins_of(found, WITH), scores_of(found, WITH, threshold)
    assert margins is not None
    assert scores is not None
    np.testing.assert_array_equal(scores >= DIGIT, margins >= threshold)
    np.testing.assert_allclose(scores, special.expit(margins - threshold), rtol=1e-6, atol=1e-12)


def test_no_margin_is_too_large() -> None:
    far = np.array([[1e30, -1e30, -1e30, 1e30], [1e30, 0, 0, -1e30], [-1e30, -1e30, -1e30, 1e30]], np.float32)
    scores = scores_of(far, WITH, 3.0)
    assert scores is not None
    np.testing.assert_array_equal(scores[1:], [1, 0])
    assert scores[0] == pytest.approx(special.expit(-3.0))


def test_networks_that_were_shown_digits_only_have_no_score() -> None:
    found = outputs(0, 1)
    assert class_logits(found, WITHOUT) is found
    assert margins_of(found, WITHOUT) is None
    assert scores_of(found, WITHOUT, None) is None
    artifact = trained(blobs(rows=60))
    assert recogniser(artifact)(blobs(rows=60).features).scores is None


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=200))
def test_the_threshold_is_the_largest_that_lets_enough_digits_pass(margins: list[float]) -> None:
    digits = np.array(margins)
    threshold = fit_threshold(digits)
    assert np.count_nonzero(digits >= threshold) >= PASS * digits.size
    assert np.count_nonzero(digits > threshold) < PASS * digits.size


def test_without_digits_either_is_as_likely() -> None:
    assert fit_threshold(np.empty(0)) == 0
