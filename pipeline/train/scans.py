"""Training images as some scans are: cropped to the ink, stretched to a square, in black and white.

Collections of digits were often scanned so, 16 pixels a side, and what fills a picture to its sides has lost how wide
it was beside its height: a 1 becomes a block, which no other distortion shows a network.
"""

import numpy as np

from pipeline.errors import ConfigError
from pipeline.recognise.mnist_form import bounding_box
from pipeline.train.training_set import TrainingSet, with_rows
from pipeline.types import AnyDataset, Bytes, ImageShape, TrainConfig

SIDE = 16
"""Pixels of a scan."""
INK = 100
"""The grey level from which a scan is white: ink, where the image's brightest is 255."""


def with_scans(training_set: TrainingSet, dataset: AnyDataset, config: TrainConfig) -> TrainingSet:
    """Return a training set in which every epoch shows some images as scans, too: all of them if there are fewer.

    Raises ConfigError if the rows are no images of grey levels.
    """
    if not config.scans:
        return training_set
    shape = dataset.image_shape
    if shape is None or dataset.features.dtype != np.uint8:
        raise ConfigError("scans: expected images of grey levels, found rows of other features. Do without: 0 of them.")
    rows = training_set.rows
    evenly = rows[np.linspace(0, rows.size - 1, min(config.scans, rows.size)).astype(np.int64)]
    images, labels = dataset.features[evenly], dataset.labels[evenly]
    inked = images.max(axis=1) > 0
    pixels = np.array([_scanned(image, shape) for image in images[inked]], np.uint8).reshape(-1, images.shape[1])
    return with_rows(training_set, pixels, labels[inked], 1)


def _scanned(pixels: Bytes, shape: ImageShape) -> Bytes:
    """Return an image that holds ink as the scan of it would be read."""
    from PIL import Image  # noqa: PLC0415 -- only this needs it

    from pipeline.recognise.pictures.binarize import FoundInk  # noqa: PLC0415
    from pipeline.recognise.pictures.normalize import place  # noqa: PLC0415

    image = pixels.reshape(shape)
    ink = image[bounding_box(image > 0)]
    scan = np.asarray(Image.fromarray(ink).resize((SIDE, SIDE), Image.Resampling.HAMMING))
    white = scan >= min(INK, scan.max())
    return place(FoundInk(white.astype(np.float32), white, doubtful=False), shape).reshape(-1)
