"""Trials trained by the workers of a cluster, as many at a time as there are workers.

Settings travel there and accuracies back; the rows are read by each worker, once. Nobody waits for an answer: a trial
tells of each epoch as it ends, and may hear one or more epochs later that it is to end.
"""

import contextlib
import queue
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from kernels.network.epoch import new_stop_token
from pipeline.cluster.connect import Client, Future, name_of_worker, worker_named
from pipeline.cluster.spread import PATIENCE, TICK, NoWorkerLeft, errors_of, result_of
from pipeline.errors import ArtifactError, ConfigError, DataError, ScrawlError
from pipeline.sweep.trial import FAILED, Job, Outcome, trained
from pipeline.sweep.workers import Ended, Proposal
from pipeline.train.crew import Software, software

ADVICE = "The trials that are over are kept: go on with --resume once that is mended."

Event: TypeAlias = Any
"""Dask's, whose package is an extra."""
History: TypeAlias = list[tuple[int, float]]
"""Epochs of a trial, from 1, with their validation accuracies."""


class Task(NamedTuple):
    """What a worker is told."""

    job: Job
    number: int  # of the trial
    sweep: str  # whom it tells of it
    software: Software  # that it must have

    @property
    def name(self) -> str:
        """What the cluster calls it."""
        return f"{self.sweep}-{self.number}"


class _Running(NamedTuple):
    """A trial that a worker has, or that waits for one."""

    proposal: Proposal
    future: Future
    enough: Event  # set when it is to end
    told: History  # what it has told so far
    began: float  # on the monotonic clock


def on_cluster(client: Client, spec: str, proposals: Iterator[Proposal]) -> Iterator[Ended]:
    """Train proposals on all workers at the same time, and yield how each ended, in the order in which they end.

    A trial whose worker dies is begun anew on another; one that has cost several workers their lives has failed.

    Raises what `trained` raises, with the worker's name; ScrawlError if a worker has other software, or the scheduler
    is gone. Messages call the cluster by `spec`.
    """
    sweep, running = f"sweep-{uuid.uuid4().hex}", dict[int, _Running]()
    try:
        with errors_of(spec, ADVICE):
            yield from _followed(client, sweep, running, proposals)
    finally:
        _stop(client, sweep, running)


def _followed(
    client: Client, sweep: str, running: dict[int, _Running], proposals: Iterator[Proposal]
) -> Iterator[Ended]:
    """Do what `on_cluster` is for, as long as the cluster can be reached; `running` is kept up to date."""
    said, seen = queue.SimpleQueue[Any](), time.monotonic()
    client.subscribe_topic(sweep, lambda event: said.put(tuple(event[1])))
    while True:
        workers = len(client.nthreads())
        while len(running) < max(workers, 1) and (proposal := next(proposals, None)):
            task = Task(proposal.job, proposal.trial.number, sweep, software())
            running[task.number] = _submitted(client, proposal, task, said.put)
        if not running:
            return
        seen = time.monotonic() if workers else seen
        if time.monotonic() - seen > PATIENCE:
            raise NoWorkerLeft
        with contextlib.suppress(queue.Empty):
            yield from _heard(client, running, *said.get(timeout=TICK))


def train_there(task: Task) -> tuple[Outcome, History]:
    """Train a trial on the worker that this runs on; return how it ended, and what it has told on the way.

    Raises what `trained` raises, with the worker's name; ScrawlError if the worker has other software.
    """
    import distributed  # noqa: PLC0415 -- an extra

    for (what, wanted), (_, found) in zip(task.software, software(), strict=True):
        if found != wanted:
            raise ScrawlError(
                f"{name_of_worker()}: expected {what} {wanted} as where the sweep is, found {found}. Install that."
            )
    worker, history = distributed.get_worker(), History()
    enough: Event = distributed.Event(task.name)

    def report(epoch: int, accuracy: float) -> bool:
        history.append((epoch, accuracy))
        worker.log_event(task.sweep, (task.number, epoch, accuracy))
        return bool(enough.is_set())

    try:
        with worker_named():
            outcome = trained(task.job, report, new_stop_token())
    except (ArtifactError, ConfigError, DataError) as error:
        raise type(error)(f"{name_of_worker()}: {error}") from error
    assert outcome is not None  # noqa: S101 -- nobody asks for a stop by the token
    return outcome, history


def _submitted(client: Client, proposal: Proposal, task: Task, say: Callable[[tuple[int]], object]) -> _Running:
    """Hand a trial to the cluster; `say` takes its number when it has ended."""
    import distributed  # noqa: PLC0415 -- as above

    enough: Event = distributed.Event(task.name, client=client)
    future = client.submit(train_there, task, key=task.name, pure=False)
    future.add_done_callback(lambda _: say((task.number,)))
    return _Running(proposal, future, enough, [], time.monotonic())


def _heard(client: Client, running: dict[int, _Running], number: int, *told: Any) -> Iterator[Ended]:  # noqa: ANN401 -- an epoch
    """Take what is said of a trial, that it has ended or of an epoch; yield it if it has ended."""
    if not told:
        yield _ended(client, running.pop(number))
    elif number in running:  # of one that has ended, all is known
        _hear(running[number], [(told[0], told[1])])


def _hear(trial: _Running, history: History) -> None:
    """Pass on what a trial tells of epochs, each of them once; tell it when it is enough."""
    for epoch, accuracy in history:
        if (epoch, accuracy) not in trial.told:
            trial.told.append((epoch, accuracy))
            if trial.proposal.report(epoch, accuracy):
                trial.enough.set()


def _ended(client: Client, trial: _Running) -> Ended:
    """Return how a trial has ended; what it told and was not heard yet is heard now."""
    try:
        outcome, history = result_of(client, trial.future)
    except Exception as error:
        if type(error).__name__ != "KilledWorker":
            raise
        seconds = time.monotonic() - trial.began
        return trial.proposal, Outcome(FAILED, None, len(trial.told), seconds, "worker after worker has died over it")
    _hear(trial, history)
    return trial.proposal, outcome


def _stop(client: Client, sweep: str, running: dict[int, _Running]) -> None:
    """Have nothing trained any more that nobody waits for, as far as the cluster can be reached."""
    with contextlib.suppress(Exception):
        for trial in running.values():
            trial.enough.set()
            trial.future.cancel()
        client.unsubscribe_topic(sweep)
