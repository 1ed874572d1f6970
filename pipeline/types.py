"""The shapes that flow through the pipeline: plain data, no logic.

`Layer`, `Params`, `Grads` and `OptimizerState` belong to the kernels and are named here too, so that a reader finds
every type in one place.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.types import Bytes, Floats, Grads, Labels, Layer, OptimizerState, Params

__all__ = [
    "Artifact",
    "Best",
    "Bytes",
    "Calibration",
    "Dataset",
    "Drawing",
    "EpochReport",
    "Floats",
    "Grads",
    "ImageShape",
    "Json",
    "Labels",
    "Layer",
    "Metrics",
    "OptimizerState",
    "Params",
    "ReliabilityBin",
    "Scaling",
    "Stroke",
    "TrainConfig",
    "TrainState",
]

Json: TypeAlias = dict[str, Any]
ImageShape: TypeAlias = tuple[int, int]
Stroke: TypeAlias = npt.NDArray[np.float32]
"""(k, 2) float32: x to the right and y downwards, in any unit, in the order in which they were drawn."""


class Dataset(NamedTuple):
    """Labelled rows in memory.

    Attributes
    ----------
    features : (n, d) uint8 or float32
        As they came: scaling happens once, where the network reads them.
    labels : (n,) uint8 or uint16
        Index into `class_names`.
    image_shape : (height, width), or None if the rows are no images
    class_names : tuple of str
    feature_names : tuple of str, or None if there are none that tell
    """

    features: Bytes | npt.NDArray[np.float32]
    labels: Labels
    image_shape: ImageShape | None
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...] | None = None


class Scaling(NamedTuple):
    """What turns a row into the network's input: `(row - shift) * scale`, feature by feature.

    Attributes
    ----------
    shift, scale : (d,) float32
    edges_of : (height, width), or None
        For a network with filters, the shape of the images whose edges it reads in the place of their pixels
        (`pipeline.model.inputs`).
    """

    shift: npt.NDArray[np.float32]
    scale: npt.NDArray[np.float32]
    edges_of: ImageShape | None = None


class TrainConfig(NamedTuple):
    """Everything that decides a training run; presets (`pipeline.config.PRESETS`) change some of the defaults.

    Attributes
    ----------
    filters : int
        Of a first layer that reads the edges of images by direction (`kernels.images.orientation`), window by window
        (`kernels.layers.convolution`); 0 for none: a fully connected network that reads the numbers themselves.
    hidden : tuple of int
        Widths of the hidden layers; with filters, those after them.
    activation : "sigmoid", "tanh" or "relu"
    loss : "cross-entropy" (softmax) or "quadratic" (sigmoid outputs)
    label_smoothing : float
        For cross-entropy: the share of what is expected that goes to all classes alike.
    optimizer : "sgd", "momentum", "nesterov" or "adamw"
    momentum : float
        Share of the velocity kept from step to step; for `momentum` and `nesterov`.
    weight_decay : float
        Decoupled: each step takes away `learning_rate * weight_decay` of every weight (biases excepted).
    schedule : "constant", "cosine" or "one-cycle"
    learning_rate : float
        At its highest.
    batch_size, epochs, seed : int
    members : int
        Networks that are trained one after the other, each for all epochs, and answer together by the mean of their
        logits (Hansen & Salamon, "Neural network ensembles", 1990). They are the networks of the seeds from
        `seed * members` on.
    validation_fraction : float
        Share of the training rows held out, stratified by class, the same rows for every seed; 0 for none.
    distortion : float
        Share of the usual strengths (`pipeline.train.augment.DISTORTION`) by which images are distorted, anew for each
        epoch; 0 for not at all.
    distortion_decay : float
        Share of the epochs, at the end, over which distortions fade out.
    patience : int
        Stop after so many epochs without a better validation loss, and keep the best parameters; 0 for never.
    """

    filters: int = 0
    hidden: tuple[int, ...] = (512, 256)
    activation: str = "relu"
    loss: str = "cross-entropy"
    label_smoothing: float = 0.0
    optimizer: str = "adamw"
    momentum: float = 0.9
    weight_decay: float = 0.1
    schedule: str = "one-cycle"
    learning_rate: float = 2e-3
    batch_size: int = 128
    epochs: int = 12
    seed: int = 0
    members: int = 1
    validation_fraction: float = 1 / 12
    distortion: float = 0.0
    distortion_decay: float = 0.15
    patience: int = 0


class EpochReport(NamedTuple):
    """One epoch, as it is told to people.

    Attributes
    ----------
    epoch : int
        From 1.
    loss : float
        Mean over the rows, as they were seen during the epoch.
    validation_loss, validation_accuracy : float or None
        None without a validation split.
    learning_rate : float
        At the epoch's last step.
    seconds : float
        Wall time of the epoch, validation included.
    """

    epoch: int
    loss: float
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    seconds: float


class Best(NamedTuple):
    """The best epoch so far by validation loss, for early stopping."""

    epoch: int
    validation_loss: float
    params: Params


class TrainState(NamedTuple):
    """A training run between two steps: all that is needed to go on to the very same bytes.

    The random streams are derived from `(seed, epoch)`, so there is no generator to store.

    Attributes
    ----------
    epoch : int
        Epochs that are complete, those of members before this one included.
    step : int
        Mini-batches that are complete, over all epochs; between epochs it is `epoch * batches_per_epoch`.
    loss_sum : float
        Sum of the loss over the rows of the running epoch; 0 between epochs.
    params : Params
    optimizer_state : OptimizerState
    best : Best or None
    history : tuple of EpochReport
    finished : tuple of Params
        Members of an ensemble that are done.
    waiting : tuple of Params
        What members yet to come start from, if not from random numbers.
    """

    epoch: int
    step: int
    loss_sum: float
    params: Params
    optimizer_state: OptimizerState
    best: Best | None
    history: tuple[EpochReport, ...]
    finished: tuple[Params, ...] = ()
    waiting: tuple[Params, ...] = ()


class ReliabilityBin(NamedTuple):
    """Answers that are about as sure.

    Attributes
    ----------
    low, high : float
        The probabilities that the bin holds, 0 to 1; `high` belongs to it.
    n : int
        Answers in it, at least one.
    confidence, accuracy : float
        The mean probability that the answers were given, and the share of them that is right.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


