"""How edges by direction change with the pixels: the derivative of `kernels.images.orientation`, for explanations.

Nothing learns by it, and it is of one image at a time: NumPy is fast enough.
"""

import math

import numpy as np

from kernels.images.orientation import GRID, MOST, Numbers, places_for, unit_of
from kernels.types import DIRECTIONS, SIDE, Bytes, Floats, OrientationMaps

FAINT = 64
"""Of an edge, in bytes: the derivative takes any that is fainter for this one."""

TINY = 1e-9
"""Of the angle between two directions: what is nearer to one of them lies on it."""

SOBELS = tuple(np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).transpose(axes) for axes in ((0, 1), (1, 0)))
"""Weights of a pixel's neighbours in its gradient, across and down."""

COMPASS = np.array(
    [[math.cos(k * math.tau / DIRECTIONS), math.sin(k * math.tau / DIRECTIONS)] for k in range(DIRECTIONS)]
)
BETWEEN = np.linalg.inv(np.stack([COMPASS, np.roll(COMPASS, -1, 0)], axis=2))
"""What makes parts along two directions of a gradient between them: (first direction, part, axis)."""


def orientations_backward(
    image: Bytes | Floats, height: int, width: int, scale: float, maps: OrientationMaps, grad: Floats
) -> Numbers:
    """Return the derivative of something by an image's pixels, given its derivative by the edges.

    Parameters
    ----------
    image : (height * width,) uint8 or float32
    height, width, scale
        As for `orientations`.
    maps : OrientationMaps
        What that has made of the image alone.
    grad : (SIDE * SIDE * DIRECTIONS,) float

    Returns
    -------
    (height * width,) float64

    Notes
    -----
    The derivative of `255 √s` is `255² / (2 · 255 √s)`, infinite where no edge is. There and next to there, where it
    would drown that of the ink, the one of an edge of `FAINT` is returned. Between two directions `a` and `b`, the
    gradient is `g = s a + t b`, so that `(s, t)` is the inverse of the matrix of columns `a` and `b`, times `g`. Where
    it points along a direction, or nowhere, it depends on the sign of a change what that does: the mean is returned.
    """
    places, shape = places_for(height, width), (SIDE, SIDE, DIRECTIONS)
    sums = MOST**2 * np.asarray(grad, np.float64) / (2.0 * np.maximum(maps.values[0], FAINT))
    down, across = places.down.reshape(GRID, height)[:SIDE], places.across.reshape(width, GRID)[:, :SIDE]
    parts = np.einsum("ai,abk,jb->kij", down, sums.reshape(shape), across)
    edged = np.pad(image.reshape(height, width) * np.float64(unit_of(height, width, scale)), 1)
    gradient = [sum(sobel[i, j] * _moved(edged, i, j) for i in range(3) for j in range(3)) for sobel in SOBELS]
    result = np.zeros_like(edged)
    for sobel, by_axis in zip(SOBELS, _by_gradient(parts, *gradient), strict=True):
        for i in range(3):
            for j in range(3):
                _moved(result, i, j)[:] += sobel[i, j] * by_axis
    return result[1:-1, 1:-1].ravel() * unit_of(height, width, scale)


def _by_gradient(parts: Numbers, across: Numbers, down: Numbers) -> tuple[Numbers, Numbers]:
    """Return the derivative by each pixel's gradient, across and down, given that by its part along each direction."""
    turns = np.arctan2(down, across) / (math.tau / DIRECTIONS)
    flat, found = (across == 0) & (down == 0), np.zeros((2, *across.shape))
    for nudge in (-TINY, TINY):
        sector = np.floor(turns + nudge).astype(int) % DIRECTIONS
        for k in range(2):
            part = np.take_along_axis(parts, (sector + k)[np.newaxis] % DIRECTIONS, 0)[0]
            found += np.moveaxis(BETWEEN[sector, k], -1, 0) * part / 2
    for axis, ahead in enumerate((0, DIRECTIONS // 4)):
        found[axis][flat] = (parts[ahead] - parts[ahead + DIRECTIONS // 2])[flat] / 2
    return found[0], found[1]


def _moved(edged: Numbers, i: int, j: int) -> Numbers:
    """Return a view of an image's pixels, or of their neighbours: the edge is a pixel wide, (1, 1) the pixel itself."""
    return edged[i : i + edged.shape[0] - 2, j : j + edged.shape[1] - 2]
