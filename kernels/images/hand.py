"""Drawings as another hand would have drawn them: faster, with its strokes elsewhere, with another slant.

What is drawn at random is a function of the seed, the epoch and the drawing's number, as it is for images
(`kernels.images.distort`): no thread, and no other drawing, has a say.
"""

import math

import numpy as np
import numpy.typing as npt

from kernels.images.drawings import StrokeDistortion, Strokes
from kernels.machine.blocks import as_int64
from kernels.machine.jit import jit_bare, jit_inline
from kernels.machine.philox import WORD, Words, philox, uniform

FEWEST = 8
"""Events of a stroke that a fast hand leaves, if there were as many."""

STILL = 1e-9
"""Coordinates that differ by no more are of a pen that has not moved: an event sent twice."""

FIRST_BLOCK = 1 << 31
"""The random numbers of earlier blocks are for the image that a drawing becomes."""

BLOCKS = 4
"""Of random numbers, four each, for a drawing as for each of its strokes."""

KNOTS = 6
"""Random displacements of a stroke: a cubic B-spline of them moves its events."""

Points = npt.NDArray[np.float64]


@jit_inline
def draw_words(block: int, number: int, epoch: int, seed: int) -> Words:
    """Return four random numbers of a drawing."""
    low, high, first_key, second_key = number & WORD, (number >> 32) & WORD, seed & WORD, (seed >> 32) & WORD
    return philox(FIRST_BLOCK + block, low, high, epoch, first_key, second_key)


@jit_bare
def draw_as(
    drawings: Strokes, which: int, strength: StrokeDistortion, number: int, epoch: int, seed: int,
    points: Points, ends: npt.NDArray[np.int64], knots: Points,
) -> float:  # fmt: skip
    """Write a drawing as another hand would have drawn it, and return the factor by which its pen is wider.

    Parameters
    ----------
    points : (p, 2) float64
        Written to: all strokes' events, none equal to the one before it in its stroke.
    ends : (s,) int64
        Written to: where each stroke ends in `points`.
    knots : (KNOTS, 2) float64
        Room to work in.
    """
    a, b = draw_words(0, number, epoch, seed), draw_words(1, number, epoch, seed)
    kept = (1 - strength.thinning) ** ((uniform(b[0]) + 1) / 2)
    haste = strength.haste * (uniform(b[1]) + 1) / 2
    angle, slant = math.radians(strength.rotation * uniform(a[0])), math.radians(strength.slant * uniform(a[1]))
    wide = math.sqrt((1 + strength.aspect) ** uniform(a[2]))
    first, at = drawings.drawings[which], as_int64(0)
    for s in range(first, drawings.drawings[which + 1]):
        begin, block = at, BLOCKS * int(s - first + 1)
        c = draw_words(block, number, epoch, seed)
        if strength.wobble > 0:
            _fill_knots(strength.wobble, block, number, epoch, seed, knots)
        at = _take_events(drawings, s, kept, uniform(c[0]), strength.wobble > 0, knots, points, at)
        _cut_corners(points, begin, at, haste)
        turn = math.radians(strength.turn * uniform(c[1]))
        _move(points, begin, at, turn, strength.shift * uniform(c[2]), strength.shift * uniform(c[3]))
        _map(points, begin, at, math.cos(angle), math.sin(angle), math.tan(slant), wide)
        at = _without_repeats(points, begin, at)
        ends[s - first] = at
    return float((1 + strength.pen) ** uniform(a[3]))


