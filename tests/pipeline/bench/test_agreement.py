"""No times are taken of systems that compute different things."""

import numpy as np
import pytest

from pipeline.bench.agreement import (
    Disagreement,
    check_accuracy,
    check_answers,
    check_gradients,
    check_loss,
)
from pipeline.bench.system import Labels, Network

REFERENCE: Network = [(np.ones((3, 2), np.float32), np.array([3, 4], np.float32))]


def ones(count: int, rows: int) -> Labels:
    """Return the answers 1 for the first rows, and 0 for the others."""
    return (np.arange(rows) < count).astype(np.intp)


def test_rounding_is_no_disagreement() -> None:
    check_loss("torch", "3-2", 1.00005, 1.0)
    check_gradients("torch", "3-2", [(weight * np.float32(1.00005), bias) for weight, bias in REFERENCE], REFERENCE)
    check_answers("torch", "3-2", ones(1, 1000), ones(0, 1000))
    check_accuracy("torch", "3-2", 0.949, 0.941)


@pytest.mark.parametrize("loss", [1.001, float("nan")])
def test_another_loss_is_refused(loss: float) -> None:
    with pytest.raises(Disagreement, match=r"torch does not compute .* network 3-2: the loss .* expected 1"):
        check_loss("torch", "3-2", loss, 1.0)


@pytest.mark.parametrize("error", [0.01, float("nan")])
def test_another_gradient_is_refused(error: float) -> None:
    found = [(weight, bias + np.array([error, 0], np.float32)) for weight, bias in REFERENCE]
    with pytest.raises(Disagreement, match=r"jax does not compute .* layer 1's bias gradient is"):
        check_gradients("jax", "3-2", found, REFERENCE)


def test_other_answers_are_refused() -> None:
    with pytest.raises(Disagreement, match=r"99.50% of its answers are NumPy's; expected at least 99.9%"):
        check_answers("jax", "3-2", ones(1, 200), ones(0, 200))


@pytest.mark.parametrize("accuracy", [0.96, float("nan")])
def test_another_accuracy_is_refused(accuracy: float) -> None:
    with pytest.raises(Disagreement, match=r"expected 94.10% give or take 1%"):
        check_accuracy("jax", "3-2", accuracy, 0.941)
