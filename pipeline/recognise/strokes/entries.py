"""What stroke files hold, in whatever format: drawings, with the truth about them; and what all formats are held to."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from pipeline.errors import DataError
from pipeline.types import Drawing, Stroke

MAX_POINTS = 100_000
"""Points in a drawing: a quarter of an hour of a hand that never rests, on a tablet of 120 events a second."""
MAX_FILE = 64 << 20
"""Bytes of a file that is read whole, as UNIPEN's and InkML's are: eight times all that 44 writers of digits left."""
LARGEST = float(np.finfo(np.float32).max)
COORDINATE = f"a finite number of at most {LARGEST:.1e}"
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Entry(NamedTuple):
    """A drawing of a stroke file."""

    drawing: Drawing
    label: Any  # as it was written; None where nothing was
    where: str  # what messages call the place
    labelled_as: str = '{"label": 7, "strokes": …}'  # how a label would be written there


def gathered(strokes: Iterable[npt.NDArray[np.float32]], where: str) -> Drawing:
    """Return the drawing of strokes, none of them empty.

    Raises DataError if there is none, or they have too many points together.
    """
    kept, count = list[Stroke](), 0
    for stroke in strokes:
        count += len(stroke)
        if count > MAX_POINTS:
            raise DataError(f"{where}: expected at most {MAX_POINTS} points, found more; thin them out.")
        kept.append(stroke)
    if not kept:
        raise DataError(f"{where}: expected strokes, found none; leave out what is not drawn.")
    return Drawing(tuple(kept))


def as_stroke(points: Sequence[tuple[float, float]], scales: tuple[float, float], where: str) -> Stroke:
    """Return points as a stroke, (k, 2) float32, x and y multiplied by their scales.

    Raises DataError if a coordinate is too large for it then, or not a number.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.array(points, np.float64).reshape(-1, 2) * scales
    fits = np.abs(scaled) <= LARGEST
    if not fits.all():
        refuse(where, COORDINATE, float(scaled[~fits][0]))
    return scaled.astype(np.float32)


def number_in(text: str, where: str, expected: str) -> float:
    """Return the number that a text is, in decimal notation; raise DataError if it is none."""
    if not NUMBER.fullmatch(text):
        refuse(where, expected, text)
    return float(text)


def refuse(where: str, expected: str, found: object) -> NoReturn:
    """Say what was found in the place of something else."""
    text = json.dumps(found, default=repr)
    shown = text if len(text) <= 40 else f"{text[:37]}…"  # noqa: PLR2004 -- enough to recognise it by
    raise DataError(f"{where}: expected {expected}, found {shown}.")
