"""A peer's run in the race: `python -m pipeline.bench.racer MODULE DATA THREADS SETUP EPOCHS SEED`.

Reads `arrays.npz` from the folder DATA, trains for so many epochs, evaluates once, and prints a line of JSON; SETUP is
a `Setup` in JSON. It imports no more than the peer needs.
"""

import importlib
import itertools
import json
import math
import sys
from pathlib import Path

import numpy as np

from pipeline.bench.networks import Setup, setup_from_json
from pipeline.bench.system import Adapter, Job, Network
from pipeline.bench.worker import keep_to_cores
from pipeline.files import open_plain
from pipeline.types import Json


def starting_weights(setup: Setup, random: np.random.Generator) -> Network:
    """Return weights as Scrawl draws them for relu, and zero biases.

    References
    ----------
    He et al., "Delving deep into rectifiers", 2015.
    """

    def layer(fan_in: int, fan_out: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return random.standard_normal((fan_in, fan_out), np.float32) * np.float32(math.sqrt(2 / fan_in))

    return [(layer(*widths), np.zeros(widths[1], np.float32)) for widths in itertools.pairwise(setup.sizes)]


def run(module: str, data: Path, threads: int, setup: Setup, epochs: int, seed: int) -> Json:  # noqa: PLR0913, PLR0917 -- the command line's
    """Return the accuracy that a peer reaches, or what is missing to import it."""
    try:
        adapter: Adapter = importlib.import_module(module)
    except ImportError as error:
        return {"missing": str(error)}
    with open_plain(data / "arrays.npz") as file, np.load(file, allow_pickle=False) as arrays:
        x, y, x_test, y_test = (arrays[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    random = np.random.default_rng(seed)
    job = Job(setup, starting_weights(setup, random), x.reshape(len(x), -1), y, threads)
    with adapter.limited(threads):
        system = adapter.open_system(job)
        if system.epoch is None:
            return {"missing": "it does not train"}
        for _ in range(epochs):
            system.epoch(random.permutation(len(x)))
        right = system.predict(system.ready(x_test.reshape(len(x_test), -1))) == y_test
    return {"accuracy": float(np.mean(right))}


def main(module: str, data: str, threads: str, setup: str, epochs: str, seed: str) -> None:  # noqa: PLR0913, PLR0917 -- likewise
    """Run and print."""
    keep_to_cores(int(threads))
    result = run(module, Path(data), int(threads), setup_from_json(json.loads(setup)), int(epochs), int(seed))
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
