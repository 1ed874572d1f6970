"""The compiled loop over mini-batches: equal to the twin's, a pure function, and to be stopped at any batch."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from kernels import reference
from kernels.layers.csr import csr_of
from kernels.network.epoch import EpochResult, EpochRows, Hyperparameters, StopToken, new_stop_token, train_epoch
from kernels.params import empty_like, frozen, zeros_like
from kernels.types import ACTIVATIONS, LOSSES, OPTIMIZERS, OptimizerState, Params
from tests.strategies import (
    activations,
    labelled_rows,
    losses,
    network,
    optimizers,
    seeds,
    sparse_rows,
    tolerance,
    widths,
)

pytestmark = pytest.mark.xdist_group("dense")  # one process compiles what they share

SIZES = (12, 7, 4)
SMOOTHING = 0.1


def memory_for(params: Params, optimizer: str) -> OptimizerState:
    first = empty_like(params) if optimizer == "sgd" else zeros_like(params)
    return OptimizerState(first, zeros_like(params) if optimizer == "adamw" else empty_like(params))


def hyperparameters_for(activation: str, loss: str, optimizer: str, batch_size: int) -> Hyperparameters:
    return Hyperparameters(
        ACTIVATIONS[activation], LOSSES[loss], OPTIMIZERS[optimizer], 0.8, 0.05, SMOOTHING, batch_size
    )


def run(
    params: Params,
    rows: npt.NDArray[np.int64],
    hyperparameters: Hyperparameters,
    optimizer: str,
    stop_token: StopToken | None = None,
) -> EpochResult:
    """Train a network on the drawn rows, at a learning rate that changes from step to step."""
    features, labels = labelled_rows(5, 60, params[0].weight.shape[0], params[-1].bias.size)
    shift, scale = np.full(features.shape[1], 3, np.float32), np.full(features.shape[1], 1 / 128, np.float32)
    rates = rates_for(rows.size, hyperparameters.batch_size)
    state = memory_for(params, optimizer)
    seen = EpochRows(features, labels, rows, shift, scale)
    return train_epoch(params, state, seen, rates, 0, 0.0, hyperparameters, stop_token or new_stop_token())


def assert_trained(result: EpochResult, expected: reference.Network, loss: float, optimizer: str) -> None:
    """Compare what an epoch has led to with what the twin's has.

    AdamW divides by √ŝ, which a vanishing gradient makes tiny: there, in float32, a few numbers show rounding only.
    """
    assert result.loss_sum == pytest.approx(loss, rel=tolerance(1e-6, 1e-5))
    errors = np.concatenate(
        [
            np.abs(found - exact).ravel()
            for layer, pair in zip(result.params, expected, strict=True)
            for found, exact in zip(layer, pair, strict=True)
        ]
    )
    assert np.quantile(errors, 0.9) < tolerance(1e-6, 1e-4)
    assert errors.max() < tolerance(1e-6, 1e-2 if optimizer == "adamw" else 1e-4)


def rates_for(rows: int, batch_size: int) -> npt.NDArray[np.float64]:
    return np.linspace(0.1, 0.02, -(-rows // batch_size))


@given(
    seeds, st.tuples(widths, widths, widths), st.integers(1, 40), st.integers(1, 50), activations, losses, optimizers
)
def test_an_epoch_equals_the_twins(
    seed: int, sizes: tuple[int, ...], batch_size: int, count: int, activation: str, loss: str, optimizer: str
) -> None:
    params = network(seed, sizes)
    rows = np.random.default_rng(seed).integers(0, 60, count)
    result = run(params, rows, hyperparameters_for(activation, loss, optimizer, batch_size), optimizer)
    features, labels = labelled_rows(5, 60, sizes[0], sizes[-1])
    x = (features - 3.0) / 128
    batches = [(x[part], labels[part]) for part in np.split(rows, range(batch_size, count, batch_size))]
    rates = list(rates_for(count, batch_size))
    expected, total = reference.train(
        reference.network_of(params),
        batches,
        rates,
        reference.dense_loss(activation, loss, SMOOTHING),
        optimizer,
        0.8,
        0.05,
    )
    assert result.finite
    assert result.batches == len(batches)
    assert_trained(result, expected, total, optimizer)


@given(
    seeds, st.tuples(widths, widths, widths), st.integers(1, 40), st.integers(1, 50), activations, losses, optimizers
)
def test_an_epoch_without_the_zeros_equals_the_twins(
    seed: int, sizes: tuple[int, ...], batch_size: int, count: int, activation: str, loss: str, optimizer: str
) -> None:
    params = network(seed, sizes)
    features, labels = sparse_rows(seed, 60, sizes[0], sizes[-1])
    shift, scale = np.zeros(sizes[0], np.float32), np.full(sizes[0], 1 / 256, np.float32)
    rows = np.random.default_rng(seed).integers(0, 60, count)
    rates = rates_for(count, batch_size)
    result = train_epoch(
        params, memory_for(params, optimizer), EpochRows(csr_of(features), labels, rows, shift, scale), rates, 0, 0.0,
        hyperparameters_for(activation, loss, optimizer, batch_size), new_stop_token(),
    )  # fmt: skip
    batches = [(features[part] / 256.0, labels[part]) for part in np.split(rows, range(batch_size, count, batch_size))]
    expected, total = reference.train(
        reference.network_of(params),
        batches,
        list(rates),
        reference.dense_loss(activation, loss, SMOOTHING),
        optimizer,
        0.8,
        0.05,
    )
    assert_trained(result, expected, total, optimizer)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_was_passed_is_not_changed_and_what_returns_is_frozen(optimizer: str) -> None:
    params = frozen(network(1, SIZES))
    before = [array.tobytes() for layer in params for array in layer]
    result = run(params, np.arange(60), hyperparameters_for("tanh", "cross-entropy", optimizer, 8), optimizer)
    assert [array.tobytes() for layer in params for array in layer] == before
    for network_ in (result.params, *result.optimizer_state):
        assert not any(array.flags.writeable for layer in network_ for array in layer)
    assert [array.tobytes() for layer in result.params for array in layer] != before


def test_a_stop_ends_the_epoch_before_its_next_batch() -> None:
    params, stop_token = network(1, SIZES), new_stop_token()
    stop_token.limit[0] = 0
    result = run(params, np.arange(60), hyperparameters_for("relu", "cross-entropy", "sgd", 8), "sgd", stop_token)
    assert (result.batches, result.loss_sum, result.finite) == (0, 0.0, True)
    assert result.params[0].weight.tobytes() == params[0].weight.tobytes()


def test_the_mailbox_counts_batches() -> None:
    stop_token = new_stop_token()
    run(network(1, SIZES), np.arange(60), hyperparameters_for("relu", "cross-entropy", "sgd", 8), "sgd", stop_token)
    assert stop_token.done[0] == 8


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # without the JIT, NumPy warns of what is tested here
def test_an_infinite_weight_is_noticed_before_the_step() -> None:
    params = network(1, SIZES)
    params[-1].weight[0, 0] = np.inf
    result = run(params, np.arange(60), hyperparameters_for("sigmoid", "cross-entropy", "sgd", 8), "sgd")
    assert (result.batches, result.finite) == (0, False)
