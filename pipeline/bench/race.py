"""The race: from the start of a process to a network that reads 98 % of the test images, imports and all.

Everybody trains the same network in the same way, for a number of epochs that was settled beforehand on rows held out
from training, and tests it once. Scrawl runs as `python cli.py train`, which also checks its data, keeps a checkpoint
each epoch and leaves its model and curves; the peers run a script that does nothing but the work.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from pipeline.bench.networks import Setup, name_of
from pipeline.bench.processes import ROOT, Entrants, Say, died, environment
from pipeline.bench.racer import Course
from pipeline.bench.system import SCRAWL, Entry
from pipeline.bench.timing import compared
from pipeline.bench.worker import WorkerFailed
from pipeline.types import Json

GOAL = 0.98
RACE = Setup((784, 512, 10), 256, "relu", "adamw", 1e-3)
EPOCHS = 10
"""At a constant rate, which every library has, this reads 98.06 to 98.18 % of rows held out from training, on three
seeds. Smaller batches and higher rates get as far in fewer epochs, but jump by 0.3 points from one to the next."""


def race(systems: Mapping[str, Entry], course: Course, runs: int, say: Say) -> tuple[list[Json], list[Json]]:
    """Run everybody once for the caches' sake, then `runs` times in turns.

    Raises ScrawlError if Scrawl itself fails.

    Returns
    -------
    list of dict
        `{"system", "network", "batch", "epochs", "seconds": {min, median, max}, "accuracy", "reached", "ratio",
        "spread"}`; the accuracy is the lowest of all runs.
    list of dict
        `{"system", "reason"}` of those that could not be measured.
    """
    entrants = Entrants("--race", dict(systems), (SCRAWL,), [], say)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in systems}
    for round_ in range(runs + 1):
        for name, entry in list(entrants.running.items()):
            with entrants.dropping(name):
                seconds, accuracy = _run(name, entry, course)
                found[name].append((seconds, accuracy))
                say(f"race, round {round_} of {runs}: {name} took {seconds:.1f} s to {accuracy:.2%}")
    # The first round only fills the caches.
    times, reached = ({name: [run[i] for run in found[name][1:]] for name in entrants.running} for i in range(2))
    lines = [_result(name, course, times[name], times[SCRAWL], min(reached[name])) for name in entrants.running]
    return lines, entrants.not_measured


def _result(name: str, course: Course, times: list[float], scrawl: list[float], accuracy: float) -> Json:
    """Return a system's line of the result."""
    seconds, ratio, spread = compared(times, scrawl)
    return {
        "system": name,
        "network": name_of(course.setup),
        "batch": course.setup.batch,
        "epochs": course.epochs,
        "seconds": seconds._asdict(),
        "accuracy": accuracy,
        "reached": accuracy >= GOAL,
        "ratio": ratio,
        "spread": spread,
    }


def _run(name: str, entry: Entry, course: Course) -> tuple[float, float]:
    """Return the wall time of one run, and the accuracy that it reached."""
    with tempfile.TemporaryDirectory(prefix="scrawl-race-") as folder:
        command = scrawl_command(course, Path(folder)) if name == SCRAWL else _peer_command(entry, course)
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603 -- our own programs, by our own interpreter
            [sys.executable, *command], env=environment(course.threads), capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - started
    if done.returncode:
        raise died(done.returncode, done.stderr)
    result = json.loads(done.stdout.strip().splitlines()[-1])
    if "failed" in result:
        raise WorkerFailed(result["failed"])
    return seconds, result["test"]["accuracy"] if name == SCRAWL else result["accuracy"]


def scrawl_command(course: Course, folder: Path) -> list[str]:
    """Return the arguments that make `python` run Scrawl's own command."""
    setup = course.setup
    options = {
        "data": course.data, "out": folder / "model", "filters": 0, "hidden": ",".join(map(str, setup.sizes[1:-1])),
        "activation": setup.activation, "optimizer": setup.optimizer, "learning-rate": setup.learning_rate,
        "batch-size": setup.batch, "epochs": course.epochs, "seed": course.seed, "threads": course.threads,
        "schedule": "constant", "weight-decay": 0.0, "validation-fraction": 0.0, "label-smoothing": 0.0,
        "distortion": 0.0,
    }  # fmt: skip
    return [str(ROOT / "cli.py"), "train", "--json", *(f"--{name}={value}" for name, value in options.items())]


def _peer_command(entry: Entry, course: Course) -> list[str]:
    """Return the arguments that make `python` run a peer's script."""
    return ["-m", "pipeline.bench.racer", json.dumps(entry), json.dumps([str(course.data), *course[1:]])]
