"""Shards: together they are the rows, their mean is the network, and neither cuts nor who trains them change a byte."""

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels.network.epoch import new_stop_token
from pipeline.config import combined
from pipeline.errors import ConfigError
from pipeline.train.loop import advance, batches_per_epoch, initial_state, is_finished, train
from pipeline.train.shards import joined, run_round, run_shard, shard_of
from pipeline.train.shuffle import BLOCK
from pipeline.train.training_set import TrainingSet, training_set_of
from pipeline.types import TrainConfig, TrainState
from tests.digits import TINY, blobs
from tests.pipeline.train.test_loop import all_bytes
from tests.strategies import examples, seeds

SHARDED = TINY._replace(shards=3)


def trained_by(training_set: TrainingSet, config: TrainConfig) -> TrainState:
    """Return the state at the end."""
    *_, state = train(initial_state(training_set, config), training_set, config, new_stop_token())
    return state


def with_rows(rows: int) -> TrainingSet:
    """Return a training set that is said to have so many rows."""
    return training_set_of(blobs(), TINY)._replace(rows=np.arange(rows) * 2)


@given(st.integers(1, 3000), st.integers(1, 9), st.sampled_from([0, 500]), seeds)
def test_every_row_is_in_one_shard(rows: int, shards: int, buffer: int, seed: int) -> None:
    config = TINY._replace(shards=min(shards, rows), shuffle_buffer=buffer, seed=seed)
    training_set = with_rows(rows)
    parts = [shard_of(training_set, config, shard) for shard in range(config.shards)]
    np.testing.assert_array_equal(np.sort(np.concatenate([part.rows for part in parts])), training_set.rows)
    sizes = [part.rows.size for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert [part.shard for part in parts] == list(range(1, config.shards + 1))
    assert batches_per_epoch(training_set, config) == max(-(-size // config.batch_size) for size in sizes)


def test_rows_of_a_file_stay_beside_their_neighbours() -> None:
    config = TINY._replace(shards=2, shuffle_buffer=500)
    rows = shard_of(with_rows(20 * BLOCK), config, 0).rows // 2
    assert np.unique(rows // BLOCK).size == 10


def test_there_are_no_more_shards_than_rows() -> None:
    with pytest.raises(ConfigError, match="--shards 4: expected at most as many as training rows, 3"):
        shard_of(with_rows(3), TINY._replace(shards=4), 0)


def test_one_shard_is_all_rows_and_learns_as_ever() -> None:
    training_set = training_set_of(blobs(), TINY)
    assert shard_of(training_set, TINY, 0).rows.tolist() == training_set.rows.tolist()
    assert combined(None, None, {"shards": 1}).config == combined(None, None, {}).config
    with pytest.raises(ConfigError, match="average_every 5 is for several shards; found one"):
        combined(None, None, {"average_every": 5})


def test_the_mean_of_all_shards_is_taken() -> None:
    training_set = training_set_of(blobs(), SHARDED)
    state = initial_state(training_set, SHARDED)
    results = [run_shard(state, training_set, SHARDED, shard, new_stop_token()) for shard in range(SHARDED.shards)]
    reached = advance(state, training_set, SHARDED, new_stop_token())
    for i, layer in enumerate(reached.params):
        expected = np.mean([each.params[i].weight for each in results], axis=0, dtype=np.float64)
        np.testing.assert_allclose(layer.weight, expected, rtol=1e-6)
        memory = np.mean([each.optimizer_state.second[i].bias for each in results], axis=0, dtype=np.float64)
        np.testing.assert_allclose(reached.optimizer_state.second[i].bias, memory, rtol=1e-6)
        assert layer.weight.dtype == np.float32
        assert not layer.weight.flags.writeable
    assert len({each.params[0].weight.tobytes() for each in results}) == SHARDED.shards, "each learns from other rows"
    assert reached.history[0].loss == pytest.approx(sum(each.loss_sum for each in results) / training_set.rows.size)


@pytest.mark.parametrize("average_every", [0, *(pytest.param(often, marks=pytest.mark.jit) for often in (1, 2))])
def test_shards_learn(average_every: int) -> None:
    config = SHARDED._replace(average_every=average_every, epochs=24)
    state = trained_by(training_set_of(blobs(), config), config)
    assert is_finished(state, config)
    assert [report.epoch for report in state.history] == list(range(1, 25))
    assert state.history[-1].validation_accuracy == 1, "the clouds lie apart"


@examples(8)
@given(st.integers(2, 5), st.integers(0, 4), st.integers(1, 3), st.data())
def test_cut_anywhere_it_leads_to_the_same_bytes(
    shards: int, average_every: int, members: int, data: st.DataObject
) -> None:
    config = TINY._replace(shards=shards, average_every=average_every, members=members, epochs=2)
    training_set = training_set_of(blobs(rows=60), config)
    whole = trained_by(training_set, config)
    stop_token, state = new_stop_token(), initial_state(training_set, config)
    for _ in range(data.draw(st.integers(0, 3))):
        state = advance(state, training_set, config, stop_token)
    stop_token.limit[0] = data.draw(st.integers(0, 9))
    if not is_finished(state, config):
        before, state = state, advance(state, training_set, config, stop_token)
        assert state == before or state.step > before.step, "a round is done, or never was"
    left = list(train(state, training_set, config, new_stop_token()))
    assert all_bytes([state, *left][-1]) == all_bytes(whole)


def test_the_seconds_of_an_epoch_are_those_of_all_its_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    config = SHARDED._replace(average_every=1, epochs=2)
    training_set, clock = training_set_of(blobs(), config), itertools.count()
    monkeypatch.setattr("pipeline.train.loop.time.perf_counter", lambda: float(next(clock)))
    rounds = batches_per_epoch(training_set, config)
    assert rounds > 1
    for report in trained_by(training_set, config).history:
        # The clock ticks whenever it is looked at: around each round, and before.
        assert report.seconds >= 2 * rounds - 1


def test_a_round_may_end_within_a_window_or_at_its_end() -> None:
    for buffer in (16, 48):
        config = SHARDED._replace(average_every=1, shuffle_buffer=buffer, epochs=1)
        training_set = training_set_of(blobs(), config)
        states = list(train(initial_state(training_set, config), training_set, config, new_stop_token()))
        assert [state.step for state in states] == list(range(1, batches_per_epoch(training_set, config) + 1))
        assert states[-1].history[0].loss > 0


def test_a_round_that_was_stopped_leads_nowhere() -> None:
    training_set, stop_token = training_set_of(blobs(), SHARDED), new_stop_token()
    state = initial_state(training_set, SHARDED)
    stop_token.limit[0] = 0
    result = run_round(state, training_set, SHARDED, stop_token)
    assert (result.batches, result.params) == (0, state.params)


def test_a_shard_that_diverges_is_noticed() -> None:
    training_set = training_set_of(blobs(), SHARDED)
    state = initial_state(training_set, SHARDED)
    results = [run_shard(state, training_set, SHARDED, shard, new_stop_token()) for shard in range(SHARDED.shards)]
    assert joined(state, training_set, SHARDED, results).finite
    assert not joined(state, training_set, SHARDED, [*results[:-1], results[-1]._replace(finite=False)]).finite
