"""How another hand draws, stroke by stroke in plain NumPy: what `kernels.images.hand` is held to."""

import numpy as np
import numpy.typing as npt

from kernels.images.drawings import StrokeDistortion
from tests.kernels.twins_distort import philox

Points = npt.NDArray[np.float64]

FEWEST = 8
SPLINE = np.array([[1, 4, 1, 0], [-3, 0, 3, 0], [3, -6, 3, 0], [-1, 3, -3, 1]]) / 6
"""Of the uniform cubic B-spline: what 1, t, t² and t³ give to each of four knots."""


def shares(block: int, number: int, epoch: int, seed: int) -> Points:
    """Four random numbers from -1 to 1."""
    words = philox((2**31 + block, number % 2**32, number >> 32, epoch), (seed % 2**32, seed >> 32))
    return (np.array(words) + 0.5) / 2**31 - 1


def drawn_as(
    strokes: list[Points], strength: StrokeDistortion, number: int, epoch: int, seed: int
) -> tuple[list[Points], float]:
    """Return the strokes, (k, 2) each, as another hand draws them, and by which factor its pen is wider."""
    whole, pace = shares(0, number, epoch, seed), shares(1, number, epoch, seed)
    angle, slant = np.radians([strength.rotation * whole[0], strength.slant * whole[1]])
    stretch = np.sqrt((1 + strength.aspect) ** whole[2])
    linear = turning(angle) @ np.array([[1, -np.tan(slant)], [0, 1]]) @ np.diag([stretch, 1 / stretch])
    kept, haste = (1 - strength.thinning) ** ((pace[0] + 1) / 2), strength.haste * (pace[1] + 1) / 2
    result = []
    for i, stroke in enumerate(strokes, start=1):
        own = shares(4 * i, number, epoch, seed)
        events = taken(len(stroke), kept, own[0])
        knots = strength.wobble * np.concatenate([shares(4 * i + k, number, epoch, seed) for k in (1, 2, 3)])
        times = events / max(len(stroke) - 1, 1)
        moved = hurried(stroke[events] + [spline(knots.reshape(6, 2), time) for time in times], haste)
        middle = moved.mean(axis=0)
        moved = (moved - middle) @ turning(np.radians(strength.turn * own[1])).T + middle + strength.shift * own[2:]
        moved = moved @ linear.T
        still = np.abs(np.diff(moved, axis=0)).max(axis=1, initial=0) <= 1e-9
        result.append(moved[np.append(True, ~still)])
    return result, float((1 + strength.pen) ** whole[3])


def turning(angle: float) -> Points:
    """Return the matrix that turns by an angle."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def taken(count: int, kept: float, phase: float) -> npt.NDArray[np.intp]:
    """Which of so many events stay: evenly spread, those within the stroke earlier or later by up to half a step."""
    n = max(min(count, FEWEST), int(np.floor(count * kept + 0.5)))
    if n == 1:
        return np.array([count - 1])
    step = (count - 1) / (n - 1)
    within = np.arange(1, n - 1) * step + 0.5 * phase * min(step - 1, 1)
    return np.array([0, *np.floor(within + 0.5), count - 1], np.intp)


def spline(knots: Points, time: float) -> Points:
    """Where the B-spline of six knots, (6, 2), is at a time from 0 to 1."""
    piece = min(int(3 * time), 2)
    t = 3 * time - piece
    return np.asarray(np.array([1, t, t * t, t**3]) @ SPLINE @ knots[piece : piece + 4])


def hurried(points: Points, haste: float) -> Points:
    """Each event but the first and last on its way to the middle of its neighbours."""
    moved = points.copy()
    moved[1:-1] += haste * ((points[:-2] + points[2:]) / 2 - points[1:-1])
    return moved
