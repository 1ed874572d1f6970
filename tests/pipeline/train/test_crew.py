"""Members and shards trained by others: the same bytes, whoever dies; and sentences for what can't be helped."""

import contextlib
import errno
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kernels.network.epoch import new_stop_token
from pipeline.cluster.connect import connected
from pipeline.errors import ConfigError, ScrawlError
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.train import crew
from pipeline.train.at_once import Part, train_at_once
from pipeline.train.crew import (
    Ground,
    crew_for,
    crew_of,
    fault_of,
    opened_rows,
    software,
    trained_shard,
    training_set_on,
)
from pipeline.train.loop import initial_state, train
from pipeline.train.run import Run
from pipeline.train.shards import run_shard
from pipeline.train.training_set import training_set_of
from tests.digits import TINY, blobs
from tests.pipeline.train.test_at_once import same
from tests.tables import write_csv

pytestmark = pytest.mark.plain  # processes that train, with the JIT or without

CONFIG = TINY._replace(shards=3, epochs=4, average_every=2)
MEMBERS = TINY._replace(members=3, epochs=2, distortion=0.5)
MEMORY = 10**6


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run on prepared rows, before its first step."""
    folder, dataset = tmp_path_factory.mktemp("crew"), blobs()
    rows = write_csv(folder / "rows.csv", np.asarray(dataset.features), np.asarray(dataset.labels))
    prepare(PrepareRequest(folder / "data", rows), {})
    data = load_arrays(folder / "data")
    training_set = training_set_of(data.train, CONFIG)
    return Run(folder / "data", data, CONFIG, training_set, initial_state(training_set, CONFIG))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process be a worker."""
    monkeypatch.setattr(crew, "name_of_worker", lambda: "worker 7")
    opened_rows.cache_clear()
    training_set_on.cache_clear()
    yield
    opened_rows.cache_clear()


def ground_of(run: Run) -> Ground:
    return Ground(run.folder, drawn=False, data_hash=run.data.data_hash, memory=MEMORY, software=software())


def test_workers_that_are_killed_change_no_byte_and_a_lost_scheduler_is_named(run: Run) -> None:
    with connected("local:2") as client:
        workers = crew_of(client, "local:2", ground_of(run))
        for config, kill in ((CONFIG, 3), (MEMBERS, 1)):
            training_set = training_set_of(run.data.train, config)
            going = initial_state(training_set, config), training_set, config, new_stop_token()
            for i, state in enumerate(train_at_once(*going, workers)):
                reached = state
                if i == kill:
                    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            *_, whole = train(*going)
            assert same(reached, whole, config)
            for array in (
                array for network in (reached.params, *reached.optimizer_state) for array in sum(network, ())
            ):
                assert array.flags.owndata
                assert not array.flags.writeable
        stopped = new_stop_token()
        stopped.limit[0] = 0
        workers.give(Part(0, 0), run.state, CONFIG)
        assert workers.take(stopped) is None
        workers.drop()
        client.cluster.close()
        with pytest.raises(ScrawlError, match="--cluster local:2: the scheduler is gone, or"):
            list(train_at_once(*going, workers))


def test_a_cluster_without_any_worker_left_is_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cluster.spread.PATIENCE", 0)
    monkeypatch.setattr("pipeline.cluster.spread.TICK", 0.01)
    monkeypatch.setattr(crew, "fetching", lambda *_: Future())
    alive, cancelled = [{"a worker": 1}, {}], list[object]()
    client = SimpleNamespace(submit=lambda *_, **__: "a task", nthreads=lambda: alive.pop(0), cancel=cancelled.extend)
    workers = crew_of(client, "local", ground_of(run))
    with pytest.raises(ScrawlError, match="--cluster local: no worker is left; start some"):
        list(train_at_once(run.state, run.training_set, CONFIG, new_stop_token(), workers))
    assert cancelled == ["a task"] * CONFIG.shards


@pytest.mark.usefixtures("alone")
def test_a_worker_computes_what_this_process_computes(run: Run) -> None:
    for shard in range(CONFIG.shards):
        expected = run_shard(run.state, run.training_set, CONFIG, shard, new_stop_token())
        found = trained_shard(ground_of(run), run.state, CONFIG, shard)
        assert found.loss_sum == expected.loss_sum
        for mine, theirs in zip(found.params, expected.params, strict=True):
            np.testing.assert_array_equal(mine.weight, theirs.weight)


@pytest.mark.usefixtures("alone")
def test_a_worker_that_is_not_fit_says_why(run: Run, tmp_path: Path) -> None:
    ground = ground_of(run)
    assert not fault_of(ground)
    other = (*ground.software[:2], ("numba", "0.1"), *ground.software[3:])
    for unfit, reason in (
        (ground._replace(software=other), r"worker 7: expected numba 0\.1 as where the run is, found \d"),
        (
            ground._replace(data_hash="f" * 64),
            r"worker 7: .*data: expected the run's rows \(sha256 ffffffffffff…\), found",
        ),
        (ground._replace(folder=tmp_path / "none"), "worker 7: no prepared data in .*none"),
        (ground._replace(drawn=True), "worker 7: .*expected drawings"),
    ):
        with pytest.raises(ScrawlError, match=reason):
            trained_shard(unfit, run.state, CONFIG, 0)


@pytest.mark.usefixtures("alone")
def test_what_goes_wrong_on_a_worker_names_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pipeline.cluster.connect.name_of_worker", lambda: "worker 7")
    monkeypatch.setattr(crew, "run_shard", failing)
    with pytest.raises(ScrawlError, match=r"worker 7: .*No space left on device"):
        trained_shard(ground_of(run), run.state, CONFIG, 0)


def test_a_run_does_not_begin_with_workers_that_are_not_fit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"a": "", "b": "worker b: other rows"}
    client = SimpleNamespace(
        run=lambda function, _ground, on_error: found if (function, on_error) == (fault_of, "return") else {}
    )
    monkeypatch.setattr(crew, "connected", lambda _spec: contextlib.nullcontext(client))
    with pytest.raises(ScrawlError, match="worker b: other rows"), crew_for("local", run, run.folder, MEMORY):
        pass
    found["b"] = ""
    for config in (CONFIG, MEMBERS):
        with crew_for("local", run._replace(config=config), run.folder, MEMORY) as workers:
            assert workers


def test_one_shard_of_one_member_needs_no_crew(run: Run) -> None:
    single = run._replace(config=TINY)
    with pytest.raises(ConfigError, match="--cluster: expected several --members or --shards to share, found one"):
        crew_for("local", single, run.folder, MEMORY).__enter__()
    with crew_for(None, run, run.folder, MEMORY) as workers:
        assert workers is None
