"""Drawings become images, many at a time: as `pipeline.recognise.strokes.rasterize` draws them, one by one and slowly.

The events of each stroke are taken as a hand leaves them (`kernels.images.hand`), a smooth curve goes through them
(`kernels.images.curves`), the ink fills the box, the pen is drawn (`kernels.images.coverage`) to see where the centre
of mass lies, and once more where it belongs.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.images.coverage import Canvas, canvas_for, cover
from kernels.images.curves import MOST_STEPS, flatten
from kernels.images.drawings import Place, StrokeDistortion, Strokes
from kernels.images.hand import KNOTS, draw_as
from kernels.images.matrices import Field
from kernels.machine.blocks import as_int64
from kernels.machine.jit import jit, jit_bare
from kernels.machine.threads import parallel_rows
from kernels.types import Bytes


class Fidelity(NamedTuple):
    """How exactly ink is drawn.

    Attributes
    ----------
    tolerance : float
        How far segments may stray from the curve, as a share of the box.
    rough, fine : int
        Samples along each side of a pixel: to see where the centre of mass lies, and for the image.
    """

    tolerance: float
    rough: int
    fine: int


FOR_TRAINING = Fidelity(0.0025, 1, 2)
"""Within 2 grey levels of the exact image in the mean over its ink; 50 off at most, where edges meet in a notch."""

EXACT = Fidelity(1e-3, 4, 4)
"""Within one grey level of what `pipeline.recognise.strokes.rasterize` draws."""


class Room(NamedTuple):
    """Room to work on one drawing at a time: see `draw_as`, `flatten` and `cover`."""

    points: npt.NDArray[np.float64]
    ends: npt.NDArray[np.int64]
    knots: npt.NDArray[np.float64]
    segments: npt.NDArray[np.float64]
    canvas: Canvas


def draw_strokes(
    drawings: Strokes, chosen: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64], strength: StrokeDistortion,
    seed: int, epoch: int, place: Place, fidelity: Fidelity, out: Bytes,
) -> None:  # fmt: skip
    """Draw some drawings, each as another hand might have drawn it, on as many threads as kernels may use.

    Parameters
    ----------
    drawings : Strokes
        With coordinates of some 1e18 at most: their squares are taken.
    chosen, numbers : (m,) int64
        Which of them, repeated if wanted; what each is called where random numbers are drawn, from 0 on.
    strength : StrokeDistortion
        None of it negative, thinning below 1, haste at most 1, slant below 90.
    seed, epoch : int
        0 or above; decide what is drawn at random.
    out : (m, height * width) uint8
        Written to: white ink on black, row by row.
    """
    # A whole number would be compiled for anew.
    exact, where = StrokeDistortion(*map(float, strength)), Place(*place[:2], *map(float, place[2:]))

    def fill(part: range) -> None:
        room = _room_for(drawings, chosen[part.start : part.stop], place, max(fidelity[1:]))
        _draw_some(drawings, chosen, numbers, part.start, part.stop, exact, seed, epoch, where, fidelity, room, out)

    if chosen.size:
        parallel_rows(fill, chosen.size)


def _room_for(drawings: Strokes, chosen: npt.NDArray[np.int64], place: Place, samples: int) -> Room:
    """Return room for the largest of some drawings, so many samples along each side of a pixel."""
    first, last = drawings.drawings[chosen], drawings.drawings[chosen + 1]
    most = int((drawings.strokes[last] - drawings.strokes[first]).max())
    return Room(
        np.empty((most, 2)), np.empty(int((last - first).max()), np.int64), np.empty((KNOTS, 2)),
        np.empty((most * MOST_STEPS, 4)), canvas_for(place.height, place.width, samples),
    )  # fmt: skip


@jit
def _draw_some(
    drawings: Strokes, chosen: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64], begin: int, end: int,
    strength: StrokeDistortion, seed: int, epoch: int, place: Place, fidelity: Fidelity, room: Room, out: Bytes,
) -> None:  # fmt: skip
    """Draw a thread's share of the drawings."""
    for k in range(begin, end):
        which, number = int(chosen[k]), int(numbers[k])
        wider = draw_as(drawings, which, strength, number, epoch, seed, room.points, room.ends, room.knots)
        strokes = drawings.drawings[which + 1] - drawings.drawings[which]
        _draw_one(strokes, place.pen * wider, place, fidelity, room)
        for j in range(out.shape[1]):
            out[k, j] = np.uint8(room.canvas.ink[j] * np.float32(255) + np.float32(0.5))


