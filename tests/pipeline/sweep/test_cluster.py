"""Trials on the workers of a cluster: here two, in threads of this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kernels.network.epoch import new_stop_token
from pipeline.cluster.connect import Client, connected
from pipeline.errors import ArtifactError, ConfigError, ScrawlError
from pipeline.sweep.cluster import History, _heard, on_cluster
from pipeline.sweep.request import SweepRequest
from pipeline.sweep.run import run_sweep
from pipeline.sweep.trial import Job, Report, trained
from pipeline.sweep.workers import Ended, Proposal
from pipeline.train.narrate import Stopped
from tests.digits import TINY
from tests.pipeline.sweep.test_trial import job_of

pytestmark = pytest.mark.xdist_group("cluster")  # one process starts it
LONG = TINY._replace(epochs=100_000)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Return the client of a cluster."""
    import distributed  # noqa: PLC0415 -- takes long to import, and few tests need it

    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "dashboard_address": ":0"}
    with (
        distributed.LocalCluster(**settings) as cluster,
        connected(cluster.scheduler_address) as client,
    ):
        yield client


def proposal(number: int, job: Job, *ends: int) -> Proposal:
    """Return a proposal that is to end after certain epochs."""
    return Proposal(SimpleNamespace(number=number), job, lambda epoch, _: epoch in ends)


def ended(client: Client, *proposals: Proposal) -> list[Ended]:
    return list(on_cluster(client, "local", iter(proposals)))


def heard_by(history: History) -> Report:
    """Return a report that goes on for ever."""

    def report(epoch: int, accuracy: float) -> bool:
        history.append((epoch, accuracy))
        return False

    return report


def test_trials_are_those_that_they_would_be_here(client: Client, data: Path) -> None:
    jobs = [job_of(data, TINY._replace(seed=seed)) for seed in range(4)]
    told: list[History] = [[] for _ in jobs]
    proposals = (Proposal(SimpleNamespace(number=i), job, heard_by(told[i])) for i, job in enumerate(jobs))
    outcomes = {each.trial.number: outcome for each, outcome in on_cluster(client, "local", proposals)}
    for i, job in enumerate(jobs):
        expected: History = []
        here = trained(job, heard_by(expected), new_stop_token())
        assert here
        assert outcomes[i]._replace(seconds=here.seconds) == here
        assert told[i] == expected


def test_as_many_are_asked_for_as_there_are_workers(client: Client, data: Path) -> None:
    asked = []

    def proposals() -> Iterator[Proposal]:
        for number in range(4):
            asked.append(number)
            yield proposal(number, job_of(data))

    trials = on_cluster(client, "local", proposals())
    next(trials)
    assert asked == [0, 1], "the third one learns from the first"
    assert len(list(trials)) == 3


def test_a_trial_that_is_hopeless_ends(client: Client, data: Path) -> None:
    ((_, outcome),) = ended(client, proposal(0, job_of(data, LONG), 2))
    assert outcome.state == "pruned"
    assert outcome.epochs >= 2


def test_who_listens_no_more_has_the_trials_end(client: Client, data: Path) -> None:
    trials = on_cluster(client, "local", iter([proposal(0, job_of(data)), proposal(1, job_of(data, LONG))]))
    next(trials)
    trials.close()  # type: ignore[attr-defined] # a generator
    assert len(ended(client, *(proposal(number, job_of(data)) for number in range(2)))) == 2


def test_what_is_wrong_on_a_worker_is_told_with_its_name(
    client: Client, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ArtifactError, match=r"^worker inproc://\S+ on \S+: no prepared data in "):
        ended(client, proposal(0, Job(tmp_path, "abc", TINY, 1)))
    versions = iter([(("numba", "1"),), (("numba", "2"),)])
    monkeypatch.setattr("pipeline.sweep.cluster.software", lambda: next(versions))
    with pytest.raises(ScrawlError, match=r"^worker .*: expected numba 1 as where the sweep is, found 2\. Install th"):
        ended(client, proposal(0, job_of(data)))


def test_a_worker_whose_disk_is_full_is_named(client: Client, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.sweep.cluster.trained", full)
    with pytest.raises(ScrawlError, match=r"^worker inproc://\S+ on \S+: .*No space left on device"):
        ended(client, proposal(0, job_of(data)))


def test_what_comes_late_of_a_trial_that_has_ended_is_known() -> None:
    assert not list(_heard(None, {}, 7, 3, 0.5))


def test_a_cluster_that_all_workers_have_left_is_given_up(
    client: Client, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.sweep.cluster.PATIENCE", 0)
    monkeypatch.setattr(client, "nthreads", dict)
    monkeypatch.setattr("pipeline.sweep.cluster.TICK", 0.01)
    with pytest.raises(ScrawlError, match=r"--cluster local: no worker is left; start some\. The trials that are"):
        ended(client, proposal(0, job_of(data, LONG)))


class KilledWorker(Exception):  # noqa: N818 -- as Dask calls it
    """Stands for Dask's."""


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (OSError("timed out"), "the scheduler is gone, or can't be reached any more"),
        (ImportError("no module"), "a worker failed: ImportError: no module"),
    ],
)
def test_a_cluster_that_fails_is_named(
    client: Client, data: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, meant: str
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.sweep.cluster.result_of", failing)
    with pytest.raises(ScrawlError) as caught:
        ended(client, proposal(0, job_of(data)))
    assert str(caught.value) == (
        f"--cluster local: {meant}. The trials that are over are kept: go on with --resume once that is mended."
    )


def test_a_trial_that_costs_workers_their_lives_has_failed(
    client: Client, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise KilledWorker

    monkeypatch.setattr("pipeline.sweep.cluster.result_of", failing)
    ((_, outcome),) = ended(client, proposal(0, job_of(data)))
    assert outcome[:2] == ("failed", None)
    assert outcome.reason == "worker after worker has died over it"


def test_a_sweep_has_the_trials_that_it_would_have_here(
    client: Client, data: Path, tmp_path: Path, toml: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    space = 'seed = [1, 2]\nmomentum = { low = 0, high = 0.9 }\n[sweep]\nsampler = "random"\npruner = "none"\n'
    request = SweepRequest(tmp_path / "here", data, toml(space), trials=5)
    here = run_sweep(request, print)
    there = run_sweep(request._replace(folder=tmp_path / "there", cluster=client.scheduler.address), print)
    assert not isinstance(here, Stopped)
    assert not isinstance(there, Stopped)
    assert [{**each, "seconds": 0} for each in there["trials"]] == [{**each, "seconds": 0} for each in here["trials"]]
    assert capsys.readouterr().err.count("the best so far") >= 2


def test_a_cluster_that_is_none_is_told_before_anything_begins(
    data: Path, tmp_path: Path, toml: Callable[..., Path]
) -> None:
    request = SweepRequest(tmp_path / "sweep", data, toml("seed = [1, 2]"), cluster="nowhere")
    with pytest.raises(ConfigError, match="--cluster: expected local, local:4 or the address of a scheduler"):
        run_sweep(request, print)
    assert not request.folder.exists()
