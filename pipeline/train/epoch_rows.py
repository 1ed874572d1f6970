"""What an epoch sees of its rows: all of them or a window's, distorted anew or as they are, in the epoch's order."""

import numpy as np
import numpy.typing as npt

from pipeline.model.inputs import Kept, kept
from pipeline.rows import in_memory
from pipeline.train.augment import Augmentation, as_bytes, augmented, faded, share_left
from pipeline.train.shuffle import Window, window_rows
from pipeline.train.streams import Stream, generator
from pipeline.train.training_set import TrainingSet
from pipeline.types import Labels, TrainConfig


def rows_to_see(
    training_set: TrainingSet, config: TrainConfig, epoch: int, window: Window
) -> tuple[Kept, Labels, npt.NDArray[np.int64]]:
    """Return features and labels, and the order in which to train on them in a window of an epoch.

    They are all data, or some of it distorted; of rows that do not fit in memory, the window's.
    """
    images = training_set.images
    images = images and faded(images, share_left(epoch, config.epochs, config.distortion_decay))
    if config.shuffle_buffer:
        return _window_to_see(training_set, images, config, epoch, window)
    order = generator(config.seed, Stream.SHUFFLE, epoch, training_set.shard)
    left = slice(window.first * config.batch_size, None)
    if images is None:
        whole = training_set.kept or kept(in_memory(training_set.features), training_set.scaling)
        return whole, training_set.labels, order.permutation(training_set.rows)[left]
    features = augmented(images, config.seed, epoch, training_set.rows)
    labels = training_set.labels[training_set.rows]
    return kept(features, training_set.scaling), labels, order.permutation(np.arange(labels.size))[left]


def _window_to_see(
    training_set: TrainingSet, images: Augmentation | None, config: TrainConfig, epoch: int, window: Window
) -> tuple[Kept, Labels, npt.NDArray[np.int64]]:
    """Return the same for a window of rows that are read for it; the images are as strong as the epoch wants them."""
    chosen = window_rows(training_set.rows, config, epoch, window, training_set.shard)
    features, order = training_set.features[chosen], np.arange(chosen.size)
    if images:
        features = augmented(images._replace(features=as_bytes(features), numbers=chosen), config.seed, epoch)
    return kept(features, training_set.scaling), training_set.labels[chosen], order