@jit_bare
def _fill_knots(wobble: float, block: int, number: int, epoch: int, seed: int, knots: Points) -> None:
    """Draw the displacements of a stroke."""
    for k in range(KNOTS // 2):
        words = draw_words(block + 1 + k, number, epoch, seed)
        knots[2 * k, 0], knots[2 * k, 1] = wobble * uniform(words[0]), wobble * uniform(words[1])
        knots[2 * k + 1, 0], knots[2 * k + 1, 1] = wobble * uniform(words[2]), wobble * uniform(words[3])


@jit_bare
def _take_events(
    drawings: Strokes, stroke: int, kept: float, phase: float, wobbles: bool, knots: Points, points: Points, at: int
) -> int:
    """Write the events of a stroke that a faster hand leaves, each moved by the knots; return where they end.

    They are as far apart in time as each other; the first and the last always stay.
    """
    begin, last = drawings.strokes[stroke], int(drawings.strokes[stroke + 1] - drawings.strokes[stroke] - 1)
    count = max(min(last + 1, FEWEST), math.floor((last + 1) * kept + 0.5))
    step = last / max(count - 1, 1)
    for k in range(count):
        inner = min(max(k * step + 0.5 * phase * min(step - 1, 1.0) + 0.5, 0.0), float(last))
        event = last if k == count - 1 else int(inner) if k else 0
        x, y = float(drawings.points[begin + event, 0]), float(drawings.points[begin + event, 1])
        if wobbles:
            dx, dy = _displacement(event / max(last, 1), knots)
            x, y = x + dx, y + dy
        points[at + k, 0], points[at + k, 1] = x, y
    return at + count


@jit_inline
def _displacement(time: float, knots: Points) -> tuple[float, float]:
    """Return where the uniform cubic B-spline of the knots is at a time from 0 to 1."""
    pieces = KNOTS - 3
    k = min(int(time * pieces), pieces - 1)
    t = time * pieces - k
    s = 1 - t
    a, d = s * s * s / 6, t * t * t / 6
    b, c = (3 * t * t * t - 6 * t * t + 4) / 6, (3 * s * s * s - 6 * s * s + 4) / 6
    x = a * knots[k, 0] + b * knots[k + 1, 0] + c * knots[k + 2, 0] + d * knots[k + 3, 0]
    y = a * knots[k, 1] + b * knots[k + 1, 1] + c * knots[k + 2, 1] + d * knots[k + 3, 1]
    return x, y


@jit_bare
def _cut_corners(points: Points, begin: int, end: int, haste: float) -> None:
    """Move each event but the first and the last towards the middle of its neighbours, as they were."""
    x0, y0 = points[begin, 0], points[begin, 1]
    for i in range(begin + 1, end - 1):
        x1, y1 = points[i, 0], points[i, 1]
        points[i, 0] += haste * ((x0 + points[i + 1, 0]) / 2 - x1)
        points[i, 1] += haste * ((y0 + points[i + 1, 1]) / 2 - y1)
        x0, y0 = x1, y1


@jit_bare
def _move(points: Points, begin: int, end: int, angle: float, across: float, down: float) -> None:
    """Turn a stroke about the mean of its events, and shift it."""
    x, y = 0.0, 0.0
    for i in range(begin, end):
        x, y = x + points[i, 0] / (end - begin), y + points[i, 1] / (end - begin)
    c, s = math.cos(angle), math.sin(angle)
    for i in range(begin, end):
        dx, dy = points[i, 0] - x, points[i, 1] - y
        points[i, 0], points[i, 1] = x + c * dx - s * dy + across, y + s * dx + c * dy + down


@jit_bare
def _map(points: Points, begin: int, end: int, c: float, s: float, lean: float, wide: float) -> None:
    """Stretch, slant and then rotate about the origin: where a drawing lies does not matter."""
    for i in range(begin, end):
        y = points[i, 1] / wide
        x = points[i, 0] * wide - lean * y
        points[i, 0], points[i, 1] = c * x - s * y, s * x + c * y


@jit_bare
def _without_repeats(points: Points, begin: int, end: int) -> int:
    """Drop events at which the pen had not moved since the one before, and return where the others end."""
    at = begin + 1
    for i in range(begin + 1, end):
        x, y = points[i, 0], points[i, 1]
        if max(abs(x - points[at - 1, 0]), abs(y - points[at - 1, 1])) > STILL:
            points[at, 0], points[at, 1] = x, y
            at += 1
    return at