@jit_bare
def _draw_one(strokes: int, pen: float, place: Place, fidelity: Fidelity, room: Room) -> None:
    """Draw the strokes whose events are in the room: their ink fills the box, its centre of mass where it belongs."""
    size = _size_of(room.points, room.ends[strokes - 1])
    begin, count = as_int64(0), as_int64(0)
    for s in range(strokes):
        count = flatten(room.points, begin, room.ends[s], fidelity.tolerance * size, room.segments, count)
        begin = room.ends[s]
    half_width, half_height = _fit(room.segments, count, place, pen)
    # The box may move no further than leaves all ink in the image.
    across, down = max(place.width / 2 - half_width, 0.0), max(place.height / 2 - half_height, 0.0)
    x, y = 0.0, 0.0
    for samples in (fidelity.rough, fidelity.fine):  # a call that stands here once is compiled once
        for k in range(count):
            room.segments[k, 0] += x
            room.segments[k, 1] += y
            room.segments[k, 2] += x
            room.segments[k, 3] += y
        cover(room.segments, count, pen / 2, place.height, place.width, samples, room.canvas)
        x, y = _centre(room.canvas.ink, place.height, place.width)
        x, y = min(max(place.x - x, -across), across), min(max(place.y - y, -down), down)


@jit_bare
def _size_of(points: npt.NDArray[np.float64], count: int) -> float:
    """Return the longer side of the box around points; 1 for a single place."""
    left, right, top, bottom = points[0, 0], points[0, 0], points[0, 1], points[0, 1]
    for i in range(count):
        left, right = min(left, points[i, 0]), max(right, points[i, 0])
        top, bottom = min(top, points[i, 1]), max(bottom, points[i, 1])
    size = max(right - left, bottom - top)
    return size if size > 0 else 1.0


@jit_bare
def _fit(segments: npt.NDArray[np.float64], count: int, place: Place, pen: float) -> tuple[float, float]:
    """Scale segments so that their ink fills the box, centre that box, and return half the ink's width and height."""
    left, right, top, bottom = segments[0, 0], segments[0, 0], segments[0, 1], segments[0, 1]
    for k in range(count):
        left, right = min(left, segments[k, 0], segments[k, 2]), max(right, segments[k, 0], segments[k, 2])
        top, bottom = min(top, segments[k, 1], segments[k, 3]), max(bottom, segments[k, 1], segments[k, 3])
    longest = max(right - left, bottom - top)
    scale = (place.box - pen) / longest if longest > 0 else 1.0
    x, y = (left + right) / 2, (top + bottom) / 2
    for k in range(count):
        segments[k, 0] = (segments[k, 0] - x) * scale + place.width / 2
        segments[k, 1] = (segments[k, 1] - y) * scale + place.height / 2
        segments[k, 2] = (segments[k, 2] - x) * scale + place.width / 2
        segments[k, 3] = (segments[k, 3] - y) * scale + place.height / 2
    return ((right - left) * scale + pen) / 2, ((bottom - top) * scale + pen) / 2


@jit_bare
def _centre(ink: Field, height: int, width: int) -> tuple[float, float]:
    """Return the centre of mass; the middle where there is no ink, as of a dot in an image of few pixels."""
    total, x, y = 0.0, 0.0, 0.0
    for i in range(height):
        for j in range(width):
            mass = float(ink[i * width + j])
            total, x, y = total + mass, x + mass * (j + 0.5), y + mass * (i + 0.5)
    return (x / total, y / total) if total > 0 else (width / 2, height / 2)
