"""Members and shards trained by a cluster's workers: what travels, what is checked first, what becomes of failures.

What travels is where the rows lie and what their sum must be, the configuration, and in each round the network and the
optimizer's memory; the rows themselves are read by each worker, once.
"""

import contextlib
import functools
import platform
from collections.abc import Iterator
from concurrent.futures import Future as Fetched
from pathlib import Path
from typing import NamedTuple

import llvmlite
import numba
import numpy as np

from kernels.machine.jit import source_digest
from kernels.network.epoch import EpochResult, StopToken, new_stop_token
from kernels.params import frozen
from kernels.types import Layer, OptimizerState
from pipeline.cluster.connect import Client, Future, connected, name_of_worker, worker_named
from pipeline.cluster.spread import check_workers, errors_of, fetching, first_done
from pipeline.errors import ConfigError, ScrawlError
from pipeline.prepare.store.arrays import PreparedData, open_arrays
from pipeline.prepare.store.drawn import open_with_drawn
from pipeline.train.at_once import Crew, Part
from pipeline.train.run import Run, training_set_for
from pipeline.train.shards import run_shard
from pipeline.train.shuffle import TIMES
from pipeline.train.training_set import TrainingSet
from pipeline.types import TrainConfig, TrainState

ROOT = Path(__file__).parents[2]
AGAIN = "Go on with --resume once that is mended."

Software = tuple[tuple[str, str], ...]


class Ground(NamedTuple):
    """What a run stands on, and what a worker must find as well."""

    folder: Path  # of the prepared data, as workers find it
    drawn: bool  # whether drawings are learned, too
    data_hash: str
    memory: int  # bytes that rows may take
    software: Software


@functools.cache
def software() -> Software:
    """Return what decides a network's bits, besides the rows: versions, and digests of our own sources."""
    return (
        ("Python", platform.python_version()),
        ("NumPy", np.__version__),
        ("numba", numba.__version__),
        ("llvmlite", llvmlite.__version__),
        *((f"Scrawl's {name}/ to be", source_digest(ROOT / name)[:12]) for name in ("kernels", "pipeline")),
    )


def check_shared(config: TrainConfig) -> None:
    """Raise ConfigError if there is nothing that several could train at the same time."""
    if config.shards == config.members == 1:
        raise ConfigError(
            "--cluster: expected several --members or --shards to share, found one. Set one of them, or do without."
        )


@contextlib.contextmanager
def crew_for(spec: str | None, run: Run, folder: Path, memory: int) -> Iterator[Crew | None]:
    """Give the crew that a cluster is, once each of its workers has found rows and software as they must be.

    Without a cluster there is none. Raises ConfigError if there is nothing to share; ScrawlError if there is no
    cluster, or a worker is not fit for it; see `pipeline.cluster.connect.connected`.
    """
    if spec is None:
        yield None
        return
    check_shared(run.config)
    ground = Ground(folder.resolve(), run.data.drawn is not None, run.data.data_hash, memory, software())
    with connected(spec) as client:
        with errors_of(spec, "Begin again once that is mended."):
            check_workers(client, fault_of, ground)
        yield crew_of(client, spec, ground)


def crew_of(client: Client, spec: str, ground: Ground) -> Crew:
    """Return what has a cluster's workers train."""
    given = dict[Fetched[EpochResult], tuple[Part, Future]]()

    def give(part: Part, state: TrainState, config: TrainConfig) -> None:
        # What the run remembers of earlier epochs, and of other members, is not needed to train.
        bare = state._replace(history=(), best=None, finished=(), waiting=(), ahead=())
        task = functools.partial(trained_shard, ground, bare, config)
        with errors_of(spec, AGAIN):
            future = client.submit(task, part.shard, pure=False)
            given[fetching(client, future)] = part, future

    def take(stop_token: StopToken) -> tuple[Part, EpochResult] | None:
        with errors_of(spec, AGAIN):
            done = first_done(client, given, lambda: stop_token.limit[0] <= 0)
            return (given.pop(done)[0], _arrived(done.result())) if done else None

    def drop() -> None:
        with contextlib.suppress(Exception):  # a scheduler that is gone has dropped them already
            client.cancel([future for _, future in given.values()])
        given.clear()

    return Crew(give, take, drop)


def _arrived(result: EpochResult) -> EpochResult:
    """Return a result as kernels hand it out: what has travelled lies in the message, at any address."""
    params, *moments = (
        frozen(tuple(Layer(layer.weight.copy(), layer.bias.copy()) for layer in network))
        for network in (result.params, *result.optimizer_state)
    )
    return result._replace(params=params, optimizer_state=OptimizerState(*moments))


def trained_shard(ground: Ground, state: TrainState, config: TrainConfig, shard: int) -> EpochResult:
    """Train a shard for a round; this is what runs on a worker.

    Raises ScrawlError, which names the worker, if that is not fit for it.
    """
    if fault := fault_of(ground):  # it may have come later than the run began
        raise ScrawlError(fault)
    # Neither has a say in what there is to learn; so all members of an ensemble find it made.
    with worker_named():
        training_set = training_set_on(ground, config._replace(seed=0, members=1))
        return run_shard(state, training_set, config, shard, new_stop_token())


def fault_of(ground: Ground) -> str:
    """Return what keeps this worker from training, in a sentence that names it; nothing if it can."""
    for (what, wanted), (_, found) in zip(ground.software, software(), strict=True):
        if found != wanted:
            return f"{name_of_worker()}: expected {what} {wanted} as where the run is, found {found}. Install that."
    try:
        data = opened_rows(ground)
    except ScrawlError as error:
        return f"{name_of_worker()}: {error}"
    if data.data_hash != ground.data_hash:
        return (
            f"{name_of_worker()}: {ground.folder}: expected the run's rows (sha256 {ground.data_hash[:12]}…), found "
            f"others ({data.data_hash[:12]}…). Copy them there."
        )
    return ""


@functools.lru_cache(maxsize=1)
def opened_rows(ground: Ground) -> PreparedData:
    """Return the rows of a folder, read once in each worker."""
    return (open_with_drawn if ground.drawn else open_arrays)(ground.folder, ground.memory // TIMES)


@functools.lru_cache(maxsize=1)
def training_set_on(ground: Ground, config: TrainConfig) -> TrainingSet:
    """Return what a run learns from, made once in each worker."""
    return training_set_for(opened_rows(ground), config)
