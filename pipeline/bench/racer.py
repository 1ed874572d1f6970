"""A peer's run in the race: `python -m pipeline.bench.racer ENTRY COURSE`, both in JSON.

Trains for so many epochs, evaluates once, and prints a line of JSON: the accuracy, or why there is none. It imports no
more than the peer needs.
"""

import importlib
import itertools
import json
import math
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.bench.networks import Setup
from pipeline.bench.system import Adapter, Array, Entry, Job, Network, keep_to_cores, not_installed
from pipeline.files import open_plain
from pipeline.types import Json


class Course(NamedTuple):
    """What is to be run."""

    data: Path  # the folder of prepared data
    setup: Setup
    epochs: int
    seed: int
    threads: int


def starting_weights(setup: Setup, random: np.random.Generator) -> Network:
    """Return weights as Scrawl draws them for relu (see `pipeline.train.initial`), and zero biases."""

    def layer(fan_in: int, fan_out: int) -> tuple[Array, Array]:
        weight = random.standard_normal((fan_in, fan_out), np.float32) * np.float32(math.sqrt(2 / fan_in))
        return weight, np.zeros(fan_out, np.float32)

    return [layer(*widths) for widths in itertools.pairwise(setup.sizes)]


def run(entry: Entry, course: Course) -> Json:
    """Return the accuracy that a peer reaches, or what is missing to import it."""
    try:
        adapter: Adapter = importlib.import_module(entry.module)
    except ImportError as error:
        return {"failed": not_installed(entry, error)}
    with open_plain(course.data / "arrays.npz") as file, np.load(file, allow_pickle=False) as arrays:
        x, y, x_test, y_test = (arrays[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    random = np.random.default_rng(course.seed)
    weights = starting_weights(course.setup, random)
    with adapter.limited(course.threads):
        system = adapter.open_system(Job(course.setup, weights, x.reshape(len(x), -1), y, course.threads))
        if system.epoch is None:
            return {"failed": "it does not train"}
        for _ in range(course.epochs):
            system.epoch(random.permutation(len(x)))
        right = system.predict(system.ready(x_test.reshape(len(x_test), -1))) == y_test
    return {"accuracy": float(np.mean(right))}


def main(entry: str, course: str) -> None:
    """Run and print."""
    data, (sizes, *others), *numbers = json.loads(course)
    parsed = Course(Path(data), Setup(tuple(sizes), *others), *numbers)
    keep_to_cores(parsed.threads)
    sys.stdout.write(json.dumps(run(Entry(*json.loads(entry)), parsed)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
