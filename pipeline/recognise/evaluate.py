"""A stored network against labelled rows: what it gets right, and where it is wrong with the most conviction."""

from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError, DataError
from pipeline.files import write_bytes
from pipeline.model.calibration import calibration_of
from pipeline.model.classify import classifier, counted, joined, outputs_by_piece, probabilities_of
from pipeline.model.score import DIGIT, class_logits, scores_of
from pipeline.prepare.table import misplaced
from pipeline.report.pictures import draw_worst
from pipeline.rows import Rows, pieces
from pipeline.types import AnyDataset, Artifact, ImageShape, Metrics
from pipeline.words import listed

IN_MEMORY = 1 << 27
"""Bytes of features up to which all are read at once: the answers are the same, and so much fits anywhere."""

Integers: TypeAlias = npt.NDArray[np.intp]
Probabilities: TypeAlias = npt.NDArray[np.float64]


def evaluate(artifact: Artifact, dataset: AnyDataset) -> Metrics:
    """Return what a network gets right, whether it is as sure as it is right, and how many rows it takes for no digit.

    Raises DataError if the rows are not of the kind that the network was trained on.
    """
    check_kind(artifact, dataset)
    config, temperature = artifact.config, artifact.temperature
    counts, confidences, right = list[Metrics](), list[Probabilities](), list[npt.NDArray[np.bool_]]()
    refused = list[int]()
    for piece, outputs in outputs_by_piece(artifact.members, artifact.scaling, config, dataset.features):
        logits, scores = class_logits(outputs, config), scores_of(outputs, config, artifact.threshold)
        refused.append(0 if scores is None else int((scores < DIGIT).sum()))
        answers, confidence = _answers(probabilities_of(logits, config, temperature))
        counts.append(counted(logits, dataset.labels[piece], config, temperature))
        confidences.append(confidence)
        right.append(answers == dataset.labels[piece])
    calibration = calibration_of(np.concatenate(confidences), np.concatenate(right), temperature)
    return joined(counts)._replace(
        calibration=calibration, refused=None if artifact.threshold is None else sum(refused)
    )


def refused_among(artifact: Artifact, features: Rows) -> int:
    """Return how many rows, (n, d), count as no digit."""
    found = outputs_by_piece(artifact.members, artifact.scaling, artifact.config, features)
    scores = (scores_of(outputs, artifact.config, artifact.threshold) for _, outputs in found)
    return sum(int((each < DIGIT).sum()) for each in scores if each is not None)


def worst_mistakes(artifact: Artifact, dataset: AnyDataset, count: int) -> tuple[Integers, Integers, Probabilities]:
    """Return which rows are answered wrong most confidently, the answers, and the probabilities that those were given.

    All three are (k,), with k at most `count`, and the worst comes first. Answers are indices of classes. The rows must
    be of the kind that the network was trained on; see `check_kind`.
    """
    classify = classifier(artifact)
    found = [_answers(classify(dataset.features[piece])) for piece in pieces(dataset.features)]
    answers, confidences = (np.concatenate(each) for each in zip(*found, strict=True))
    wrong = np.flatnonzero(answers != dataset.labels)
    rows = wrong[np.argsort(-confidences[wrong], kind="stable")][:count]
    return rows, answers[rows], confidences[rows]


def _answers(probabilities: Probabilities) -> tuple[Integers, Probabilities]:
    """Return the likeliest classes, (n,), and how likely they are."""
    return probabilities.argmax(axis=1), probabilities.max(axis=1)


def check_kind(artifact: Artifact, dataset: AnyDataset) -> None:
    """Raise DataError unless a data set has the features and the classes that a network knows."""
    expected, found = artifact.scaling.shift.size, dataset.features.shape[1]
    if expected != found:
        raise DataError(
            f"the model reads rows of {expected} features; the data has {found}. Name the data that belongs to it with "
            "--data, or another model with --model."
        )
    names, found_names = artifact.feature_names, dataset.feature_names
    if names is not None and found_names is not None and (fault := misplaced(names, found_names)) is not None:
        raise DataError(
            f"the model expects {fault} in the data. Name the data that belongs to it with --data, or another model "
            "with --model."
        )
    if artifact.class_names != dataset.class_names:
        raise DataError(
            f"the model knows the classes {listed(artifact.class_names)}; the data has "
            f"{listed(dataset.class_names)}. Name the data that belongs to it with --data, or another model."
        )


def write_worst(path: Path, artifact: Artifact, dataset: AnyDataset, count: int) -> int:
    """Draw the most confident mistakes, `count` at most; return how many there are to see.

    The rows must be of the kind that the network was trained on. Raises ConfigError if they are no images; OutputError
    if the file can't be written; ScrawlError if matplotlib is not installed, or can't draw.
    """
    shape = drawable(dataset)
    rows, answers, confidences = worst_mistakes(artifact, dataset, count)
    truths, guesses = ([artifact.class_names[i] for i in each] for each in (dataset.labels[rows], answers))
    write_bytes(path, draw_worst(dataset.features[rows].reshape(-1, *shape), truths, guesses, confidences.tolist()))
    return rows.size


def drawable(dataset: AnyDataset) -> ImageShape:
    """Return the height and width of the images that the rows are; raise ConfigError if they are none."""
    if dataset.image_shape is None:
        raise ConfigError("--worst: expected images to draw; found a table of other features. Omit the option.")
    return dataset.image_shape
