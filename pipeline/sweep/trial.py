"""One trial: a network trained as `train` does it, judged on the rows held out; no file is written."""

import contextlib
import functools
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from kernels.network.epoch import StopToken
from pipeline.errors import ArtifactError, ConfigError, TrainingDiverged
from pipeline.model.classify import measure
from pipeline.model.shapes import layer_shapes, output_count
from pipeline.prepare.store.arrays import ARRAYS, PreparedData, open_arrays
from pipeline.train.checkpoint import check_size
from pipeline.train.ensemble import members_of
from pipeline.train.loop import initial_state, is_finished, train
from pipeline.train.nondigits import with_nondigits
from pipeline.train.scans import with_scans
from pipeline.train.training_set import TrainingSet, check_reach, training_set_of
from pipeline.train.warm_up import warm_up
from pipeline.types import TrainConfig, TrainState

COMPLETE, PRUNED, FAILED = "complete", "pruned", "failed"

Report = Callable[[int, float], bool]
"""Takes an epoch, from 1, and its validation accuracy; returns whether the trial is to end there."""
States: TypeAlias = Generator[TrainState, None, None]
"""Of a training run, one an epoch."""


class Job(NamedTuple):
    """What a trial needs to be told; all of it can travel."""

    data: Path  # folder of the prepared data
    data_hash: str  # SHA-256 of the prepared rows
    config: TrainConfig
    room: int  # bytes of features up to which they are read at once


class Outcome(NamedTuple):
    """How a trial ended."""

    state: str  # "complete", "pruned" or "failed"
    accuracy: float | None  # on the validation rows, 0 to 1; None if it failed
    epochs: int  # that were done
    seconds: float  # wall time, compilation included
    reason: str | None = None  # why it failed


def trained(
    job: Job, report: Report, stop_token: StopToken, follow: Callable[[States], States] = lambda states: states
) -> Outcome | None:
    """Train a network and judge it; return how that ended, or None if the token asked for a stop.

    `report` is called after each epoch. `follow` takes the states of the run and yields them, on whichever thread it
    likes.

    Raises ArtifactError if the data aren't there, or are others; ConfigError or DataError if nothing can be learned
    from them with this configuration.
    """
    started, training_set, config = time.perf_counter(), rows_for(job), job.config
    epochs = 0
    try:
        check_size(training_set.shapes, config)
        warm_up(training_set, config)
        state = initial_state(training_set, config)
        with contextlib.closing(follow(_states(state, training_set, config, stop_token))) as states:
            for state in states:
                if stop_token.limit[0] <= 0:
                    break
                if state.epoch == epochs:  # a round of shards within an epoch
                    continue
                epochs = state.epoch
                accuracy = state.history[-1].validation_accuracy or 0.0
                if report(epochs, accuracy) and not is_finished(state, config):
                    return Outcome(PRUNED, accuracy, epochs, time.perf_counter() - started)
        if stop_token.limit[0] <= 0:
            return None
        accuracy = _accuracy(state, training_set, config)
    except (TrainingDiverged, MemoryError, ConfigError) as error:
        return Outcome(FAILED, None, epochs, time.perf_counter() - started, _reason(error, epochs + 1))
    return Outcome(COMPLETE, accuracy, epochs, time.perf_counter() - started)


def rows_for(job: Job) -> TrainingSet:
    """Return what there is to learn, from memory if the trial before had it too but for the network's layers.

    See `trained` for errors.
    """
    data, config = prepared(job.data, job.room), job.config
    if data.data_hash != job.data_hash:
        raise ArtifactError(
            f"{job.data / ARRAYS}: other rows than the sweep began with (sha256 {job.data_hash[:12]}…, here "
            f"{data.data_hash[:12]}…). Prepare the same data everywhere, and go on by --resume."
        )
    # All else has no part in which rows there are.
    shared = TrainConfig(
        filters=min(config.filters, 1),
        hidden=(),
        validation_fraction=config.validation_fraction,
        distortion=config.distortion,
        shuffle_buffer=min(config.shuffle_buffer, 1),
        nondigits=config.nondigits,
        scans=config.scans,
    )
    rows = _divided(job.data, job.room, _stamp(job.data), shared)
    sizes = data.train.features.shape[1], *config.hidden, output_count(len(data.train.class_names), config)
    return rows._replace(shapes=layer_shapes(sizes, config.filters))


def prepared(folder: Path, room: int) -> PreparedData:
    """Return prepared data, read once by a process as long as they stay the same; see `open_arrays`."""
    return _read(folder, room, _stamp(folder))


def _states(state: TrainState, training_set: TrainingSet, config: TrainConfig, stop_token: StopToken) -> States:
    """Yield the state after each epoch; see `train`."""
    yield from train(state, training_set, config, stop_token)


def _reason(error: Exception, epoch: int) -> str:
    """Return why a trial failed, in its words."""
    if isinstance(error, TrainingDiverged):
        return f"diverged in epoch {epoch}: the loss or a weight was no finite number"
    return str(error) if isinstance(error, ConfigError) else f"not enough memory in epoch {epoch}"


def _accuracy(state: TrainState, training_set: TrainingSet, config: TrainConfig) -> float:
    """Return what share of the validation rows the network gets right that a run has led to."""
    metrics = measure(members_of(state, config), training_set.scaling, config, *training_set.held_out)
    return metrics.correct / metrics.n


def _stamp(folder: Path) -> int:
    """Return when prepared data were written; 0 if there are none."""
    try:
        return (folder / ARRAYS).stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=1)
def _read(folder: Path, room: int, _written: int) -> PreparedData:
    """Read prepared data."""
    return open_arrays(folder, room)


@functools.lru_cache(maxsize=1)
def _divided(folder: Path, room: int, _written: int, config: TrainConfig) -> TrainingSet:
    """Divide prepared data into rows to train on and rows held out."""
    dataset = prepared(folder, room).train
    training_set = training_set_of(dataset, config)
    check_reach(dataset.features, training_set.scaling, "training row")
    return with_nondigits(with_scans(training_set, dataset, config), dataset, config)
