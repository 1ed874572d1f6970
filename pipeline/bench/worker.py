"""A process that holds one system: `python -m pipeline.bench.worker MODULE FOLDER THREADS`.

It is told what to do in lines of JSON on its stdin, and answers each with one line on its stdout; between them it
sleeps. Its library may print what it likes: that goes to stderr.
"""

import importlib
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from pipeline.bench.networks import setup_from_json
from pipeline.bench.system import Adapter, Job, Network, System
from pipeline.types import Bytes, Json

WORK = "work.npz"
SHORTEST = 0.05
"""Seconds that predictions should last: short ones are repeated."""
WARM_UP = 8
"""The part of an epoch that is trained before one is timed."""
FIRST_CALLS = 3
"""Predictions made before any counts: some libraries still make plans in their second."""


class OpenJob(NamedTuple):
    """What is in front of a worker: its job, the system that does it, and the rows held out from training."""

    job: Job
    system: System
    order: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    test: tuple[Bytes, Bytes]
    folder: Path


def save_network(path: Path, network: Network) -> None:
    """Write weights, biases or their gradients for another process to read."""
    np.savez(path, *itertools.chain(*network), allow_pickle=False)


def load_network(path: Path) -> Network:
    """Return what `save_network` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        flat = [arrays[name] for name in arrays.files]
    return list(zip(flat[::2], flat[1::2], strict=True))


def open_job(adapter: Adapter, folder: Path, threads: int, message: Json) -> OpenJob:
    """Return the job that a message names."""
    setup = setup_from_json(message["setup"])
    weights = load_network(folder / message["weights"])
    with np.load(folder / WORK, allow_pickle=False) as arrays:
        work = {name: arrays[name] for name in arrays.files}
    job = Job(setup, weights, work["features"], work["labels"], threads)
    test = work["test_features"], work["test_labels"]
    return OpenJob(job, adapter.open_system(job), work["order"], test, folder)


def gradients(opened: OpenJob, message: Json) -> Json:
    """Write the gradients of the first mini-batch to the file that the message names; answer with the loss."""
    if opened.system.gradients is None:
        return {"loss": None}
    chosen = opened.order[: opened.job.setup.batch]
    loss, grads = opened.system.gradients(opened.job.features[chosen], opened.job.labels[chosen])
    save_network(opened.folder / message["file"], grads)
    return {"loss": loss}


def answers(opened: OpenJob, _message: Json) -> Json:
    """Answer with the classes of the rows that were held out."""
    return {"classes": np.asarray(opened.system.predict(opened.system.ready(opened.test[0]))).tolist()}


def epoch(opened: OpenJob, _message: Json) -> Json:
    """Train for an epoch; answer with its seconds, or None if the system does not train."""
    if opened.system.epoch is None:
        return {"seconds": None}
    started = time.perf_counter()
    opened.system.epoch(opened.order)
    return {"seconds": time.perf_counter() - started}


def another_epoch(opened: OpenJob, message: Json) -> Json:
    """Train a while, untimed, and then for an epoch; answer as `epoch` does.

    A system that has waited for its turn for half a minute has lost its place in the caches, and part of its memory
    may have been put aside: that would be its rest that is measured, and not its work.
    """
    if opened.system.epoch is not None:
        opened.system.epoch(opened.order[: max(opened.job.setup.batch, opened.order.size // WARM_UP)])
    return epoch(opened, message)


def accuracy(opened: OpenJob, _message: Json) -> Json:
    """Answer with the share of the held-out rows that the network gets right."""
    features, labels = opened.test
    return {"accuracy": float(np.mean(opened.system.predict(opened.system.ready(features)) == labels))}


def predict(opened: OpenJob, message: Json) -> Json:
    """Predict the first rows that were held out, as many as the message says; answer with the seconds of one call."""
    rows = opened.system.ready(opened.test[0][: message["images"]])
    for _ in range(FIRST_CALLS):
        started = time.perf_counter()
        opened.system.predict(rows)
        once = time.perf_counter() - started
    repeats = max(1, round(SHORTEST / once))
    started = time.perf_counter()
    for _ in range(repeats):
        opened.system.predict(rows)
    return {"seconds": (time.perf_counter() - started) / repeats}


TASKS: dict[str, Callable[[OpenJob, Json], Json]] = {
    "gradients": gradients,
    "answers": answers,
    "epoch": epoch,
    "another epoch": another_epoch,
    "accuracy": accuracy,
    "predict": predict,
}


def serve(adapter: Adapter, folder: Path, threads: int, lines: Iterable[str], out: IO[str]) -> None:
    """Do what the lines say, one after the other, and answer each."""
    jobs: list[OpenJob] = []
    for line in lines:
        message = json.loads(line)
        if message["do"] == "open":
            jobs.clear()  # the old job's arrays are freed before the new one's are made
            jobs.append(open_job(adapter, folder, threads, message))
            answer: Json = {}
        else:
            answer = TASKS[message["do"]](jobs[0], message)
        say(out, answer)


def say(out: IO[str], answer: Json) -> None:
    """Send a line."""
    out.write(json.dumps(answer) + "\n")
    out.flush()


def keep_to_cores(threads: int) -> None:
    """Let this process run on as many cores as it may have threads, where the system can be told so.

    Libraries differ in how their threads are limited; this holds for all of them.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def run(module: str, folder: Path, threads: int, lines: Iterable[str], out: IO[str]) -> None:
    """Import a system, say whether that went well, and serve."""
    try:
        adapter: Adapter = importlib.import_module(module)
    except ImportError as error:
        say(out, {"missing": str(error)})
        return
    say(out, {})
    try:
        with adapter.limited(threads):
            serve(adapter, folder, threads, lines, out)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the parent has to be told
        say(out, {"failed": f"{type(error).__name__}: {error}"})


def main(module: str, folder: str, threads: str) -> None:
    """Serve on this process's own stdin and stdout."""
    keep_to_cores(int(threads))
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        run(module, Path(folder), int(threads), sys.stdin, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
