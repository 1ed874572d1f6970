"""What there is to learn: rows to train on, rows held out, and how they are scaled."""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError, DataError
from pipeline.model.inputs import Kept, kept
from pipeline.model.shapes import layer_shapes, output_count
from pipeline.prepare.store.arrays import read
from pipeline.rows import PIECE, Features, Rows, StoredRows, followed_by, in_memory, pieces, some
from pipeline.rules import shown
from pipeline.stratify import stratified_mask
from pipeline.train.augment import DISTORTION, Augmentation, as_bytes, augmentation_of, faded
from pipeline.train.redraw import redrawing_of
from pipeline.train.streams import Stream, generator
from pipeline.types import AnyDataset, Dataset, ImageShape, Labels, Scaling, Strokes, TrainConfig

DRAWN_SHARE = 0.1
"""What drawings put right make of an epoch: enough to be learned in two, too little for MNIST to be forgotten."""
MOST_TIMES = 50
"""How often an epoch shows a drawing at most: a single one, shown thousands of times, would be learned by heart."""

FAINTEST = 1 / float(np.finfo(np.float32).max)
"""What float32 holds the reciprocal of, at least."""
FARTHEST = 1e30
"""Deviations from the training rows' mean up to which a network's sums stay within float32."""
Statistics: TypeAlias = npt.NDArray[np.float64]


class TrainingSet(NamedTuple):
    """Rows and their division."""

    features: Rows  # (n, d)
    # The same as the kernels like it best; None if no epoch sees them all, or as they are.
    kept: Kept | None
    labels: Labels  # (n,)
    rows: npt.NDArray[np.int64]  # (k,): those to train on
    # (n - k, d), (n - k,): features and labels of the validation rows.
    held_out: tuple[Rows, Labels]
    scaling: Scaling  # learned on `rows`
    shapes: tuple[tuple[int, int], ...]  # `(fan_in, fan_out)` of each layer, from input to output
    images: Augmentation | None  # how the rows are distorted, if they are
    table: bool = False  # whether the rows are a table's, and no images
    shard: int = 0  # which part of all rows `rows` are, from 1 on; 0 for all of them


def scaling_for(features: Rows, *, images: bool) -> Scaling:
    """Return the scaling that suits the training rows, (n, d).

    Pixels share one scale, 1 / the largest of them, so that black stays 0; the features of a table are standardised one
    by one. A feature that never varies becomes 0, and so does one that varies by so little that float32 can't hold the
    factor that would make it 1; images that are as faint stay as they are.
    """
    width = features.shape[1]
    if images:
        largest = max(float(features[piece].max()) for piece in pieces(features))
        scale = 1 / largest if largest >= FAINTEST else 1.0
        return Scaling(np.zeros(width, np.float32), np.full(width, scale, np.float32))
    mean, deviation = _mean_and_deviation(features)
    # Rounding leaves a trace of deviation in a constant column; float32 values carry 24 bits.
    varies = (deviation > np.abs(mean) * 2.0**-23) & (deviation >= FAINTEST)
    scales = np.divide(1.0, deviation, out=np.zeros(width), where=varies)
    return Scaling(mean.astype(np.float32), scales.astype(np.float32))


def _mean_and_deviation(features: Rows) -> tuple[Statistics, Statistics]:
    """Return both, (d,), of each feature."""
    if not isinstance(features, StoredRows):
        return features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    sums = [features[piece].sum(axis=0, dtype=np.float64) for piece in pieces(features)]
    mean: Statistics = np.sum(sums, axis=0) / len(features)
    squares = [((features[piece] - mean) ** 2).sum(axis=0) for piece in pieces(features)]
    return mean, np.sqrt(np.sum(squares, axis=0) / len(features))


def check_reach(features: Rows, scaling: Scaling, what: str) -> None:
    """Raise DataError if a row, scaled as the training rows are, is so far off that a network could make nothing of it.

    The features, (n, d), are finite; messages call the rows `what`, and name the first such value.
    """
    if features.dtype == np.uint8:
        return
    for start in range(0, len(features), PIECE):
        rows = features[start : start + PIECE]
        with np.errstate(over="ignore", invalid="ignore"):
            near = np.abs((rows - scaling.shift) * scaling.scale) <= FARTHEST
        if not near.all():
            i, j = np.argwhere(~near)[0].tolist()
            raise DataError(
                f"{what} {start + i + 1}, feature {j + 1}: expected a number that float32 can compare with those of "
                f"the training rows, found {rows[i, j]:.6g}. Take the row or the feature out, or measure it in "
                "another unit."
            )


