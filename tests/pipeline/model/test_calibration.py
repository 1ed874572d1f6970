"""A network's certainty: the temperature that fits it, and how far it is from the truth."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from pipeline.model.calibration import (
    HIGHEST,
    LOWEST,
    calibration_of,
    expected_calibration_error,
    fit_temperature,
    reliability,
)
from pipeline.model.classify import logits_of, probabilities_of
from pipeline.train.run import certainty_of
from pipeline.train.training_set import training_set_of
from pipeline.types import Bytes, TrainConfig
from tests.digits import TINY, blobs, trained

Doubles = npt.NDArray[np.float64]

values = st.floats(-20, 20, width=32)
outputs = st.tuples(st.integers(1, 30), st.integers(2, 5)).flatmap(
    lambda shape: hnp.arrays(np.float32, shape, elements=values)
)


def marked(
    probabilities: npt.NDArray[np.float64], labels: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return how sure each answer is, and whether it is right."""
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == labels


def drawn(n: int, temperature: float, seed: int = 0) -> tuple[Doubles, Bytes]:
    """Return logits, and labels drawn from the softmax of the logits divided by a temperature."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 3, (n, 4))
    cumulated = softmax(logits / temperature, axis=1).cumsum(axis=1)
    labels: Bytes = np.sum(random.random((n, 1)) > cumulated[:, :-1], axis=1, dtype=np.uint8)
    return logits, labels


def loss_at(logits: Doubles, labels: Bytes, temperature: float) -> float:
    return float(-log_softmax(logits / temperature, axis=1)[np.arange(labels.size), labels].mean())


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_labels_were_drawn_at_is_found(temperature: float) -> None:
    logits, labels = drawn(20_000, temperature)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(temperature, rel=0.05)
    best = minimize_scalar(
        lambda t: loss_at(logits, labels, t), bounds=(0.1, 10), method="bounded", options={"xatol": 1e-7}
    )
    assert found == pytest.approx(best.x, rel=1e-5)
    assert fit_temperature(logits, labels) == found


@given(outputs, st.integers(0, 2**31))
def test_no_other_temperature_is_better(logits: npt.NDArray[np.float32], seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, logits.shape[1], (len(logits),)).astype(np.uint8)
    found, doubles = fit_temperature(logits, labels), logits.astype(np.float64)
    assert LOWEST <= found <= HIGHEST
    lowest = loss_at(doubles, labels, found)
    for other in (LOWEST, found / 1.1, found * 1.1, HIGHEST):
        if LOWEST <= other <= HIGHEST:
            assert lowest <= loss_at(doubles, labels, other) + 1e-5 * (1 + lowest)


def test_where_the_likelihood_has_no_end_there_are_bounds() -> None:
    logits, labels = np.eye(3, dtype=np.float32) * 1000, np.arange(3, dtype=np.uint8)
    assert fit_temperature(logits, labels) == pytest.approx(LOWEST, rel=1e-5)
    assert fit_temperature(logits, (labels + 1) % 3) == pytest.approx(HIGHEST, rel=1e-5)


def test_bins_and_their_error_by_hand() -> None:
    sure = np.array([0.55, 0.6, 0.95, 1.0, 0.9])
    probabilities = np.stack([sure, 1 - sure], axis=1)
    labels = np.array([0, 1, 0, 0, 0], np.uint8)
    first, second, last = reliability(*marked(probabilities, labels), 10)
    assert (first.low, first.high, first.n, first.accuracy) == (0.5, 0.6, 2, 0.5)
    assert (second.low, second.high, second.n, second.confidence) == (0.8, 0.9, 1, 0.9)
    assert (last.n, last.accuracy) == (2, 1.0)
    assert last.confidence == pytest.approx(0.975)
    error = (2 * (0.575 - 0.5) + (1 - 0.9) + 2 * (1 - 0.975)) / 5
    assert expected_calibration_error(reliability(*marked(probabilities, labels), 10)) == pytest.approx(error)
    calibration = calibration_of(*marked(probabilities, labels), 1.5)
    assert (calibration.temperature, calibration.bins) == (1.5, reliability(*marked(probabilities, labels), 15))
    assert calibration.ece == expected_calibration_error(reliability(*marked(probabilities, labels)))


@given(outputs, st.integers(1, 20))
def test_bins_hold_every_answer_once(logits: npt.NDArray[np.float32], bins: int) -> None:
    probabilities = softmax(logits.astype(np.float64), axis=1)
    labels = np.zeros(len(logits), np.uint8)
    found = reliability(*marked(probabilities, labels), bins)
    assert sum(each.n for each in found) == len(logits)
    assert sum(each.n * each.accuracy for each in found) == pytest.approx((probabilities.argmax(axis=1) == 0).sum())
    for each in found:
        assert each.low - 1e-12 <= each.confidence <= each.high + 1e-12
    # Bins only ever hide a difference: with one of them, what is left is that of the means.
    whole = abs(float(probabilities.max(axis=1).mean()) - float((probabilities.argmax(axis=1) == 0).mean()))
    assert whole - 1e-12 <= expected_calibration_error(reliability(*marked(probabilities, labels), bins)) <= 1


def test_without_rows_there_is_no_error() -> None:
    assert expected_calibration_error(()) == 0


def test_fitting_lowers_the_error_of_one_who_is_too_sure() -> None:
    logits, labels = drawn(5000, 3.0)
    before = expected_calibration_error(reliability(*marked(softmax(logits, axis=1), labels)))
    fitted = softmax(logits / fit_temperature(logits, labels), axis=1)
    after = expected_calibration_error(reliability(*marked(fitted, labels)))
    assert after < 0.02 < before


@given(st.floats(LOWEST, HIGHEST), st.integers(0, 99))
def test_no_temperature_changes_an_answer(temperature: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(0, 4, (50, 3)).astype(np.float32)
    logits[:, 1] = np.nextafter(logits[:, 0], np.float32(9))  # as near to a tie as can be
    found = probabilities_of(logits, TINY, temperature)
    np.testing.assert_array_equal(found.argmax(axis=1), logits.argmax(axis=1))
    np.testing.assert_allclose(found, softmax(logits.astype(np.float64) / temperature, axis=1), rtol=1e-6, atol=1e-12)


def test_a_network_s_temperature_is_that_of_the_rows_held_out() -> None:
    dataset = blobs(rows=150)
    hard = dataset._replace(
        labels=np.where(np.arange(150) % 5, dataset.labels, (dataset.labels + 1) % 3).astype(np.uint8)
    )
    artifact, training_set = trained(hard), training_set_of(hard, TINY)
    features, labels = training_set.held_out
    logits = logits_of(artifact.members, artifact.scaling, TINY, features)
    found = certainty_of(artifact.members, training_set, TINY)[0]
    assert found == fit_temperature(logits, labels) != 1
    probabilities = probabilities_of(logits, TINY, found)
    np.testing.assert_allclose(probabilities, softmax(logits.astype(np.float64) / found, axis=1), rtol=1e-6)


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize(
    "config", [TINY._replace(epochs=30), TINY._replace(validation_fraction=0), TINY._replace(loss="quadratic")]
)
def test_where_nothing_tells_of_it_the_temperature_is_1(config: TrainConfig) -> None:
    dataset = blobs(rows=60)  # so easy that there is no mistake
    assert certainty_of(trained(dataset, config).members, training_set_of(dataset, config), config)[0] == 1
