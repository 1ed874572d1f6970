"""What is no digit, drawn by rule, for a network to learn to tell it from digits."""

import numpy as np

from pipeline.errors import ConfigError
from pipeline.labels import labels_of
from pipeline.prepare.sources.sample import DIGITS
from pipeline.recognise.sketches.draw import non_digits
from pipeline.recognise.strokes.rasterize import render
from pipeline.train.training_set import TrainingSet, with_rows
from pipeline.types import AnyDataset, ImageShape, TrainConfig
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
    drawings = (sketch.drawing for sketch in non_digits(config.nondigits, SEED))
    pixels = np.stack([image for drawing in drawings if (image := render(drawing, shape)) is not None])
    classes = len(dataset.class_names)
    return with_rows(training_set, pixels, labels_of(np.full(len(pixels), classes), classes + 1), 1)


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
