"""What is no digit, drawn by rule, for a network to learn to tell it from digits."""

import numpy as np

from pipeline.errors import ConfigError
from pipeline.labels import NO_DIGIT, labels_of
from pipeline.prepare.sources.sample import DIGITS
from pipeline.recognise.sketches.draw import non_digits
from pipeline.recognise.strokes.rasterize import as_strokes, render_all
from pipeline.train.training_set import TrainingSet, redrawing_rows
from pipeline.types import AnyDataset, Dataset, ImageShape, TrainConfig
from pipeline.words import listed

SEED = 0
"""The same drawings for every seed, so that members and shards share them."""


def with_nondigits(training_set: TrainingSet, dataset: AnyDataset, config: TrainConfig) -> TrainingSet:
    """Return a training set in which every epoch shows what is no digit as well, labelled as one class more.

    Raises ConfigError if the data set is of anything else than digits: its classes could be among what is drawn.
    """
    if not config.nondigits:
        return training_set
    shape = _shape_of(dataset)
    drawings, classes = [sketch.drawing for sketch in non_digits(config.nondigits, SEED)], len(dataset.class_names)
    labels = labels_of(np.full(len(drawings), classes), classes + 1)
    pixels = np.stack([image for image in render_all(drawings, shape) if image is not None])
    return redrawing_rows(training_set, (pixels, labels), 1, as_strokes(drawings), config.distortion)


def check_known(drawn: Dataset, dataset: AnyDataset, config: TrainConfig) -> None:
    """Raise ConfigError if drawings beside the rows are labelled as no digit, and the network won't learn of such."""
    if len(drawn.class_names) > len(dataset.class_names) and not config.nondigits:
        raise ConfigError(
            f"--drawn: expected drawings of the classes {listed(dataset.class_names)}; found some that are labelled "
            f"{NO_DIGIT!r}. Have that learned, too, with --nondigits 1 or more, or prepare the drawings without them."
        )


def _shape_of(dataset: AnyDataset) -> ImageShape:
    """Return the shape of images of digits; raise ConfigError if the rows are none."""
    shape, names = dataset.image_shape, dataset.class_names
    if shape is None or dataset.features.dtype != np.uint8 or not set(names) <= set(DIGITS):
        rows = "rows of other features" if shape is None else f"{dataset.features.dtype} of the classes {listed(names)}"
        raise ConfigError(
            f"nondigits: expected images of digits, in grey levels, with which letters and scribbles have nothing in "
            f"common; found {rows}. Do without: 0 of them."
        )
    return shape
