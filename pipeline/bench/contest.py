"""Scrawl beside its peers: each in a process of its own, first compared, then timed in turns."""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.bench import agreement
from pipeline.bench.data import Work
from pipeline.bench.machine import Ceiling
from pipeline.bench.networks import Setup, name_of
from pipeline.bench.processes import Worker, WorkerFailed, answer_of, ask, check_installed, started
from pipeline.bench.registry import NUMPY, SCRAWL, Entry
from pipeline.bench.rows import Row, Task, row_of
from pipeline.bench.system import Network
from pipeline.bench.worker import WORK, load_network, save_network
from pipeline.errors import ScrawlError
from pipeline.train.initial import initial_params
from pipeline.types import Json, TrainConfig

REST = 0.25
"""Seconds between two systems' turns: OpenMP's threads spin for up to 0.2 s after their work, in others' way."""
PREDICTED = (10_000, 1)
"""Images in one call: MNIST's test set, and a single one."""

Say = Callable[[str], None]


class Program(NamedTuple):
    """What is to be measured: the systems by name, the networks, and in how many rounds."""

    systems: Mapping[str, Entry]
    setups: tuple[Setup, ...]
    runs: int


class Contest(NamedTuple):
    """What is going on: the folder that the processes share, the workers that still run, who dropped out and why."""

    folder: Path
    workers: dict[str, Worker]
    not_measured: list[Json]
    say: Say

    def ask_all(self, do: str, **details: object) -> dict[str, Json]:
        """Have one worker after the other do something, with a rest before each; who fails drops out."""
        found = {}
        for name, worker in list(self.workers.items()):
            time.sleep(REST)
            with self.dropping(name):
                found[name] = ask(worker, do, **details)
        return found

    @contextmanager
    def dropping(self, name: str) -> Iterator[None]:
        """Take a system out of the contest if it fails in the block; without Scrawl and NumPy there is none.

        Raises
        ------
        ScrawlError
            If it is one of these two.
        """
        try:
            yield
        except WorkerFailed as failure:
            if name in {SCRAWL, NUMPY}:
                raise ScrawlError(f"bench --peers: {name} can't be measured: {failure}") from failure
            del self.workers[name]
            self.not_measured.append({"system": name, "reason": str(failure)})
            self.say(f"not measured: {name}: {failure}")


def contest(program: Program, work: Work, ceiling: Ceiling, say: Say) -> tuple[list[Row], list[Json]]:
    """Measure the systems; `ceiling` also says on how many threads.

    Returns
    -------
    list of Row
    list of dict
        `{"system", "reason"}` of those that could not be measured.

    Raises
    ------
    Disagreement
        If a system does not compute what NumPy computes.
    ScrawlError
        If Scrawl or NumPy fails.
    """
    with tempfile.TemporaryDirectory(prefix="scrawl-bench-") as name:
        folder = Path(name)
        np.savez(folder / WORK, allow_pickle=False, **work._asdict())
        with started(program.systems, folder, ceiling.threads) as workers:
            state = Contest(folder, workers, [], say)
            for system, worker in list(workers.items()):
                with state.dropping(system):
                    check_installed(answer_of(worker), program.systems[system])
            rows = [row for setup in program.setups for row in _measured(state, setup, work, ceiling, program.runs)]
    return rows, state.not_measured


def initial_network(setup: Setup) -> Network:
    """Return the weights that every system starts from."""
    config = TrainConfig(hidden=setup.sizes[1:-1], activation=setup.activation)
    params = initial_params(itertools.pairwise(setup.sizes), config)
    return [(np.asarray(layer.weight, np.float32), np.asarray(layer.bias, np.float32)) for layer in params]


def _measured(state: Contest, setup: Setup, work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield every system's figures on one network."""
    network = name_of(setup)
    save_network(state.folder / "weights.npz", initial_network(setup))
    state.ask_all("open", setup=setup._asdict(), weights="weights.npz")
    _compare(state, network)
    first, accuracy = _first_epoch(state, network)
    task = Task(setup, "epoch", work.order.size)
    for row in _rows(_rounds(state, runs, "another epoch"), task, ceiling):
        yield row._replace(compile_seconds=first[row.system], accuracy=accuracy[row.system])
    state.say(f"measured {network}: epochs")
    for images in PREDICTED:
        count = min(images, work.test_labels.size)
        times = _rounds(state, runs, "predict", images=count)
        yield from _rows(times, Task(setup, "predict", count), ceiling)
    state.say(f"measured {network}: predictions")


def _rows(times: dict[str, list[float]], task: Task, ceiling: Ceiling) -> list[Row]:
    """Return a row for every system that finished its rounds."""
    return [row_of(name, task, found, times[SCRAWL], ceiling) for name, found in times.items()]


def _rounds(state: Contest, runs: int, do: str, **details: object) -> dict[str, list[float]]:
    """Return the seconds of every round, of the systems that went through all of them."""
    rounds = [state.ask_all(do, **details) for _ in range(runs)]
    measured = [name for name, answer in rounds[-1].items() if answer["seconds"] is not None]
    return {name: [found[name]["seconds"] for found in rounds] for name in measured}


def _compare(state: Contest, network: str) -> None:
    """Check that all systems agree on loss, gradients and answers before any of them is trained."""
    losses = {}
    for name, worker in list(state.workers.items()):
        with state.dropping(name):
            losses[name] = ask(worker, "gradients", file=f"gradients-{name}.npz")["loss"]
    reference = load_network(state.folder / f"gradients-{NUMPY}.npz")
    for name, loss in losses.items():
        if loss is not None:
            agreement.check_loss(name, network, loss, losses[NUMPY])
            agreement.check_gradients(name, network, load_network(state.folder / f"gradients-{name}.npz"), reference)
    classes = state.ask_all("answers")
    for name, answer in classes.items():
        agreement.check_answers(name, network, answer["classes"], classes[NUMPY]["classes"])
    state.say(f"{network}: {', '.join(state.workers)} agree on loss, gradients and answers")


def _first_epoch(state: Contest, network: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return the seconds of everybody's first epoch, which compiles, and the accuracies that it led to, checked."""
    seconds = {name: answer["seconds"] for name, answer in state.ask_all("epoch").items()}
    accuracies = {name: answer["accuracy"] for name, answer in state.ask_all("accuracy").items()}
    for name, reached in accuracies.items():
        if seconds.get(name) is not None:
            agreement.check_accuracy(name, network, reached, accuracies[NUMPY])
    return seconds, accuracies
