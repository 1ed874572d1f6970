"""Presets are made for 60,000 images; what becomes of them for tables, for other images, and for few rows."""

import math

import numpy as np

from pipeline.config import Asked
from pipeline.types import AnyDataset, TrainConfig

FEWEST_STEPS = 600
"""The seven epochs of `quick` are 3,000 steps for 60,000 images, but 200 for the 4,000 that the sample has to train on:
98.6 % right of others where 99.2 % can be."""

MOST_EPOCHS = 60
"""More gained nothing, of a few hundred images as of a table that is not stopped early."""

TABLE = {"filters": 0, "learning_rate": 2e-3, "weight_decay": 0.01, "schedule": "cosine", "validation_fraction": 1 / 12}
"""What tables are learned by.

Chosen, as all figures here, on 26 tables (four of scikit-learn's, eleven made by rule, eleven of KEEL's).
"""

TABLE_PATIENCE = 20
"""Epochs without a better validation loss; with 10, a table was read worse by 0.15 points in the mean."""

FEWEST_JUDGES = 30
"""Rows held out that can tell when to stop. By 13 (sonar, 16 splits) it came far too early, 6.6 points behind
MLPClassifier; without a stop, 0.2. From 48 on (pima, german) stopping gained 1.4 to 2.5 points; in between it made no
difference."""

TABLE_EPOCHS = 100
"""At most: the rate falls to nothing by then. With 60, or with 400, tables were read no better in the mean."""

ROWS_SEEN = 4_000_000
"""At most, over all epochs, but for `FEWEST_EPOCHS`: large tables take fewer of them, and their rate falls sooner."""

FEWEST_EPOCHS = 7

TABLE_BATCHES = 500
"""Mini-batches in an epoch of a table, if they have 32 to 256 rows: so large ones are learned as well, in less time."""

MOST_TIMES = 8
"""By which images are learned faster in shards: as many times as there are shards, each of which takes so many steps
fewer (P. Goyal and others, "Accurate, large minibatch SGD", 2017). Of MNIST's validation images, four shards get
99.42 % right without and 99.55 % with it, one shard 99.59 %; beyond eight nobody has looked."""


def suited(asked: Asked, dataset: AnyDataset) -> TrainConfig:
    """Return a configuration that asks of rows what can be done with them; what somebody chose stays as it is.

    Tables, and images that are not kept as bytes, can't be distorted. Of few images an epoch is over after few steps:
    then there are more of them; in shards, images are learned at a higher rate. Tables have no edges for filters to
    look at, and differ in how long they take to be learned: that is left to rows held out, by which the best epoch is
    kept. Those rows are still among the data set's.
    """
    config = asked.config
    if not (dataset.image_shape is not None and dataset.features.dtype == np.uint8):
        config = _unless_chosen(config, asked, distortion=0.0)
    if dataset.image_shape is None:
        return _suited_to_table(config, asked, max(dataset.labels.size, 1))
    rate = config.learning_rate * min(config.shards, MOST_TIMES)
    return _unless_chosen(config, asked, epochs=_epochs_for(dataset.labels.size, config), learning_rate=rate)


def _unless_chosen(config: TrainConfig, asked: Asked, **fields: object) -> TrainConfig:
    """Return the configuration with other fields, but for those that somebody chose."""
    return config._replace(**{name: value for name, value in fields.items() if name not in asked.chosen})  # type: ignore[arg-type] # names are TrainConfig's


def _suited_to_table(config: TrainConfig, asked: Asked, rows: int) -> TrainConfig:
    """Return the configuration for a table of so many rows.

    Several networks, and those that too few rows could judge, take a number of epochs and stop no earlier. A second
    hidden layer gains a point in the mean, a third one nothing.
    """
    batch = int(np.clip(2 ** round(math.log2(rows / TABLE_BATCHES)), 32, 256))  # a power of 2, of rows
    config = _unless_chosen(config, asked, **TABLE, hidden=config.hidden * 2, batch_size=batch)
    judged = config.members == 1 and rows * config.validation_fraction >= FEWEST_JUDGES
    most = TABLE_EPOCHS if judged else MOST_EPOCHS
    epochs = min(most, max(FEWEST_EPOCHS, ROWS_SEEN // rows))
    return _unless_chosen(config, asked, epochs=epochs, patience=TABLE_PATIENCE if judged else 0)


def _epochs_for(rows: int, config: TrainConfig) -> int:
    """Return how many epochs so many images take to be learned."""
    batches = -(-int(rows * (1 - config.validation_fraction)) // config.batch_size)
    return max(config.epochs, min(MOST_EPOCHS, -(-FEWEST_STEPS // max(batches, 1))))
