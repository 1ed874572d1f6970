"""Small work for the bench's tests."""

import numpy as np

from pipeline.bench.data import Work
from pipeline.bench.machine import Ceiling
from pipeline.bench.networks import Setup
from pipeline.bench.timing import Seconds

CEILING = Ceiling("sgemm", 1, 100.0, Seconds(1, 1, 1))
SIGMOID = Setup((20, 9, 10), 8)
RELU = Setup((20, 9, 7, 10), 16, "relu", "adamw", 1e-3)


def small_work(rows: int = 60, tests: int = 300, pixels: int = 20) -> Work:
    """Return made-up rows in ten classes."""
    random = np.random.default_rng(3)
    features = random.integers(0, 256, (rows + tests, pixels), np.uint8)
    labels = (np.arange(rows + tests) % 10).astype(np.uint8)
    return Work(features[:rows], labels[:rows], random.permutation(rows), features[rows:], labels[rows:])
