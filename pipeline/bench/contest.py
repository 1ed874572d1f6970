"""Scrawl beside its peers: each in a process of its own, first compared, then timed in turns."""

import itertools
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline.bench import agreement
from pipeline.bench.data import Work
from pipeline.bench.machine import Ceiling
from pipeline.bench.networks import Setup, name_of
from pipeline.bench.processes import Entrants, Say, Worker, started
from pipeline.bench.rows import Row, Task, row_of
from pipeline.bench.system import NUMPY, SCRAWL, Entry, Network
from pipeline.train.initial import initial_params
from pipeline.types import Json, TrainConfig

REST = 0.25
"""Seconds between two systems' turns: OpenMP's threads spin for up to 0.2 s after their work, in others' way."""
PREDICTED = (10_000, 1)
"""Images in one call: MNIST's test set, and a single one."""


class Program(NamedTuple):
    """What is to be measured: the systems by name, the networks, and in how many rounds."""

    systems: Mapping[str, Entry]
    setups: tuple[Setup, ...]
    runs: int


def contest(program: Program, work: Work, ceiling: Ceiling, say: Say) -> tuple[list[Row], list[Json]]:
    """Measure the systems; `ceiling` also says on how many threads.

    Raises Disagreement if a system does not compute what NumPy computes; ScrawlError if Scrawl or NumPy fails.

    Returns
    -------
    list of Row
    list of dict
        `{"system", "reason"}` of those that could not be measured.
    """
    with (
        tempfile.TemporaryDirectory(prefix="scrawl-bench-") as folder,
        started(program.systems, work, Path(folder), ceiling.threads) as workers,
    ):
        entrants = Entrants("--peers", workers, (SCRAWL, NUMPY), [], say)
        for name, worker in list(workers.items()):
            with entrants.dropping(name):
                worker.answer()  # to whether its library is there
        rows = [row for setup in program.setups for row in _measured(entrants, setup, work, ceiling, program.runs)]
    return rows, entrants.not_measured


def initial_network(setup: Setup) -> Network:
    """Return the weights that every system starts from."""
    config = TrainConfig(hidden=setup.sizes[1:-1], activation=setup.activation)
    params = initial_params(itertools.pairwise(setup.sizes), config)
    return [(np.asarray(layer.weight, np.float32), np.asarray(layer.bias, np.float32)) for layer in params]


def _measured(entrants: Entrants[Worker], setup: Setup, work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield every system's figures on one network."""
    network = name_of(setup)
    _ask_all(entrants, "open", setup, initial_network(setup))
    _compare(entrants, network)
    first, accuracy = _ask_all(entrants, "epoch"), _ask_all(entrants, "accuracy")
    for name, reached in accuracy.items():
        if first[name] is not None:
            agreement.check_accuracy(name, network, reached, accuracy[NUMPY])
    times = _rounds(entrants, runs, "another_epoch")
    for name, found in times.items():
        row = row_of(name, Task(setup, "epoch", work.order.size), found, times[SCRAWL], ceiling)
        yield row._replace(compile_seconds=first[name], accuracy=accuracy[name])
    entrants.say(f"measured {network}: epochs")
    for images in PREDICTED:
        task = Task(setup, "predict", min(images, work.test_labels.size))
        times = _rounds(entrants, runs, "predict", task.images)
        yield from (row_of(name, task, found, times[SCRAWL], ceiling) for name, found in times.items())
    entrants.say(f"measured {network}: predictions")


def _ask_all(entrants: Entrants[Worker], do: str, *details: object) -> dict[str, Any]:
    """Have one worker after the other do something, with a rest before each; who fails drops out."""
    found = {}
    for name, worker in list(entrants.running.items()):
        time.sleep(REST)
        with entrants.dropping(name):
            found[name] = worker.ask(do, *details)
    return found


def _rounds(entrants: Entrants[Worker], runs: int, do: str, *details: object) -> dict[str, list[float]]:
    """Return the seconds of every round, of the systems that went through all of them."""
    rounds = [_ask_all(entrants, do, *details) for _ in range(runs)]
    measured = [name for name, seconds in rounds[-1].items() if seconds is not None]
    return {name: [found[name] for found in rounds] for name in measured}


def _compare(entrants: Entrants[Worker], network: str) -> None:
    """Check that all systems agree on loss, gradients and answers before any of them is trained."""
    found, classes = _ask_all(entrants, "gradients"), _ask_all(entrants, "answers")
    loss, grads = found[NUMPY]
    for name in (name for name in found if found[name] is not None):
        agreement.check_loss(name, network, found[name][0], loss)
        agreement.check_gradients(name, network, found[name][1], grads)
    for name, answers in classes.items():
        agreement.check_answers(name, network, answers, classes[NUMPY])
    entrants.say(f"{network}: {', '.join(entrants.running)} agree on loss, gradients and answers")
