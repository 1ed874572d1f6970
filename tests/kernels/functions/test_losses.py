"""Losses and probabilities at the ends of the number range."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from kernels import reference
from kernels.functions.activations import NONE, activation_backward, activation_forward
from kernels.functions.losses import loss_backward, loss_of, probabilities
from kernels.types import ACTIVATIONS, LOSSES
from tests.strategies import activations, losses, matrix, seeds

logit_rows = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 12)), elements=st.floats(-1e4, 1e4))


@given(logit_rows, losses)
def test_probabilities_are_positive_and_sum_to_one(logits: np.ndarray, loss: str) -> None:
    result = probabilities(logits, LOSSES[loss])
    assert (result >= 0).all()
    np.testing.assert_allclose(result.sum(axis=1), 1, rtol=1e-12)


@given(logit_rows, st.floats(-1e3, 1e3))
def test_softmax_does_not_care_about_a_shift(logits: np.ndarray, shift: float) -> None:
    code = LOSSES["cross-entropy"]
    np.testing.assert_allclose(probabilities(logits + shift, code), probabilities(logits, code), rtol=1e-6, atol=1e-9)


@given(seeds, st.integers(1, 6), st.integers(1, 12), losses, st.sampled_from([0.0, 0.05, 0.9]))
def test_loss_and_its_derivative_equal_the_twins(
    seed: int, rows: int, classes: int, loss: str, smoothing: float
) -> None:
    logits = 3 * matrix(seed, rows, classes)
    labels = np.random.default_rng(seed).integers(0, classes, rows, np.uint8)
    grad = np.full_like(logits, np.nan)
    total = loss_backward(logits, labels, LOSSES[loss], smoothing, grad)
    assert total == pytest.approx(reference.loss(logits, labels, loss, smoothing), rel=1e-9, abs=1e-12)
    plain = reference.loss(logits, labels, loss)
    assert loss_of(logits, labels, LOSSES[loss]) == pytest.approx(plain, rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(grad, reference.loss_backward(logits, labels, loss, smoothing), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("loss", LOSSES)
def test_an_undefined_logit_makes_an_undefined_loss(loss: str) -> None:
    logits = np.array([[0.0, np.nan, 1.0]], np.float32)
    assert np.isnan(loss_of(logits, np.zeros(1, np.uint8), LOSSES[loss]))


@given(seeds, activations, st.floats(0, 1e4))
def test_activations_equal_their_twins_at_any_size(seed: int, activation: str, size: float) -> None:
    x = size * matrix(seed, 4, 9)
    values = x.copy()
    activation_forward(values.reshape(-1), ACTIVATIONS[activation])
    np.testing.assert_allclose(values, reference.activate(x, activation), rtol=1e-12, atol=1e-15)


def test_without_an_activation_nothing_changes() -> None:
    values, grad = matrix(1, 7), matrix(2, 7)
    before, slope = values.copy(), grad.copy()
    activation_forward(values, NONE)
    activation_backward(values, grad, NONE)
    np.testing.assert_array_equal(values, before)
    np.testing.assert_array_equal(grad, slope)
