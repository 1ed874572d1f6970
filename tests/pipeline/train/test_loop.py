"""Training as a fold: it learns, repeats itself to the bit, and can be cut anywhere."""

import numba
import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels.network.epoch import new_stop_token
from pipeline.errors import ConfigError, TrainingDiverged
from pipeline.threads import available_threads, using_threads
from pipeline.train.ensemble import members_of
from pipeline.train.loop import advance, initial_state, train
from pipeline.train.training_set import TrainingSet, training_set_of
from pipeline.types import Params, TrainConfig, TrainState
from tests.digits import TINY, blobs
from tests.strategies import examples, optimizers


def bytes_of(params: Params) -> list[bytes]:
    return [array.tobytes() for layer in params for array in layer]


def all_bytes(state: TrainState) -> list[bytes]:
    return [data for network in (state.params, *state.optimizer_state) for data in bytes_of(network)]


def run(config: TrainConfig, threads: int | None = None) -> list[TrainState]:
    training_set = training_set_of(blobs(), config)
    with using_threads(threads):
        return list(train(initial_state(training_set, config), training_set, config, new_stop_token()))


@pytest.mark.jit  # slow without it
def test_a_network_learns() -> None:
    reports = run(TINY._replace(epochs=8))[-1].history
    assert [report.epoch for report in reports] == list(range(1, 9))
    assert reports[-1].loss < 0.3 * reports[0].loss
    assert reports[-1].validation_accuracy is not None
    assert reports[-1].validation_accuracy > 0.9


def test_a_network_without_hidden_layer_learns_too() -> None:
    state = run(TINY._replace(hidden=(), epochs=8))[-1]
    assert [layer.weight.shape for layer in state.params] == [(16, 3)]
    assert state.history[-1].loss < 0.5


@pytest.mark.jit  # half a minute without it
def test_a_network_with_filters_learns_too() -> None:
    state = run(TINY._replace(filters=4, epochs=8))[-1]
    assert [layer.weight.shape for layer in state.params] == [(200, 4), (100, 8), (8, 3)]
    assert state.history[-1].loss < 0.3 * state.history[0].loss
    assert state.history[-1].validation_accuracy is not None
    assert state.history[-1].validation_accuracy > 0.9


@pytest.mark.jit  # slow without it
@examples(4)
@given(optimizers, st.lists(st.integers(0, 3), min_size=1, max_size=3), st.sampled_from([5, 11]))
def test_with_filters_too_a_break_changes_no_bit(optimizer: str, stops: list[int], batch_size: int) -> None:
    config = TINY._replace(filters=2, optimizer=optimizer, batch_size=batch_size, epochs=2, distortion=0.5)
    training_set = training_set_of(blobs(rows=30), config)
    start = state = initial_state(training_set, config)
    for stop in stops:
        state = cut_short(state, training_set, config, stop)
    broken, whole = ([each, *train(each, training_set, config, new_stop_token())][-1] for each in (state, start))
    assert all_bytes(broken) == all_bytes(whole)
    assert broken.history[-1].loss == whole.history[-1].loss


def test_without_validation_rows_there_is_no_validation_figure() -> None:
    report = run(TINY._replace(validation_fraction=0.0))[-1].history[-1]
    assert (report.validation_loss, report.validation_accuracy) == (None, None)


@pytest.mark.jit  # slow without it
def test_the_seed_decides_everything() -> None:
    first, again, other = (run(TINY._replace(seed=seed))[-1] for seed in (5, 5, 6))
    assert all_bytes(first) == all_bytes(again)
    assert all_bytes(first) != all_bytes(other)


@pytest.mark.jit  # without it, all threads are one
@pytest.mark.parametrize(("filters", "hidden"), [(0, (300, 300)), (16, (300,))])
def test_the_number_of_threads_changes_nothing(filters: int, hidden: tuple[int, ...]) -> None:
    config = TINY._replace(filters=filters, hidden=hidden, batch_size=100, epochs=2)  # large: products are shared
    results = [all_bytes(run(config, threads)[-1]) for threads in range(1, available_threads() + 1)]
    assert all(result == results[0] for result in results)