class Calibration(NamedTuple):
    """Whether a network is as sure as it is right.

    Attributes
    ----------
    temperature : float
        What its logits were divided by.
    ece : float
        The expected calibration error, 0 to 1.
    bins : tuple of ReliabilityBin
    """

    temperature: float
    ece: float
    bins: tuple[ReliabilityBin, ...]


class Metrics(NamedTuple):
    """What a network got right, as counts.

    Attributes
    ----------
    n, correct : int
    loss : float
        Mean over the rows.
    confusion : (classes, classes) int64
        Row: the true class; column: the answer.
    calibration : Calibration or None
        None where nobody has asked.
    """

    n: int
    correct: int
    loss: float
    confusion: npt.NDArray[np.int64]
    calibration: Calibration | None = None


class Artifact(NamedTuple):
    """A trained network with all that is needed to use it and to know where it came from.

    Attributes
    ----------
    params : Params
    scaling : Scaling
    config : TrainConfig
    class_names : tuple of str
    image_shape : (height, width) or None
    metrics : dict
        Counts on the test rows: `{"n", "correct"}`.
    manifest : dict
        Schema version, data hash, versions of the libraries.
    transposed : bool
        Whether rows in files hold images column by column, and are turned over before the network reads them.
    feature_names : tuple of str, or None if there are none that tell
    temperature : float
        What the logits are divided by before the softmax; 1 for networks without one.
    others : tuple of Params
        Networks of the same shape, whose logits are averaged with those of the first.
    """

    params: Params
    scaling: Scaling
    config: TrainConfig
    class_names: tuple[str, ...]
    image_shape: ImageShape | None
    metrics: Json
    manifest: Json
    transposed: bool = False
    feature_names: tuple[str, ...] | None = None
    temperature: float = 1.0
    others: tuple[Params, ...] = ()

    @property
    def members(self) -> tuple[Params, ...]:
        """All networks, one or more, that answer together."""
        return (self.params, *self.others)


class Drawing(NamedTuple):
    """Ink as it was drawn.

    Attributes
    ----------
    strokes : tuple of (k, 2) float32
    width, height : float
        Size of the canvas, in the unit of the points; 0 where it is not known. Recognition does not depend on it.
    """

    strokes: tuple[Stroke, ...]
    width: float = 0.0
    height: float = 0.0
