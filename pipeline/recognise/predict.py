"""Answers for whatever a person hands over: pictures, rows of a CSV, or strokes."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import DataError, ScrawlError
from pipeline.model.classify import Classifier, classifier
from pipeline.prepare.csv.table import read_rows
from pipeline.recognise.image import read_picture
from pipeline.recognise.ink import render
from pipeline.recognise.stroke_files import read_drawings
from pipeline.types import Artifact, Bytes, ImageShape, Json

ROW_SUFFIXES = {".csv", ".gz", ".zip", ".tsv", ".txt"}
STROKE_SUFFIXES = {".jsonl"}
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
GREY_LEVELS = 255  # what a white pixel is worth in pictures and drawings

Rows = Bytes | npt.NDArray[np.float32]


class Answer(NamedTuple):
    """What the network says of one item.

    Attributes
    ----------
    source : str
        The file.
    position : int
        Position within the file, from 0.
    label : str
        The name of the most likely class.
    probabilities : (classes,) float64
    """

    source: str
    position: int
    label: str
    probabilities: npt.NDArray[np.float64]


def predict(paths: Iterable[Path], artifact: Artifact) -> Iterator[Answer | ScrawlError]:
    """Yield an answer for each item of each file; for what can't be read, the error in the place of the answer."""
    classify = classifier(artifact)
    for path in paths:
        try:
            yield from _answers(path, artifact, classify)
        except ScrawlError as error:
            yield error


def kind_of_labels(artifact: Artifact) -> type[int] | type[str]:
    """Return what `predict --json` makes of a network's answers: numbers if all of its classes are whole numbers.

    Decided by all of them at once, so that a program that reads the answers meets one type; and only if the number is
    written as the class is, so that `07` stays what it is.
    """
    return int if all(WHOLE.fullmatch(name) for name in artifact.class_names) else str


def answer_to_json(answer: Answer, kind: type[int] | type[str]) -> Json:
    """Return what `predict --json` prints for one item; see `kind_of_labels`."""
    return {
        "source": answer.source,
        "index": answer.position,
        "digit": kind(answer.label),
        "probabilities": [round(float(p), 6) for p in answer.probabilities],
    }


def answer_to_text(answer: Answer, artifact: Artifact) -> str:
    """Return what `predict` tells people of one item: the answer, and the runner-up with its probability."""
    order = np.argsort(-answer.probabilities, kind="stable")[:2]
    first, second = (f"{artifact.class_names[i]} ({answer.probabilities[i]:.1%})" for i in order)
    return f"{answer.source}[{answer.position}]: {first}, else {second}"


def in_training_range(pixels: Bytes, artifact: Artifact) -> Rows:
    """Return grey levels 0..255 in the range that the training images had, which is mostly the same.

    Parameters
    ----------
    pixels : (n, d) uint8
    artifact : Artifact
        Of images: its scaling makes 1 of their brightest pixel.
    """
    brightest = 1 / float(artifact.scaling.scale.max())
    if abs(brightest - GREY_LEVELS) < 1e-3:  # noqa: PLR2004 -- float32 holds 1/255 to seven digits
        return pixels
    return pixels.astype(np.float32) * np.float32(brightest / GREY_LEVELS)


def _answers(path: Path, artifact: Artifact, classify: Classifier) -> Iterator[Answer | ScrawlError]:
    """Yield an answer for each item of a file, or what is wrong with the item."""
    suffix = path.suffix.lower()
    if suffix in ROW_SUFFIXES:
        yield from _named(path, 0, classify(_rows(path, artifact)), artifact)
    elif suffix in STROKE_SUFFIXES:
        yield from _drawn(path, image_shape_of(path, artifact), artifact, classify)
    else:
        pixels = read_picture(path, image_shape_of(path, artifact)).pixels
        yield from _named(path, 0, classify(in_training_range(pixels[np.newaxis], artifact)), artifact)


def _drawn(path: Path, shape: ImageShape, artifact: Artifact, classify: Classifier) -> Iterator[Answer | ScrawlError]:
    """Yield an answer for each drawing of a stroke file; a line that is none does not stop those after it."""
    for position, drawing in enumerate(read_drawings(path)):
        if isinstance(drawing, DataError):
            yield drawing
            continue
        pixels = render(drawing, shape)
        if pixels is None:
            yield DataError(f"{path}: expected ink in every drawing; found none in drawing {position + 1}.")
            continue
        yield from _named(path, position, classify(in_training_range(pixels[np.newaxis], artifact)), artifact)


def _rows(path: Path, artifact: Artifact) -> Rows:
    """Return the rows of a file as the network was trained on them: its pixels turned over where those were."""
    shape = artifact.image_shape
    features, turned = artifact.scaling.shift.size, shape if artifact.transposed else None
    return read_rows(path, features, is_image=shape is not None, turned=turned, names=artifact.feature_names)


def _named(path: Path, first: int, answers: npt.NDArray[np.float64], artifact: Artifact) -> Iterator[Answer]:
    """Yield the answers for rows, (n, classes), counted from `first`."""
    for position, probabilities in enumerate(answers, start=first):
        yield Answer(str(path), position, artifact.class_names[int(probabilities.argmax())], probabilities)


def image_shape_of(path: Path, artifact: Artifact) -> ImageShape:
    """Return the size of the images that the network reads.

    Raises
    ------
    DataError
        If it reads rows that are no images.
    """
    if artifact.image_shape is None:
        raise DataError(
            f"{path}: the model was trained on rows of {artifact.scaling.shift.size} features that are no "
            "images; expected a CSV of such rows, found a picture or a drawing."
        )
    return artifact.image_shape