@pytest.mark.jit  # slow without it
@given(optimizers, st.lists(st.integers(0, 7), max_size=6), st.integers(1, 40), st.sampled_from([0.0, 0.5]))
def test_stopping_after_any_batch_and_going_on_changes_no_bit(
    optimizer: str, stops: list[int], batch_size: int, distortion: float
) -> None:
    config = TINY._replace(optimizer=optimizer, batch_size=batch_size, epochs=2, distortion=distortion)
    training_set = training_set_of(blobs(), config)
    state = initial_state(training_set, config)
    for stop in stops:
        state = cut_short(state, training_set, config, stop)
    state = [state, *train(state, training_set, config, new_stop_token())][-1]
    assert all_bytes(state) == all_bytes(run(config)[-1])
    assert [report.loss for report in state.history] == [report.loss for report in run(config)[-1].history]


@pytest.mark.jit  # slow without it
def test_distorted_images_teach() -> None:
    config = TINY._replace(distortion=0.2, epochs=8)
    report = run(config)[-1].history[-1]
    assert report.validation_accuracy is not None
    assert report.validation_accuracy > 0.9


def test_a_table_can_not_be_distorted() -> None:
    with pytest.raises(ConfigError, match="augmentation: expected images to distort; found a table"):
        training_set_of(blobs(image_shape=None), TINY._replace(distortion=1.0))


def cut_short(state: TrainState, training_set: TrainingSet, config: TrainConfig, batches: int) -> TrainState:
    """Go on for so many mini-batches, or to the end of the epoch if that comes first."""
    if state.epoch == config.epochs:
        return state
    stop_token = new_stop_token()
    stop_token.limit[0] = batches
    return advance(state, training_set, config, stop_token)


def test_a_limit_ends_the_run_in_mid_epoch() -> None:
    training_set, stop_token = training_set_of(blobs(), TINY), new_stop_token()
    stop_token.limit[0] = 2
    state = cut_short(initial_state(training_set, TINY), training_set, TINY, 2)
    assert (state.epoch, state.step, state.history) == (0, 2, ())
    assert state.loss_sum > 0


def test_a_stop_ends_the_fold() -> None:
    training_set, stop_token = training_set_of(blobs(), TINY), new_stop_token()
    states = train(initial_state(training_set, TINY), training_set, TINY, stop_token)
    assert next(states).epoch == 1
    stop_token.limit[0] = 0
    assert next(states, None) is None


@pytest.mark.jit  # slow without it
def test_early_stopping_keeps_the_best_epoch() -> None:
    config = TINY._replace(epochs=60, patience=3, optimizer="sgd", learning_rate=0.8, schedule="constant")
    states = run(config)
    losses = [report.validation_loss or 0.0 for report in states[-1].history]
    best = int(np.argmin(losses))
    assert len(states) == best + 1 + config.patience < config.epochs
    assert bytes_of(*members_of(states[-1], config)) == bytes_of(states[best].params)


def test_without_patience_the_last_epoch_counts() -> None:
    state = run(TINY)[-1]
    assert state.best is None
    assert members_of(state, TINY) == (state.params,)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # without the JIT, NumPy warns of what is tested here
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_divergence_is_an_error_that_says_where_and_what_to_do(activation: str) -> None:
    config = TINY._replace(optimizer="sgd", learning_rate=1e38, activation=activation, schedule="constant")
    with pytest.raises(TrainingDiverged, match=r"epoch 1, step \d+: .* learning rate 1e\+38. Try .*1e\+37"):
        run(config)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_validation_loss_that_is_not_finite_is_divergence_too() -> None:
    training_set = training_set_of(blobs(), TINY)
    features = np.full(training_set.held_out[0].shape, np.inf, np.float32)
    training_set = training_set._replace(held_out=(features, training_set.held_out[1]))
    with pytest.raises(TrainingDiverged, match="epoch 1"):
        list(train(initial_state(training_set, TINY), training_set, TINY, new_stop_token()))


@pytest.mark.parametrize("count", [0, 10_000])
def test_threads_that_are_not_there_are_refused(count: int) -> None:
    with pytest.raises(ConfigError, match=f"--threads: expected 1 to .* found {count}"), using_threads(count):
        pass


def test_the_number_of_threads_is_given_back() -> None:
    before = numba.get_num_threads()
    with using_threads(1):
        assert numba.get_num_threads() == 1
    assert numba.get_num_threads() == before
