"""A network's answers for rows, and how they compare with the truth."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.functions.losses import loss_of, probabilities
from kernels.layers.packed import pack
from kernels.network.inference import infer
from kernels.network.saliency import input_gradient
from kernels.types import ACTIVATIONS, LOSSES, Labels, OrientationMaps
from pipeline.errors import AnswerError
from pipeline.model.answerable import LARGEST_LOGIT
from pipeline.model.inputs import Features, by_feature, inputs_of
from pipeline.types import Artifact, Floats, Metrics, Params, Scaling, TrainConfig

Classifier: TypeAlias = Callable[[Features], npt.NDArray[np.float64]]
"""From rows (n, d) as the training data had them to the probability of each class, (n, classes); rows sum to 1."""
Explainer: TypeAlias = Callable[[Features, int], Floats]
"""From a row (d,) and a class to the derivative of the class's logit by each number of the row, (d,)."""


def logits_of(members: tuple[Params, ...], scaling: Scaling, config: TrainConfig, features: Features) -> Floats:
    """Return what goes into the softmax, (n, classes), for rows (n, d): a network's outputs, or the mean of several's.

    Raises AnswerError if the answer for a row is no finite number; so do all that follow, whose answers these are.
    """
    return _answering(members, scaling, config)(features)


def probabilities_of(logits: Floats, config: TrainConfig, temperature: float) -> npt.NDArray[np.float64]:
    """Return the probability of each class, given the network's outputs: (n, classes), rows summing to 1.

    In float64, where no two logits become equal that float32 tells apart: the answer stays whatever the temperature.
    """
    return probabilities(logits.astype(np.float64) / temperature, LOSSES[config.loss])


def explainer(artifact: Artifact) -> Explainer:
    """Return what tells which numbers of a row speak for an answer; the network is made ready for it only once."""
    networks, scaling = [pack(params) for params in artifact.members], artifact.scaling
    activation = ACTIVATIONS[artifact.config.activation]

    def explain(row: Features, answer: int) -> Floats:
        rows, shift, scale = inputs_of(row[np.newaxis], scaling)
        seen = rows if isinstance(rows, OrientationMaps) else rows[0]
        grad = _mean([input_gradient(each, seen, shift, scale, activation, answer) for each in networks])
        return by_feature(grad, row, rows, scaling)

    return explain


def classifier(artifact: Artifact) -> Classifier:
    """Return what answers for rows again and again; the network is made ready for it only once."""
    logits = _answering(artifact.members, artifact.scaling, artifact.config)

    def answer(features: Features) -> npt.NDArray[np.float64]:
        return probabilities_of(logits(features), artifact.config, artifact.temperature)

    return answer


def measure(
    members: tuple[Params, ...], scaling: Scaling, config: TrainConfig, features: Features, labels: Labels
) -> Metrics:
    """Return what a network, or several together, make of rows, (n, d), as counts of right and wrong answers."""
    return counted(logits_of(members, scaling, config, features), labels, config)


def _answering(members: tuple[Params, ...], scaling: Scaling, config: TrainConfig) -> Callable[[Features], Floats]:
    """Return what gives the logits of rows, with the networks made ready for it."""
    networks, activation = [pack(params) for params in members], ACTIVATIONS[config.activation]

    def logits(features: Features) -> Floats:
        inputs = inputs_of(features, scaling)
        with np.errstate(over="ignore", invalid="ignore"):  # what that leads to is refused
            return _finite(_mean([infer(each, *inputs, activation) for each in networks]))

    return logits


def _finite(logits: Floats) -> Floats:
    """Return answers for rows if they are any; a number that is not finite would make all of them "nan"."""
    # Not a number is not at most anything.
    if not (answered := np.abs(logits) <= LARGEST_LOGIT).all():
        row = int(np.flatnonzero(~answered.all(axis=1))[0])
        raise AnswerError(
            f"row {row + 1} of {len(logits)}: expected numbers that the network can answer for; found some so large, "
            "in the row or in the network, that the answer is no finite number. Mend the row, or choose another model."
        )
    return logits


def _mean(each: list[Floats]) -> Floats:
    """Return the mean of arrays of one shape, summed in their order; a single one comes back as it is."""
    return sum(each[1:], start=each[0]) / np.float32(len(each)) if len(each) > 1 else each[0]


def counted(logits: Floats, labels: Labels, config: TrainConfig, temperature: float = 1.0) -> Metrics:
    """Return what the network gets right, given its outputs; see `measure`."""
    classes = logits.shape[1]
    answers = logits.argmax(axis=1)
    pairs = np.bincount(labels.astype(np.int64) * classes + answers, minlength=classes * classes)
    total = loss_of(logits / np.float32(temperature), labels, LOSSES[config.loss]) if labels.size else 0.0
    loss = total / max(labels.size, 1)
    return Metrics(labels.size, int((answers == labels).sum()), loss, pairs.reshape(classes, classes).astype(np.int64))