def training_set_of(dataset: AnyDataset, config: TrainConfig) -> TrainingSet:
    """Divide a data set into training and validation rows, stratified by class, and learn the scaling.

    Rows of a file are read whole, unless the configuration has a buffer for some of them.

    Raises DataError if there is nothing to tell apart; ConfigError if there is no row to spare for validation, or the
    rows can't be distorted though they should be.
    """
    if len(dataset.class_names) < 2:  # noqa: PLR2004 -- two is what telling apart takes
        raise DataError(
            f"the training rows have only one label, {shown(dataset.class_names[0])}; expected at least two to tell "
            "apart. Prepare data with more classes."
        )
    # The same rows for every seed: runs can be compared, and no member of an ensemble has seen them.
    mask = stratified_mask(dataset.labels, config.validation_fraction, generator(0, Stream.VALIDATION))
    rows = np.flatnonzero(~mask)
    if config.validation_fraction and not mask.any():
        raise ConfigError(
            f"validation_fraction {config.validation_fraction:.3g}: expected a class of two rows or more, to hold one "
            "out; found single rows only. Set --validation-fraction 0 to train without validation."
        )
    if not config.shuffle_buffer:
        dataset = read(dataset)
    held_out = some(dataset.features, mask), dataset.labels[mask]
    scaling = scaling_for(some(dataset.features, rows), images=dataset.image_shape is not None)
    if config.filters:
        scaling = scaling._replace(edges_of=shape_for_filters(dataset))
    outputs = output_count(len(dataset.class_names), config)
    shapes = layer_shapes((dataset.features.shape[1], *config.hidden, outputs), config.filters)
    images = faded(augmentation_of(dataset, DISTORTION), config.distortion) if config.distortion else None
    whole = images is None and not config.shuffle_buffer
    columns = kept(in_memory(dataset.features), scaling) if whole else None
    table = dataset.image_shape is None
    return TrainingSet(dataset.features, columns, dataset.labels, rows, held_out, scaling, shapes, images, table)


def shape_for_filters(dataset: AnyDataset) -> ImageShape:
    """Return the shape of a data set's images; raise ConfigError if its rows are none."""
    if dataset.image_shape is None:
        raise ConfigError(
            "filters: expected images to look at; found a table of other features. Do without: 0 filters."
        )
    return dataset.image_shape


def with_drawings(
    training_set: TrainingSet, drawn: Dataset, strokes: Strokes | None = None, share: float = 1.0
) -> TrainingSet:
    """Return a training set in which every epoch shows drawings as well, the more often the fewer there are.

    None of them is held out: the validation rows stay what they were. Where images are distorted and the strokes are
    there, each is drawn anew each time, by a share of the usual strengths.
    """
    times = min(max(round(DRAWN_SHARE * training_set.rows.size / drawn.labels.size), 1), MOST_TIMES)
    return redrawing_rows(training_set, (drawn.features, drawn.labels), times, strokes, share)


def redrawing_rows(
    training_set: TrainingSet, drawn: tuple[Features, Labels], times: int, strokes: Strokes | None, share: float
) -> TrainingSet:
    """Return a training set with drawings, features (k, d) and labels (k,), which every epoch shows so many times.

    See `with_drawings`.
    """
    features, labels = drawn
    if not (training_set.images and strokes):
        return with_rows(training_set, features, labels, times)
    # Each showing is a row: it is drawn by its own number.
    first, again, images = training_set.labels.size, np.tile(np.arange(labels.size), times), training_set.images
    redrawing = redrawing_of(strokes, range(first, first + again.size), images.image_shape, share)
    training_set = training_set._replace(images=images._replace(redrawings=(*images.redrawings, redrawing)))
    return with_rows(training_set, features[again], labels[again], 1)


def with_rows(training_set: TrainingSet, more: Features, labels: Labels, times: int) -> TrainingSet:
    """Return a training set with more rows, (k, d) with labels (k,), which every epoch shows so many times."""
    positions = training_set.labels.size + np.tile(np.arange(labels.size), times)
    features, images = followed_by(training_set.features, more), training_set.images
    if images and not isinstance(features, StoredRows):
        images = images._replace(features=as_bytes(features))
    return training_set._replace(
        features=features,
        kept=kept(in_memory(features), training_set.scaling) if training_set.kept else None,
        labels=np.concatenate([training_set.labels, labels]),
        rows=np.concatenate([training_set.rows, positions]),
        images=images,
    )
