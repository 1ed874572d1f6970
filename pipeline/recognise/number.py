"""Digits side by side are read from left to right, as one number; rows of them from above, as several."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError
from pipeline.model.classify import Recogniser
from pipeline.model.score import DIGIT
from pipeline.recognise.lattice import best_groups
from pipeline.recognise.strokes.candidates import candidates_in
from pipeline.recognise.strokes.rasterize import render
from pipeline.recognise.strokes.segment import Group, group_of, part_of, whole_of
from pipeline.types import Artifact, Bytes, Drawing, ImageShape

SURE = 0.8
"""Probability from which an answer counts. Of 2,022 drawings by people that a network trained on MNIST alone had never
seen the like of, its answers below were right in 57 % of cases, those above in 98 %."""
NOT_SURE = "not sure"
"""What the board and `predict` say of other answers."""
BETWEEN = " / "
"""What they write between the numbers of two rows."""
GREY_LEVELS = 255  # what a white pixel is worth in pictures and drawings


class Place(Protocol):
    """Where a digit stands among others; both fields are as in `Reading`."""

    @property
    def row(self) -> int: ...  # noqa: D102 -- see above
    @property
    def apart(self) -> bool: ...  # noqa: D102 -- see above


class Reading(NamedTuple):
    """What the network saw at one place, and what it says of it."""

    group: Group | None  # the strokes; None for an image
    pixels: Bytes  # (d,): what it was shown, white ink on black, row by row
    probabilities: npt.NDArray[np.float64]  # (classes,)
    # Whether it comes from a picture in which the ink was hard to tell from the rest; see `read_picture`.
    doubtful: bool = False
    # How likely it is that this is a digit at all; None where the network can't tell; see `pipeline.model.score`.
    score: float | None = None
    row: int = 0  # the line that it is written in, counted from the top
    apart: bool = False  # whether a wide gap parts it from the digit before it in its row: another number begins


def read_number(
    drawing: Drawing, artifact: Artifact, recognise: Recogniser, *, single: bool = False
) -> tuple[Reading, ...]:
    """Return what a network reads in a drawing, digit by digit from the left; nothing where nothing is drawn.

    Numbers below one another come one after the other, their digits told apart by `row`.

    The board and `predict` both read drawings by this, so that they can't disagree. `recognise` is the artifact's, made
    once for all drawings; `single` takes the whole drawing for one digit, however far apart its strokes are.

    Raises ConfigError if the network reads rows that are no images; DataError if a stroke is none (see `render`).
    """
    shape = image_shape_of(artifact)
    if single:
        return tuple(_read(drawing, whole_of(drawing), shape, artifact, recognise))
    clusters = [(row, cluster) for row, found in enumerate(candidates_in(drawing)) for cluster in found]
    groups = [group_of(drawing, cluster.spans_of(i)) for _, cluster in clusters for i in range(len(cluster.groups))]
    readings, chosen = _read(drawing, groups, shape, artifact, recognise), list[Reading]()
    for row, cluster in clusters:
        seen, readings = readings[: len(cluster.groups)], readings[len(cluster.groups) :]
        best = best_groups(cluster, np.stack([_likely(each) for each in seen]), artifact.class_names)
        chosen += [seen[i]._replace(row=row) for i in best]
    return tuple(chosen)


def _read(
    drawing: Drawing, groups: Sequence[Group], shape: ImageShape, artifact: Artifact, recognise: Recogniser
) -> list[Reading]:
    """Return what a network reads in some ink of a drawing, group by group, all at once."""
    images = [pixels for group in groups if (pixels := render(part_of(drawing, group), shape)) is not None]
    if not images:
        return []
    answers = recognise(in_training_range(np.stack(images), artifact))
    parts = zip(groups, images, answers.probabilities, by_row(answers.scores, len(images)), strict=True)
    return [Reading(group, pixels, likely, score=score) for group, pixels, likely, score in parts]


def _likely(reading: Reading) -> npt.NDArray[np.float64]:
    """Return how likely it is, for each class, that the ink is a digit and of that class."""
    return reading.probabilities * (1.0 if reading.score is None else reading.score)


def read_pixels(
    pixels: Bytes, artifact: Artifact, recognise: Recogniser, *, doubtful: bool = False
) -> tuple[Reading, ...]:
    """Return what a network reads in one image, (d,) uint8 of its own size; see `read_number`."""
    answers = recognise(in_training_range(pixels[np.newaxis], artifact))
    (score,) = by_row(answers.scores, 1)
    return (Reading(None, pixels, answers.probabilities[0], doubtful, score),)


def number_of(places: Sequence[Place], names: Iterable[str], between: str) -> str:
    """Return the digits' names as they are written: a space where a number ends, and something between rows."""
    parts = list[str]()
    for before, place, name in zip((None, *places), places, names, strict=False):
        begins = before is not None and place.row != before.row
        parts += [between if begins else " " if place.apart else "", name]
    return "".join(parts)


def by_row(scores: npt.NDArray[np.float64] | None, rows: int) -> list[float | None]:
    """Return the score of each of so many rows, or None for each if there are no scores."""
    return [None] * rows if scores is None else scores.tolist()


def in_training_range(pixels: Bytes, artifact: Artifact) -> Bytes | npt.NDArray[np.float32]:
    """Return grey levels 0..255, (n, d), in the range that the training images had, which is mostly the same."""
    # The network's scaling makes 1 of the brightest pixel of its training images.
    brightest = 1 / float(artifact.scaling.scale.max())
    if abs(brightest - GREY_LEVELS) < 1e-3:  # noqa: PLR2004 -- float32 holds 1/255 to seven digits
        return pixels
    return pixels.astype(np.float32) * np.float32(brightest / GREY_LEVELS)


def is_sure(probabilities: npt.NDArray[np.float64], *, doubtful: bool = False, score: float | None = None) -> bool:
    """Tell whether an answer is one to rely on; see `SURE` and `Reading`."""
    return is_digit(score) and not doubtful and bool(probabilities.max() >= SURE)


def is_digit(score: float | None) -> bool:
    """Tell whether what has a score counts as a digit; so does all that has none."""
    return score is None or score >= DIGIT


def image_shape_of(artifact: Artifact) -> ImageShape:
    """Return the height and width of the images that a network reads; raise ConfigError if its rows are no images."""
    if artifact.image_shape is None:
        features = artifact.scaling.shift.size
        raise ConfigError(
            f"expected a model that reads images, found one of rows of {features} features that are none. "
            "Name another one with --model."
        )
    return artifact.image_shape
