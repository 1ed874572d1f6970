"""The shapes that flow through the pipeline: plain data, no logic; those of the kernels are named here, too."""

from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from kernels.images.drawings import Strokes
from kernels.types import Bytes, Floats, Labels, Layer, OptimizerState, Params
from pipeline.rows import Features, Rows

# Of the kernels: what is defined here needs no naming.
__all__ = ["Bytes", "Floats", "Labels", "Layer", "OptimizerState", "Params", "Strokes"]

Json: TypeAlias = dict[str, Any]
ImageShape: TypeAlias = tuple[int, int]
Stroke: TypeAlias = npt.NDArray[np.float32]
"""(k, 2) float32: x to the right and y downwards, in any unit, in the order in which they were drawn."""


R_co = TypeVar("R_co", bound=Rows, covariant=True)


class Labelled(NamedTuple, Generic[R_co]):
    """Labelled rows."""

    # (n, d), as they came: scaling happens once, where the network reads them.
    features: R_co
    labels: Labels  # (n,): index into `class_names`
    image_shape: ImageShape | None  # (height, width), or None if the rows are no images
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...] | None = None


Dataset: TypeAlias = Labelled[Features]
"""Labelled rows in memory."""
AnyDataset: TypeAlias = Labelled[Rows]
"""Labelled rows in memory or in a file."""


class Scaling(NamedTuple):
    """What turns a row into the network's input: `(row - shift) * scale`, feature by feature."""

    shift: npt.NDArray[np.float32]  # (d,), as is the scale
    scale: npt.NDArray[np.float32]
    # For a network with filters, the shape of the images whose edges, not pixels, it reads (`pipeline.model.inputs`).
    edges_of: ImageShape | None = None


class TrainConfig(NamedTuple):
    """Everything that decides a training run; presets (`pipeline.config.PRESETS`) change some of the defaults."""

    # Of a first layer that reads the edges of images by direction (`kernels.images.orientation`), window by window
    # (`kernels.layers.convolution`); 0 for none: a fully connected network that reads the numbers themselves.
    filters: int = 0
    hidden: tuple[int, ...] = (512, 256)  # widths of the hidden layers; with filters, those after them
    activation: str = "relu"  # "sigmoid", "tanh" or "relu"
    loss: str = "cross-entropy"  # "cross-entropy" (softmax) or "quadratic" (sigmoid outputs)
    label_smoothing: float = 0.0  # for cross-entropy: the share of what is expected that goes to all classes alike
    optimizer: str = "adamw"  # "sgd", "momentum", "nesterov" or "adamw"
    momentum: float = 0.9  # share of the velocity kept from step to step; for `momentum` and `nesterov`
    # Decoupled: each step takes away `learning_rate * weight_decay` of every weight (biases excepted).
    weight_decay: float = 0.1
    schedule: str = "one-cycle"  # "constant", "cosine" or "one-cycle"
    learning_rate: float = 2e-3  # at its highest
    batch_size: int = 128
    epochs: int = 12
    seed: int = 0
    # Networks that are trained one after the other, each for all epochs, and answer together by the mean of their
    # logits (Hansen & Salamon, "Neural network ensembles", 1990): the networks of the seeds from `seed * members` on.
    members: int = 1
    # Share of the training rows held out, stratified by class, the same rows for every seed; 0 for none.
    validation_fraction: float = 1 / 12
    # Share of the usual strengths (`pipeline.train.augment.DISTORTION`) by which images are distorted, anew for each
    # epoch; 0 for not at all.
    distortion: float = 0.0
    distortion_decay: float = 0.15  # share of the epochs, at the end, over which distortions fade out
    # Stop after so many epochs without a better validation loss, and keep the best parameters; 0 for never.
    patience: int = 0
    # Rows that are shuffled together where not all of them fit in memory (`pipeline.train.shuffle`); 0 for all.
    shuffle_buffer: int = 0
    # Parts of the rows that are learned from at the same time (`pipeline.train.shards`), by one process or many.
    shards: int = 1
    average_every: int = 0  # mini-batches after which the shards' networks become their mean; 0 for once an epoch
    # Drawings by rule that are no digits and are shown in each epoch as well, as one more class, the last one, by which
    # the network tells how likely it is that ink is a digit at all (`pipeline.model.score`); 0 for none.
    nondigits: int = 0
    # Training images, so many, that are shown in each epoch as well as scans that have lost their aspect; 0 for none.
    scans: int = 0


