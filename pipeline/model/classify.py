"""A network's answers for rows, and how they compare with the truth."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.activations import ACTIVATIONS
from kernels.explain import input_gradient
from kernels.inference import infer
from kernels.layout import pack
from kernels.losses import LOSSES, loss_of, probabilities
from pipeline.types import Artifact, Bytes, Floats, Metrics, Params, Scaling, TrainConfig

Features: TypeAlias = Bytes | npt.NDArray[np.float32]
Classifier: TypeAlias = Callable[[Features], npt.NDArray[np.float64]]
"""From rows (n, d) as the training data had them to the probability of each class, (n, classes); rows sum to 1."""
Explainer: TypeAlias = Callable[[Features, int], Floats]
"""From a row (d,) and a class to the derivative of the class's logit by each number of the row, (d,)."""


def logits_of(params: Params, scaling: Scaling, config: TrainConfig, features: Features) -> Floats:
    """Return the network's outputs before the softmax.

    Parameters
    ----------
    params, scaling, config
        Of one network.
    features : (n, d) uint8 or float32

    Returns
    -------
    (n, classes) float32
    """
    return infer(pack(params), features, scaling.shift, scaling.scale, ACTIVATIONS[config.activation])


def classify(
    params: Params, scaling: Scaling, config: TrainConfig, features: Features, temperature: float = 1.0
) -> npt.NDArray[np.float64]:
    """Return the probability of each class for each row: (n, classes) float64, rows summing to 1."""
    return probabilities_of(logits_of(params, scaling, config, features), config, temperature)


def probabilities_of(logits: Floats, config: TrainConfig, temperature: float = 1.0) -> npt.NDArray[np.float64]:
    """Return the probability of each class, given the network's outputs; see `classify`.

    In float64, where no two logits become equal that float32 tells apart: the answer stays whatever the temperature.
    """
    return probabilities(logits.astype(np.float64) / temperature, LOSSES[config.loss])


def explainer(artifact: Artifact) -> Explainer:
    """Return what tells which numbers of a row speak for an answer; the network is made ready for it only once."""
    network, scaling = pack(artifact.params), artifact.scaling
    activation = ACTIVATIONS[artifact.config.activation]

    def explain(row: Features, answer: int) -> Floats:
        return input_gradient(network, row, scaling.shift, scaling.scale, activation, answer)

    return explain


def classifier(artifact: Artifact) -> Classifier:
    """Return what answers for rows again and again; the network is made ready for it only once."""
    network, scaling = pack(artifact.params), artifact.scaling
    activation = ACTIVATIONS[artifact.config.activation]

    def answer(features: Features) -> npt.NDArray[np.float64]:
        logits = infer(network, features, scaling.shift, scaling.scale, activation)
        return probabilities_of(logits, artifact.config, artifact.temperature)

    return answer


def measure(params: Params, scaling: Scaling, config: TrainConfig, features: Features, labels: Bytes) -> Metrics:
    """Return what the network gets right, as counts.

    Parameters
    ----------
    params, scaling, config, features
        As for `logits_of`.
    labels : (n,) uint8
    """
    return counted(logits_of(params, scaling, config, features), labels, config)


def counted(logits: Floats, labels: Bytes, config: TrainConfig, temperature: float = 1.0) -> Metrics:
    """Return what the network gets right, given its outputs; see `measure`."""
    classes = logits.shape[1]
    answers = logits.argmax(axis=1)
    pairs = np.bincount(labels.astype(np.int64) * classes + answers, minlength=classes * classes)
    total = loss_of(logits / np.float32(temperature), labels, LOSSES[config.loss]) if labels.size else 0.0
    loss = total / max(labels.size, 1)
    return Metrics(labels.size, int((answers == labels).sum()), loss, pairs.reshape(classes, classes).astype(np.int64))
