"""Training rows distorted anew for each epoch: how strongly, which rows can be, and all of them at once."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.images.distort import distort
from kernels.params import writable
from kernels.types import Distortion
from pipeline.errors import ConfigError
from pipeline.rows import Features, StoredRows
from pipeline.train.redraw import Redrawing, redrawn
from pipeline.types import AnyDataset, Bytes, ImageShape

DISTORTION = Distortion(
    rotation=15, scale=0.15, aspect=0.15, slant=15, translation=2, elastic=36, smoothness=6, thickness=0.7
)
"""Found by eye, on sheets of MNIST's digits: as different as hands and pens are, and still the same digit to anybody.
With a thickness of 1, loops fill up; beyond an elastic 40 at this smoothness, strokes begin to wobble."""

HIGHEST = Distortion(
    rotation=180, scale=1, aspect=1, slant=60, translation=1000, elastic=1000, smoothness=100, thickness=1
)
"""What a strength may be at most; none may be below 0."""


class Augmentation(NamedTuple):
    """Images, and how they are to be distorted."""

    features: Bytes  # (n, height * width), ink bright and paper 0
    image_shape: ImageShape
    strength: Distortion
    # What the images are called where random numbers are drawn: their places, unless they are some of many, (n,).
    numbers: npt.NDArray[np.int64] | None = None
    redrawings: tuple[Redrawing, ...] = ()  # which of them are drawings, to be drawn anew before


def changed(strength: Distortion, options: Mapping[str, Any]) -> Distortion:
    """Return `strength` with those options that are not None in the place of its own.

    Raises ConfigError if one of them is out of range.
    """
    given = {name: value for name, value in options.items() if value is not None}
    for name, value in given.items():
        highest = getattr(HIGHEST, name)
        if not 0 <= value <= highest:
            raise ConfigError(f"options: {name} must be a number from 0 to {highest}; found {value}.")
    return strength._replace(**given)


def faded(images: Augmentation, share: float) -> Augmentation:
    """Return images that are to be distorted by a share, from 0 to 1, of all strengths; elastically as smoothly.

    Drawings are drawn as strongly as before.
    """
    weaker = Distortion(*(share * value for value in images.strength))
    return images._replace(strength=weaker._replace(smoothness=images.strength.smoothness))


def share_left(epoch: int, epochs: int, decay: float) -> float:
    """Return the share of the strengths in an epoch, counted from 0: 1, and over the last ones less and less.

    The network is to end on images as they are. The last epoch sees none that is distorted if there is any decay.
    """
    length = decay * epochs
    return min(1.0, (epochs - 1 - epoch) / length) if length else 1.0


def augmentation_of(dataset: AnyDataset, strength: Distortion) -> Augmentation:
    """Return how a data set's images are to be distorted; of those in a file, the first stand for all.

    Raises ConfigError if its rows can't be: they are no images, or not of grey levels.
    """
    if dataset.image_shape is None:
        raise ConfigError("augmentation: expected images to distort; found a table of other features. Do without it.")
    if dataset.features.dtype != np.uint8:
        raise ConfigError(
            f"augmentation: expected images of grey levels from 0 to 255; found {dataset.features.dtype}. "
            "Write them as whole numbers and run `python cli.py prepare` again."
        )
    features = dataset.features[:1] if isinstance(dataset.features, StoredRows) else dataset.features
    return Augmentation(as_bytes(features), dataset.image_shape, strength)


def as_bytes(features: Features) -> Bytes:
    """Return grey levels as kernels take them; those that are read-only would have them compiled once more."""
    return writable(features.astype(np.uint8, copy=False))


def augmented(
    images: Augmentation,
    seed: int,
    epoch: int,
    rows: npt.NDArray[np.integer] | None = None,
    out: Bytes | None = None,
) -> Bytes:
    """Return images as they are to be seen in an epoch, on as many threads as kernels may use.

    Seed and epoch, both from 0 on, and a row's number decide all that is drawn for that row. `rows`, (m,), says which
    rows in which order, all by default; the result, (m, height * width), is written to `out` if that is given.
    """
    chosen = np.arange(len(images.features)) if rows is None else rows
    result = np.empty((chosen.size, images.features.shape[1]), np.uint8) if out is None else out
    numbers, features = chosen if images.numbers is None else images.numbers[chosen], images.features
    if images.redrawings:
        features, chosen = features[chosen], np.arange(chosen.size)
        for redrawing in images.redrawings:
            features = redrawn(features, numbers, redrawing, seed, epoch)
    distort(features, *images.image_shape, chosen, images.strength, seed, epoch, result, numbers)
    return result
