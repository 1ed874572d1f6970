"""Digits side by side are read from left to right, as one number; rows of them from above, as several."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError
from pipeline.model.classify import Recogniser
from pipeline.model.score import DIGIT
from pipeline.recognise.lattice import best_groups, looks_like_a_sign
from pipeline.recognise.strokes.candidates import Cluster, candidates_in
from pipeline.recognise.strokes.rasterize import render_all
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
    # Whether it comes from a picture in which the ink was hard to tell from the rest (`read_picture`), or was parted
    # from strokes that may as well be a letter (`looks_like_a_sign`).
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
    return read_numbers([drawing], artifact, recognise, single=single)[0]


def read_numbers(
    drawings: Sequence[Drawing], artifact: Artifact, recognise: Recogniser, *, single: bool = False
) -> list[tuple[Reading, ...]]:
    """Return the same for each of several drawings, whose ink the network reads together: of many, far faster."""
    shape, sought = image_shape_of(artifact), [_sought(drawing, single=single) for drawing in drawings]
    places = [(i, group) for i, found in enumerate(sought) for part in found for group in part.groups]
    readings = _read(places, drawings, shape, artifact, recognise) if places else iter(())
    return [
        tuple(reading for part in found for reading in _chosen(part, readings, artifact.class_names))
        for found in sought
    ]


class _Sought(NamedTuple):
    """Ink of a drawing in which digits are sought."""

    row: int
    groups: tuple[Group, ...]  # all that may be a digit
    cluster: Cluster | None  # how they belong together; None where they are the digits


def _sought(drawing: Drawing, *, single: bool) -> list[_Sought]:
    """Return the parts of a drawing in which digits are sought, from left to right, row by row."""
    if single:
        return [_Sought(0, whole_of(drawing), None)]
    return [
        _Sought(row, tuple(group_of(drawing, cluster.spans_of(i)) for i in range(len(cluster.groups))), cluster)
        for row, clusters in enumerate(candidates_in(drawing))
        for cluster in clusters
    ]


def _chosen(part: _Sought, readings: Iterator[Reading], names: tuple[str, ...]) -> list[Reading]:
    """Return the readings of the digits in a part of a drawing, given those of all its groups, which come next."""
    seen = list(itertools.islice(readings, len(part.groups)))
    if part.cluster is None:
        return seen
    best = best_groups(part.cluster, np.stack([_likely(each) for each in seen]), names)
    answers = [names[int(seen[i].probabilities.argmax())] for i in best]
    doubtful = looks_like_a_sign(part.cluster, best, answers)
    return [seen[i]._replace(row=part.row, doubtful=doubtful) for i in best]


def _read(
    places: Sequence[tuple[int, Group]],
    drawings: Sequence[Drawing],
    shape: ImageShape,
    artifact: Artifact,
    recognise: Recogniser,
) -> Iterator[Reading]:
    """Return what a network reads in some ink, each the number of a drawing and a group in it, one after the other."""
    rendered = render_all([part_of(drawings[i], group) for i, group in places], shape)
    images = [pixels for pixels in rendered if pixels is not None]  # none is without ink
    answers = recognise(in_training_range(np.stack(images), artifact))
    parts = zip(places, images, answers.probabilities, by_row(answers.scores, len(images)), strict=True)
    return iter([Reading(group, pixels, likely, score=score) for (_, group), pixels, likely, score in parts])


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
