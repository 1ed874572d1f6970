"""The rows that the timings run over: real digits if they are prepared, else made-up ones just as sparse."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.prepare.store.arrays import load_arrays
from pipeline.types import Bytes, Dataset

PIXELS = 784
BLACK = 0.809
"""Share of MNIST's training pixels that are 0."""


class Work(NamedTuple):
    """Rows and an order to go through them.

    Attributes
    ----------
    features : (n, 784) uint8
    labels : (n,) uint8
        Below 10.
    order : (n,) int64
    """

    features: Bytes
    labels: Bytes
    order: npt.NDArray[np.int64]


def work_for(folder: Path, rows: int) -> tuple[Work, str]:
    """Return so many rows, and a sentence on where they come from.

    The prepared digits serve, over and over if they are fewer; without any (or with data of another shape), images are
    made up: the time of a product does not depend on its numbers.

    Raises
    ------
    ArtifactError
        If there is prepared data, but damaged.
    """
    if folder.exists():
        prepared = load_arrays(folder)
        if _suits(prepared.train):
            return _work_of(prepared.train.features, prepared.train.labels, rows), f"{prepared.source}, {rows} rows"
    return synthetic_work(rows), f"made-up images with {BLACK:.1%} black pixels, {rows} rows"


def synthetic_work(rows: int) -> Work:
    """Return made-up images as sparse as MNIST's, where four pixels in five are black."""
    random = np.random.default_rng(0)
    features = random.integers(1, 256, (rows, PIXELS), np.uint8)
    features[random.random(features.shape, np.float32) < BLACK] = 0
    return _work_of(features, random.integers(0, 10, rows, np.uint8), rows)


def _suits(dataset: Dataset) -> bool:
    """Tell whether rows fit the networks that are timed."""
    return dataset.features.shape[1] == PIXELS and dataset.features.dtype == np.uint8 and dataset.labels.max() < 10  # noqa: PLR2004 -- ten digits


def _work_of(features: npt.NDArray[np.generic], labels: Bytes, rows: int) -> Work:
    """Return `rows` of the rows, from the first on again if they don't suffice, in random order."""
    chosen = np.arange(rows) % labels.size
    order = np.random.default_rng(1).permutation(rows)
    return Work(np.asarray(features[chosen], np.uint8), labels[chosen], order)
