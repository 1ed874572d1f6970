"""From strokes to the image that the network reads: ink as a pen would have left it, placed as MNIST places it.

The image is computed from the points themselves, so it does not depend on the size of the canvas, on where and how
fast one draws, or on what a screen made of it.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from kernels.images.coverage import ink_coverage
from kernels.images.drawings import FIELD, StrokeDistortion, place_in
from kernels.images.strokes import EXACT, draw_strokes
from pipeline.errors import DataError
from pipeline.recognise.mnist_form import Frame, centre_of_mass, frame_of
from pipeline.recognise.strokes.curves import Owners, Points, flatten, flattened
from pipeline.types import Bytes, Drawing, ImageShape, Strokes

TOLERANCE = 1e-3
"""How far segments may stray from the smooth curve, as a share of the drawing's size: a fiftieth of an MNIST pixel."""
MANY = 500
"""Drawings from which on the kernel for many is worth its compiling, which takes seconds."""
STILL = 1e-9
"""Share of the drawing's size below which a pen has not moved: an event sent twice."""


def render(drawing: Drawing, shape: ImageShape = (FIELD, FIELD)) -> Bytes | None:
    """Return the image of a drawing in MNIST's form, or None if nothing is drawn.

    It is (height * width,), white ink on black, row by row. The ink fits the field whole; its longer side is MNIST's 20
    pixels, pen included (a click alone is a dot of the pen's width), and its centre of mass lies within 0.05 pixels of
    MNIST's, unless the ink is so lopsided that this would push it over the field's edge: then it stops there.

    Raises DataError if a stroke is no (k, 2) array, or a coordinate is infinite or not a number.

    Moving or scaling the drawing, or drawing its strokes in another order or backwards, changes no pixel by more than
    two grey levels as long as the coordinates are exact.
    """
    points, owner = gather(drawing)
    return _inked(flatten(*without_repeats(points, owner), TOLERANCE), shape) if len(points) else None


def _inked(segments: Points, shape: ImageShape) -> Bytes:
    """Return the image of the segments, (m, 4), that a drawing's curves are made of."""
    frame = frame_of(shape)
    segments, half_size = _fit(segments, frame)
    ink = ink_coverage(segments, frame.pen / 2, *shape)
    if ink.any():  # in an image of a few pixels, a dot may be too small to be seen, and has no centre then
        # The middle of the field may move no further than leaves all ink in it.
        room = np.maximum(frame.middle - half_size, 0)
        shift = np.clip(frame.target - centre_of_mass(ink), -room, room)
        ink = ink_coverage(segments + np.tile(shift, 2), frame.pen / 2, *shape)
    return np.rint(ink * 255).astype(np.uint8).reshape(-1)


def render_all(drawings: Sequence[Drawing], shape: ImageShape = (FIELD, FIELD)) -> list[Bytes | None]:
    """Return what `render` does of each drawing: of many, within a grey level of it, and some six times as fast."""
    inked = [i for i, drawing in enumerate(drawings) if any(len(stroke) for stroke in drawing.strokes)]
    some = [drawings[i] for i in inked]
    images = dict(zip(inked, _many(some, shape) if len(some) >= MANY else _few(some, shape), strict=True))
    return [images.get(i) for i in range(len(drawings))]


def _many(drawings: Sequence[Drawing], shape: ImageShape) -> Bytes:
    """Return the images of drawings with ink, by the kernel for many."""
    every, out = np.arange(len(drawings)), np.empty((len(drawings), shape[0] * shape[1]), np.uint8)
    draw_strokes(as_strokes(drawings), every, every, StrokeDistortion(), 0, 0, place_in(*shape), EXACT, out)
    return out


def _few(drawings: Sequence[Drawing], shape: ImageShape) -> list[Bytes]:
    """Return the images of drawings with ink; their curves are drawn together, which takes half of the time."""
    found = [without_repeats(*gather(drawing)) for drawing in drawings]
    if not found:
        return []
    firsts = np.cumsum([0, *(owner[-1] + 1 for _, owner in found)])
    owners = np.concatenate([owner + first for (_, owner), first in zip(found, firsts[:-1], strict=True)])
    segments, owner = flattened(np.concatenate([points for points, _ in found]), owners, TOLERANCE)
    drawn = np.searchsorted(firsts, owner, side="right") - 1
    return [_inked(segments[drawn == number], shape) for number in range(len(found))]


def gather(drawing: Drawing) -> tuple[Points, Owners]:
    """Return all points, as shares of the drawing's size from its upper left, and the stroke of each.

    Raises DataError as `render` does.
    """
    strokes = [np.asarray(stroke, np.float64) for stroke in drawing.strokes]
    for number, stroke in enumerate(strokes, start=1):
        if stroke.size and (stroke.ndim != 2 or stroke.shape[1] != 2):  # noqa: PLR2004 -- x and y
            raise DataError(f"stroke {number}: expected points of 2 numbers, x and y, found an array {stroke.shape}.")
    lengths = [len(stroke) for stroke in strokes]
    points = np.concatenate([stroke.reshape(-1, 2) for stroke in strokes] or [np.empty((0, 2))])
    owner = np.repeat(np.arange(len(strokes)), lengths)
    if not len(points):
        return points, owner
    # Halved first: the distance between two numbers may be too large for one.
    halves = points / 2
    size = np.ptp(halves, axis=0).max()
    if not np.isfinite(size):
        bad = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise DataError(
            f"stroke {owner[bad] + 1}: expected finite coordinates, found {tuple(points[bad].tolist())}; "
            "leave such points out."
        )
    return (halves - halves.min(axis=0)) / (size or 1), owner


def as_strokes(drawings: Iterable[Drawing]) -> Strokes:
    """Return drawings as the kernels take them, each as shares of its size from its upper left.

    Raises DataError as `render` does.
    """
    found = [gather(drawing) for drawing in drawings]
    lengths = [counts[counts > 0] for counts in (np.bincount(owner) for _, owner in found)]
    return Strokes(
        np.concatenate([points for points, _ in found], dtype=np.float32),
        np.cumsum([0, *np.concatenate(lengths)]).astype(np.int64),
        np.cumsum([0, *map(len, lengths)]).astype(np.int64),
    )


def without_repeats(points: Points, owner: Owners) -> tuple[Points, Owners]:
    """Drop the events of a stroke at which the pen had not moved since the one before."""
    moved = np.abs(np.diff(points, axis=0)).max(axis=1) > STILL
    keep = np.append(True, moved | (owner[1:] != owner[:-1]))
    return points[keep], owner[keep]


def _fit(segments: Points, frame: Frame) -> tuple[Points, npt.NDArray[np.float64]]:
    """Scale segments (m, 4) so that their ink fills the box, centre that box, and return half the ink's size, (2,)."""
    ends = segments.reshape(-1, 2)
    low, size = ends.min(axis=0), np.ptp(ends, axis=0)
    longest = size.max()
    scale = (frame.box - frame.pen) / longest if longest > 0 else 1.0
    fitted = (segments - np.tile(low + size / 2, 2)) * scale + np.tile(frame.middle, 2)
    return fitted, (size * scale + frame.pen) / 2
