"""Several digits side by side, read from left to right as one number."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError
from pipeline.model.classify import Recogniser
from pipeline.model.score import DIGIT
from pipeline.recognise.strokes.rasterize import render
from pipeline.recognise.strokes.segment import Group, digits_of, part_of, whole_of
from pipeline.types import Artifact, Bytes, Drawing, ImageShape

SURE = 0.8
"""Probability from which an answer counts. Of 2,022 drawings by people that a network trained on MNIST alone had never
seen the like of, its answers below were right in 57 % of cases, those above in 98 %."""
NOT_SURE = "not sure"
"""What the board and `predict` say of other answers."""
GREY_LEVELS = 255  # what a white pixel is worth in pictures and drawings


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

    The board and `predict` both read drawings by this, so that they can't disagree. `recognise` is the artifact's, made
    once for all drawings; `single` takes the whole drawing for one digit, however far apart its strokes are.

    Raises ConfigError if the network reads rows that are no images; DataError if a stroke is none (see `render`).
    """
    shape, groups = image_shape_of(artifact), whole_of(drawing) if single else digits_of(drawing)
    images = [pixels for group in groups if (pixels := render(part_of(drawing, group), shape)) is not None]
    if not images:
        return ()
    answers = recognise(in_training_range(np.stack(images), artifact))
    parts = zip(groups, images, answers.probabilities, by_row(answers.scores, len(images)), strict=True)
    return tuple(Reading(group, pixels, likely, score=score) for group, pixels, likely, score in parts)


def read_pixels(
    pixels: Bytes, artifact: Artifact, recognise: Recogniser, *, doubtful: bool = False
) -> tuple[Reading, ...]:
    """Return what a network reads in one image, (d,) uint8 of its own size; see `read_number`."""
    answers = recognise(in_training_range(pixels[np.newaxis], artifact))
    (score,) = by_row(answers.scores, 1)
    return (Reading(None, pixels, answers.probabilities[0], doubtful, score),)


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
