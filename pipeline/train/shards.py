"""Learning by several at once: each trains the same network on its own part of the rows, then all take the mean.

The parts are called shards; how many there are, and how often the mean is taken, belongs to the configuration. Who
trains which of them, and when, has no say: the mean is summed up in the order of the shards. So one process or many
machines come to the same bytes, and a shard whose machine has died is trained once more, elsewhere.

References
----------
S. U. Stich, "Local SGD converges fast and communicates little", ICLR 2019.
T. Lin, S. U. Stich, K. K. Patel, M. Jaggi, "Don't use large mini-batches, use local SGD", ICLR 2020: the moments are
averaged with the weights.
"""

import math
from collections.abc import Sequence

import numpy as np

from kernels.network.epoch import EpochResult, StopToken
from kernels.params import frozen
from kernels.types import Layer, OptimizerState, Params
from pipeline.errors import ConfigError
from pipeline.train.epoch import Round, run_batches
from pipeline.train.shuffle import BLOCK
from pipeline.train.streams import Stream, generator
from pipeline.train.training_set import TrainingSet
from pipeline.types import TrainConfig, TrainState


def batches_per_epoch(rows: int, config: TrainConfig) -> int:
    """Return how many mini-batches an epoch of so many rows has, in the largest shard; the last one may be short."""
    return math.ceil(math.ceil(rows / config.shards) / config.batch_size)


def shard_of(training_set: TrainingSet, config: TrainConfig, shard: int) -> TrainingSet:
    """Return a training set with one shard of its rows, counted from 0: as large as the others, but for one row.

    Raises ConfigError if there are more shards than rows.
    """
    rows = training_set.rows
    if config.shards > rows.size:
        raise ConfigError(f"--shards {config.shards}: expected at most as many as training rows, {rows.size:,}.")
    block = BLOCK if config.shuffle_buffer and rows.size >= BLOCK * config.shards else 1  # neighbours are read together
    places = generator(config.seed, Stream.SHARDS).permutation(-(-rows.size // block))
    dealt = (places[:, np.newaxis] * block + np.arange(block)).ravel()
    mine = np.array_split(dealt[dealt < rows.size], config.shards)[shard]
    return training_set._replace(rows=rows[np.sort(mine)], shard=shard + 1)


def next_round(state: TrainState, config: TrainConfig, rows: int) -> Round:
    """Return the round that a state stands before."""
    batches = batches_per_epoch(rows, config)
    done = state.step - state.epoch * batches
    return Round(batches, min(done + config.average_every, batches) if config.average_every else batches)


def run_round(state: TrainState, training_set: TrainingSet, config: TrainConfig, stop_token: StopToken) -> EpochResult:
    """Return what the next round leads to, here and one shard after the other, or what it began with.

    That is if a stop was asked for before its end. With one shard, it ends after the running mini-batch.
    """
    results = list[EpochResult]()
    for shard in range(config.shards):
        results.append(run_shard(state, training_set, config, shard, stop_token))
        if config.shards > 1 and stop_token.limit[0] <= stop_token.done[0]:
            return EpochResult(state.params, state.optimizer_state, state.loss_sum, 0, finite=True)
    return joined(state, training_set, config, results)


def run_shard(
    state: TrainState, training_set: TrainingSet, config: TrainConfig, shard: int, stop_token: StopToken
) -> EpochResult:
    """Return what one shard of all rows, counted from 0, comes to in the next round."""
    round_ = next_round(state, config, training_set.rows.size)
    if config.shards == 1:
        return run_batches(state, training_set, config, round_, stop_token)
    mine = shard_of(training_set, config, shard)
    return run_batches(state._replace(loss_sum=0.0), mine, config, round_, stop_token)


def joined(
    state: TrainState, training_set: TrainingSet, config: TrainConfig, results: Sequence[EpochResult]
) -> EpochResult:
    """Return what the next round leads to, once all shards have trained it: their results, in their order."""
    if config.shards == 1:
        return results[0]
    round_ = next_round(state, config, training_set.rows.size)
    batches = round_.until - (state.step - state.epoch * round_.batches)
    return EpochResult(
        params=_mean([each.params for each in results]),
        optimizer_state=OptimizerState(
            *(_mean([each.optimizer_state[i] for each in results]) for i in range(len(OptimizerState._fields)))
        ),
        loss_sum=state.loss_sum + sum(each.loss_sum for each in results),
        batches=batches,
        finite=all(each.finite for each in results),
    )


def _mean(each: Sequence[Params]) -> Params:
    """Return the mean of networks of one shape, summed in float64 in their order."""
    layers = zip(*each, strict=True)
    return frozen(tuple(Layer(*map(_mean_of, zip(*layer, strict=True))) for layer in layers))


def _mean_of(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of arrays in their own type."""
    total = sum((array.astype(np.float64) for array in arrays[1:]), start=arrays[0].astype(np.float64))
    return (total / len(arrays)).astype(arrays[0].dtype)
