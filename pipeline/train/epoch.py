"""An epoch, or a part of it: which rows it sees, distorted anew or as they are, and the steps over them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.network.epoch import EpochResult, EpochRows, Hyperparameters, StopToken, train_epoch
from kernels.types import ACTIVATIONS, LOSSES, OPTIMIZERS
from pipeline.model.inputs import Kept, kept
from pipeline.rows import in_memory
from pipeline.train.augment import Augmentation, as_bytes, augmented, faded, share_left
from pipeline.train.schedule import learning_rates
from pipeline.train.shuffle import Window, window_rows, windows
from pipeline.train.streams import Stream, generator
from pipeline.train.training_set import TrainingSet
from pipeline.types import Labels, TrainConfig, TrainState


class Round(NamedTuple):
    """What every shard does before the mean is taken: mini-batches of one epoch, counted within it."""

    batches: int  # of an epoch, in the largest shard
    until: int  # the batch before which to end


def run_batches(
    state: TrainState, training_set: TrainingSet, config: TrainConfig, round_: Round, stop_token: StopToken
) -> EpochResult:
    """Run what is left of a round, in the order that belongs to the epoch, a window of its rows at a time."""
    begun = state.epoch * round_.batches
    rates = learning_rates(config, state.step, begun + round_.until, round_.batches * config.epochs)
    hyperparameters = Hyperparameters(
        ACTIVATIONS[config.activation], LOSSES[config.loss], OPTIMIZERS[config.optimizer],
        float(config.momentum), float(config.weight_decay), float(config.label_smoothing), config.batch_size,
    )  # fmt: skip
    result = EpochResult(state.params, state.optimizer_state, state.loss_sum, 0, finite=True)
    for window in windows(training_set.rows.size, config, state.step - begun):
        at, count = state.step + result.batches, min(window.last, round_.until) - window.first
        if count <= 0 and result.batches:
            break
        (features, shift, scale), labels, order = rows_to_see(training_set, config, state.epoch, window)
        run = train_epoch(
            result.params, result.optimizer_state, EpochRows(features, labels, order, shift, scale),
            rates[at - state.step :][:count], at, result.loss_sum, hyperparameters, stop_token,
        )  # fmt: skip
        result = run._replace(batches=result.batches + run.batches)
        if run.batches < count:
            break
    return result


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
