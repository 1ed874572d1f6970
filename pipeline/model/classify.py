"""A network's answers for rows, and how they compare with the truth."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.functions.losses import loss_of, probabilities
from kernels.layers.packed import pack
from kernels.network.inference import infer
from kernels.network.saliency import input_gradient
from kernels.types import ACTIVATIONS, LOSSES, Labels, OrientationMaps
from pipeline.errors import AnswerError
from pipeline.model.answerable import LARGEST_LOGIT
from pipeline.model.inputs import by_feature, inputs_of
from pipeline.model.score import class_logits, scores_of
from pipeline.rows import Features, Rows, pieces
from pipeline.types import Artifact, Floats, Metrics, Params, Scaling, TrainConfig


class Classifier(Protocol):
    """From rows (n, d) as the training data had them to the probability of each class, (n, classes); rows sum to 1."""

    def __call__(self, features: Features, start: int = 0, rows: int | None = None, /) -> npt.NDArray[np.float64]:
        """Answer for rows, which an error counts from `start` on if they are some of so many more."""


class Answers(NamedTuple):
    """What a network says of rows."""

    probabilities: npt.NDArray[np.float64]  # (n, classes); rows sum to 1
    scores: npt.NDArray[np.float64] | None  # (n,): see `pipeline.model.score`; None if the network has none


class Recogniser(Protocol):
    """From rows (n, d), as the training data had them, to what a network says of them."""

    def __call__(self, features: Features, start: int = 0, rows: int | None = None, /) -> Answers:
        """Answer for rows; parameters as for `Classifier`."""


Explainer: TypeAlias = Callable[[Features, int], Floats]
"""From a row (d,) and a class to the derivative of the class's logit by each number of the row, (d,)."""


def logits_of(members: tuple[Params, ...], scaling: Scaling, config: TrainConfig, features: Rows) -> Floats:
    """Return what goes into the softmax, (n, classes), for rows (n, d): a network's outputs, or the mean of several's.

    Raises AnswerError if the answer for a row is no finite number; so do all that follow, whose answers these are.
    """
    return class_logits(outputs_of(members, scaling, config, features), config)


def outputs_of(members: tuple[Params, ...], scaling: Scaling, config: TrainConfig, features: Rows) -> Floats:
    """Return all outputs, (n, classes), or (n, classes + 1) with the one for what is no digit."""
    return np.concatenate([outputs for _, outputs in outputs_by_piece(members, scaling, config, features)])


def outputs_by_piece(
    members: tuple[Params, ...], scaling: Scaling, config: TrainConfig, features: Rows
) -> Iterator[tuple[slice, Floats]]:
    """Go through the same piece by piece, as rows in a file need not fit in memory: which rows, and the outputs."""
    answers = _answering(members, scaling, config)
    for piece in pieces(features):
        yield piece, _finite(answers(features[piece]), piece.start, len(features))


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
    recognise = recogniser(artifact)
    return lambda features, start=0, rows=None: recognise(features, start, rows).probabilities


def recogniser(artifact: Artifact) -> Recogniser:
    """Return the same for rows that may be no digit at all: what says so comes with the answers."""
    config, outputs = artifact.config, _answering(artifact.members, artifact.scaling, artifact.config)

    def answer(features: Features, start: int = 0, rows: int | None = None) -> Answers:
        found = _finite(outputs(features), start, len(features) if rows is None else rows)
        likely = probabilities_of(class_logits(found, config), config, artifact.temperature)
        return Answers(likely, scores_of(found, config, artifact.threshold))

    return answer


def measure(
    members: tuple[Params, ...], scaling: Scaling, config: TrainConfig, features: Rows, labels: Labels
) -> Metrics:
    """Return what a network, or several together, make of rows, (n, d), as counts of right and wrong answers."""
    found = outputs_by_piece(members, scaling, config, features)
    return joined([counted(class_logits(outputs, config), labels[piece], config) for piece, outputs in found])


def _answering(members: tuple[Params, ...], scaling: Scaling, config: TrainConfig) -> Callable[[Features], Floats]:
    """Return what gives the outputs for rows, with the networks made ready for it."""
    networks, activation = [pack(params) for params in members], ACTIVATIONS[config.activation]

    def outputs(features: Features) -> Floats:
        inputs = inputs_of(features, scaling)
        with np.errstate(over="ignore", invalid="ignore"):  # what that leads to is refused
            return _mean([infer(each, *inputs, activation) for each in networks])

    return outputs


def _finite(outputs: Floats, start: int, rows: int) -> Floats:
    """Return outputs for some of so many rows if they are any; a number that is not finite would make all "nan"."""
    # Not a number is not at most anything.
    if not (answered := np.abs(outputs) <= LARGEST_LOGIT).all():
        row = start + int(np.flatnonzero(~answered.all(axis=1))[0])
        raise AnswerError(
            f"row {row + 1} of {rows}: expected numbers that the network can answer for; found some so large, "
            "in the row or in the network, that the answer is no finite number. Mend the row, or choose another model."
        )
    return outputs


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


def joined(counts: Sequence[Metrics]) -> Metrics:
    """Return the counts of several pieces, one at least, as those of one; their calibration is not looked at."""
    if len(counts) == 1:
        return counts[0]
    n = sum(each.n for each in counts)
    loss = sum(each.loss * each.n for each in counts) / max(n, 1)
    return Metrics(n, sum(each.correct for each in counts), loss, np.sum([each.confusion for each in counts], axis=0))
