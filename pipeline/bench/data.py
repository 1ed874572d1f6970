"""The rows that the timings run over: real digits if they are prepared, else made-up ones just as sparse."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import ArtifactError
from pipeline.prepare.store.arrays import load_arrays
from pipeline.types import Bytes, Dataset

Array = npt.NDArray[np.generic]

PIXELS = 784
BLACK = 0.809
"""Share of MNIST's training pixels that are 0."""
DEFAULT_FOLDER = Path("artifacts/data")
MADE_UP_TEST = 10_000
"""Made-up images to hold out: as many as MNIST's."""


class Work(NamedTuple):
    """Rows, an order to go through them, and others that were held out; labels are below 10."""

    features: Bytes  # (n, 784)
    labels: Bytes  # (n,)
    order: npt.NDArray[np.int64]  # (n,)
    test_features: Bytes  # (m, 784)
    test_labels: Bytes  # (m,)


def work_for(folder: Path | None, rows: int) -> tuple[Work, str]:
    """Return so many rows, and a sentence on where they come from.

    The prepared digits serve, over and over if they are fewer. Unless a folder was asked for, images are made up where
    there are none (or of another shape): the time of a dense product does not depend on its numbers.

    Raises ArtifactError if a folder was asked for that is not there or does not suit, or there is prepared data,
    but damaged.
    """
    if folder or DEFAULT_FOLDER.exists():
        prepared = load_arrays(folder or DEFAULT_FOLDER)
        train, test = prepared.train, prepared.test
        if _suits(train) and _suits(test):
            work = _work_of((train.features, train.labels), (test.features, test.labels), rows)
            return work, f"{prepared.source}, {rows} rows"
        if folder is not None:
            raise ArtifactError(
                f"{folder}: expected images of {PIXELS} uint8 pixels in at most 10 classes, found rows of "
                f"{train.features.shape[1]} {train.features.dtype} in {len(train.class_names)} classes; name another "
                "folder, or omit --data to time made-up images."
            )
    return synthetic_work(rows), f"made-up images with {BLACK:.1%} black pixels, {rows} rows"


def synthetic_work(rows: int) -> Work:
    """Return made-up images as sparse as MNIST's, where four pixels in five are black, in classes that can be learnt.

    A class is the one of ten random patterns that an image resembles most.
    """
    random = np.random.default_rng(0)
    features = random.integers(1, 256, (rows + MADE_UP_TEST, PIXELS), np.uint8)
    features[random.random(features.shape, np.float32) < BLACK] = 0
    patterns = random.standard_normal((PIXELS, 10), np.float32)
    labels = (features @ (patterns - patterns.mean(axis=0))).argmax(axis=1).astype(np.uint8)
    return _work_of((features[:rows], labels[:rows]), (features[rows:], labels[rows:]), rows)


def _suits(dataset: Dataset) -> bool:
    """Tell whether rows fit the networks that are timed."""
    return dataset.features.shape[1] == PIXELS and dataset.features.dtype == np.uint8 and dataset.labels.max() < 10  # noqa: PLR2004 -- ten digits


def _work_of(train: tuple[Array, Array], test: tuple[Array, Array], rows: int) -> Work:
    """Return `rows` of features and labels, from the first on again if they don't suffice, in random order."""
    features, labels, *held_out = (np.asarray(each, np.uint8) for each in (*train, *test))
    chosen = np.arange(rows) % labels.size
    order = np.random.default_rng(1).permutation(rows)
    return Work(features[chosen], labels[chosen], order, *held_out)
