"""Drawings among the training rows, drawn anew for each epoch as other hands might have drawn them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.images.drawings import Place, StrokeDistortion, Strokes, place_in
from kernels.images.strokes import FOR_TRAINING, draw_strokes
from pipeline.types import Bytes, ImageShape

STROKES = StrokeDistortion(
    thinning=0.98, pen=0.5, rotation=10, slant=15, aspect=0.2, turn=10, shift=0.06, wobble=0.05, haste=0.75
)
"""Found by eye on sheets, and on writers held out: with a fifth less, with a fading at the end as images have it,
or with more than twice as much, more of their digits are misread (`docs/decisions.md`)."""


class Redrawing(NamedTuple):
    """Rows that are drawings, and how they are to be drawn."""

    drawings: Strokes
    rows: range  # the numbers of those rows: all drawings, perhaps over and over
    place: Place
    strength: StrokeDistortion


def redrawing_of(drawings: Strokes, rows: range, image_shape: ImageShape, share: float) -> Redrawing:
    """Return how drawings, which some rows are, are to be drawn by a share of the usual strengths."""
    return Redrawing(drawings, rows, place_in(*image_shape), strength_by(share))


def strength_by(share: float) -> StrokeDistortion:
    """Return a share, from 0 on, of all usual strengths; of thinning, of its logarithm."""
    strength = StrokeDistortion(*(share * value for value in STROKES))
    return strength._replace(thinning=1 - (1 - STROKES.thinning) ** share, haste=min(strength.haste, 1.0))


def redrawn(rows: Bytes, numbers: npt.NDArray[np.integer], redrawing: Redrawing, seed: int, epoch: int) -> Bytes:
    """Return rows, (n, d), with those that are drawings drawn anew; where there is no strength, as they are.

    The seed, the epoch and a row's number, (n,), decide how.
    """
    places = np.flatnonzero((numbers >= redrawing.rows.start) & (numbers < redrawing.rows.stop))
    if not any(redrawing.strength) or not places.size:
        return rows
    called = np.ascontiguousarray(numbers[places], np.int64)
    chosen = (called - redrawing.rows.start) % (redrawing.drawings.drawings.size - 1)
    images, anew = np.empty((places.size, rows.shape[1]), np.uint8), rows.copy()
    draw_strokes(
        redrawing.drawings, chosen, called, redrawing.strength, seed, epoch, redrawing.place, FOR_TRAINING, images
    )
    anew[places] = images
    return anew


def first_of(drawings: Strokes) -> Strokes:
    """Return the first of some drawings alone."""
    strokes = drawings.strokes[: drawings.drawings[1] + 1]
    return Strokes(drawings.points[: strokes[-1]], strokes.copy(), drawings.drawings[:2].copy())