class EpochReport(NamedTuple):
    """One epoch, as it is told to people."""

    epoch: int  # from 1
    loss: float  # mean over the rows, as they were seen during the epoch
    validation_loss: float | None  # None without a validation split, as is the accuracy
    validation_accuracy: float | None
    learning_rate: float  # at the epoch's last step
    seconds: float  # wall time of the epoch, validation included


class Best(NamedTuple):
    """The best epoch so far by validation loss, for early stopping."""

    epoch: int
    validation_loss: float
    params: Params


class TrainState(NamedTuple):
    """A training run between two steps: all that is needed to go on to the very same bytes.

    The random streams are derived from `(seed, epoch)`, so there is no generator to store.
    """

    epoch: int  # epochs that are complete, those of members before this one included
    step: int  # mini-batches that are complete, over all epochs; between epochs it is `epoch * batches_per_epoch`
    loss_sum: float  # sum of the loss over the rows of the running epoch; 0 between epochs
    params: Params
    optimizer_state: OptimizerState
    best: Best | None
    history: tuple[EpochReport, ...]
    finished: tuple[Params, ...] = ()  # members of an ensemble that are done
    waiting: tuple[Params, ...] = ()  # what members yet to come start from, if not from random numbers
    # How far all members yet to come are, each as it would be alone; none if they have not begun.
    ahead: tuple["TrainState", ...] = ()


class ReliabilityBin(NamedTuple):
    """Answers that are about as sure."""

    low: float  # the probabilities that the bin holds, 0 to 1, are above it, and up to `high`
    high: float
    n: int  # answers in it, at least one
    confidence: float  # the mean probability that the answers were given
    accuracy: float  # the share of them that is right


class Calibration(NamedTuple):
    """Whether a network is as sure as it is right."""

    temperature: float  # what its logits were divided by
    ece: float  # the expected calibration error, 0 to 1
    bins: tuple[ReliabilityBin, ...]


class Metrics(NamedTuple):
    """What a network got right, as counts."""

    n: int
    correct: int
    loss: float  # mean over the rows
    confusion: npt.NDArray[np.int64]  # (classes, classes): row, the true class; column, the answer
    calibration: Calibration | None = None  # None where nobody has asked
    refused: int | None = None  # rows that count as no digit; None where nobody has asked, or the network can't tell
    others: tuple[int, int] | None = None  # how many drawings are no digits, and how many of them are refused


class Artifact(NamedTuple):
    """A trained network with all that is needed to use it and to know where it came from."""

    params: Params
    scaling: Scaling
    config: TrainConfig
    class_names: tuple[str, ...]
    image_shape: ImageShape | None
    metrics: Json  # counts on the test rows: `{"n", "correct"}`
    manifest: Json  # schema version, data hash, versions of the libraries
    # Whether rows in files hold images column by column, and are turned over before the network reads them.
    transposed: bool = False
    feature_names: tuple[str, ...] | None = None
    temperature: float = 1.0  # what the logits are divided by before the softmax; 1 for networks without one
    others: tuple[Params, ...] = ()  # networks of the same shape, whose logits are averaged with those of the first
    # From which margin on ink counts as a digit (`pipeline.model.score`); None for networks that have no score.
    threshold: float | None = None

    @property
    def members(self) -> tuple[Params, ...]:
        """All networks, one or more, that answer together."""
        return (self.params, *self.others)


class Drawing(NamedTuple):
    """Ink as it was drawn."""

    strokes: tuple[Stroke, ...]
    # Size of the canvas, in the unit of the points; 0 where it is not known. Recognition does not depend on it.
    width: float = 0.0
    height: float = 0.0
