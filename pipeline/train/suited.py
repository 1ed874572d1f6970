"""Presets are made for 60,000 images; what becomes of them for tables, for other images, and for few rows."""

import numpy as np

from pipeline.config import Asked
from pipeline.types import Dataset, TrainConfig

FEWEST_STEPS = 600
"""The seven epochs of `quick` are 3,000 steps for 60,000 images, but 200 for the 4,000 that the sample has to train on:
98.6 % right of others where 99.2 % can be."""

MOST_EPOCHS = 60
"""More gained nothing, of a few hundred images as of a table of 150 rows."""

TABLE_BATCH = 32
"""Rows in a mini-batch of a table: there are few of them, as a rule, and they are short."""


def suited(asked: Asked, dataset: Dataset) -> TrainConfig:
    """Return a configuration that asks of rows what can be done with them; what somebody chose stays as it is.

    Tables, and images that are not kept as bytes, can't be distorted; and tables have no edges for filters to look at.
    Of few rows an epoch is over after few steps: then there are more of them.

    Parameters
    ----------
    asked : Asked
    dataset : Dataset
        With the rows to hold out among its own.
    """
    images = dataset.image_shape is not None
    config = asked.config
    if not (images and dataset.features.dtype == np.uint8):
        config = _unless_chosen(config, asked, distortion=0.0)
    if not images:
        config = _unless_chosen(config, asked, filters=0, batch_size=TABLE_BATCH)
    return _unless_chosen(config, asked, epochs=_epochs_for(dataset.labels.size, config))


def _unless_chosen(config: TrainConfig, asked: Asked, **fields: float) -> TrainConfig:
    """Return the configuration with other fields, but for those that somebody chose."""
    return config._replace(**{name: value for name, value in fields.items() if name not in asked.chosen})  # type: ignore[arg-type] # names are TrainConfig's


def _epochs_for(rows: int, config: TrainConfig) -> int:
    """Return how many epochs so many rows take to be learned."""
    batches = -(-int(rows * (1 - config.validation_fraction)) // config.batch_size)
    return max(config.epochs, min(MOST_EPOCHS, -(-FEWEST_STEPS // max(batches, 1))))
