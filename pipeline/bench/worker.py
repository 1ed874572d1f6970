"""A process that holds one system: it does what it is told through a pipe, answers each time, and sleeps in between."""

import contextlib
import importlib
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from pipeline.bench.data import Work
from pipeline.bench.system import Adapter, Entry, Job, Labels, Network, System, keep_to_cores, not_installed

SHORTEST = 0.05
"""Seconds that predictions should last: short ones are repeated."""
WARM_UP = 8
"""The part of an epoch that is trained before one is timed."""
FIRST_CALLS = 3
"""Predictions made before any counts: some libraries still make plans in their second."""


class WorkerFailed(Exception):  # noqa: N818 -- it says what happened
    """A system can't be measured; the text is the reason."""


class Opened(NamedTuple):
    """What is in front of a worker: its job, the system that does it, and all rows."""

    job: Job
    system: System
    work: Work


def gradients(opened: Opened) -> tuple[float, Network] | None:
    """Return loss and gradients of the first mini-batch; None if the system does not train."""
    chosen = opened.work.order[: opened.job.setup.batch]
    find = opened.system.gradients
    return find and find(opened.job.features[chosen], opened.job.labels[chosen])


def answers(opened: Opened) -> Labels:
    """Return the classes of the rows that were held out, as the system sees them."""
    return np.asarray(opened.system.predict(opened.system.ready(opened.work.test_features)))


def accuracy(opened: Opened) -> float:
    """Return the share of the held-out rows that the network gets right."""
    return float(np.mean(answers(opened) == opened.work.test_labels))


def epoch(opened: Opened) -> float | None:
    """Train for an epoch; return its seconds, or None if the system does not train."""
    if opened.system.epoch is None:
        return None
    started = time.perf_counter()
    opened.system.epoch(opened.work.order)
    return time.perf_counter() - started


def another_epoch(opened: Opened) -> float | None:
    """Train a while, untimed, and then for an epoch; return what `epoch` does.

    A system that has waited for its turn for half a minute has lost its place in the caches, and part of its memory
    may have been put aside: that would be its rest that is measured, and not its work.
    """
    if opened.system.epoch is not None:
        order = opened.work.order
        opened.system.epoch(order[: max(opened.job.setup.batch, order.size // WARM_UP)])
    return epoch(opened)


def predict(opened: Opened, images: int) -> float:
    """Predict so many of the rows that were held out; return the seconds of one call."""
    rows = opened.system.ready(opened.work.test_features[:images])
    for _ in range(FIRST_CALLS):
        started = time.perf_counter()
        opened.system.predict(rows)
        once = time.perf_counter() - started
    repeats = max(1, round(SHORTEST / once))
    started = time.perf_counter()
    for _ in range(repeats):
        opened.system.predict(rows)
    return (time.perf_counter() - started) / repeats


TASKS: dict[str, Callable[..., Any]] = {
    task.__name__: task for task in (gradients, answers, accuracy, epoch, another_epoch, predict)
}


def serve(link: Connection, entry: Entry, work: Work, threads: int) -> None:
    """Import a system, answer None, and then whatever comes in, until the other end of `link` is closed.

    What comes in is "open" with a job's setup and weights, or a task's name and its details. An answer may be a
    `WorkerFailed`, which is the last one.
    """
    try:
        adapter: Adapter = importlib.import_module(entry.module)
    except ImportError as error:
        link.send(WorkerFailed(not_installed(entry, error)))
        return
    link.send(None)
    try:
        with adapter.limited(threads), contextlib.suppress(EOFError):
            _answer(link, adapter, work, threads)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the parent has to be told
        link.send(WorkerFailed(f"failed: {type(error).__name__}: {error}"))


def _answer(link: Connection, adapter: Adapter, work: Work, threads: int) -> NoReturn:
    """Answer one request after the other; `EOFError` ends it."""
    opened = None
    while True:
        do, *details = link.recv()
        if do == "open":
            opened = None  # its arrays are freed before the new one's are made
            setup, weights = details
            job = Job(setup, weights, work.features, work.labels, threads)
            opened = Opened(job, adapter.open_system(job), work)
            link.send(None)
        else:
            link.send(TASKS[do](opened, *details))


def main(link: Connection, log: Path, entry: Entry, work: Work, threads: int) -> None:
    """Serve in a process of its own, where a library may print what it likes: that goes to the file `log`."""
    # On Windows, Python's own streams can't write to a file in the place of a console.
    with (
        log.open("w", encoding="utf-8", buffering=1) as file,
        contextlib.redirect_stdout(file),
        contextlib.redirect_stderr(file),
    ):
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        keep_to_cores(threads)
        serve(link, entry, work, threads)
