"""What is drawn for one image, and where its ink goes by it: never over the image's border."""

import math
from typing import NamedTuple

import numpy as np

from kernels.images.matrices import Field
from kernels.machine.jit import jit_bare, jit_inline
from kernels.machine.philox import WORD, philox, uniform
from kernels.types import Distortion


class Share(NamedTuple):
    """What one image draws: each field of a `Distortion` as it is to be applied, in the same units.

    `zoom` and `stretch` are the factors that scale and aspect come to; `right` and `down` the translation.
    """

    rotation: float
    zoom: float
    stretch: float
    slant: float
    right: float
    down: float
    thickness: float


class Affine(NamedTuple):
    """Where a pixel of the new image looks: `x ← xx x + xy y + x0`, and `y` likewise; in pixels, by their indices."""

    xx: np.float32
    xy: np.float32
    x0: np.float32
    yx: np.float32
    yy: np.float32
    y0: np.float32


class InkColumns(NamedTuple):
    """Where the ink of an image lies.

    Attributes
    ----------
    mass, moment : (columns,) float32
        Sum of each column's grey levels; and the same, each times its row.
    top, bottom : (columns,) float32
        First and last row with ink in each column; the first is the greater one where there is none.
    """

    mass: Field
    moment: Field
    top: Field
    bottom: Field


class Bounds(NamedTuple):
    """Where the ink and the black pixel around it may lie, as indices: -1 to `width`, but for a margin at each side."""

    left: float
    right: float
    top: float
    bottom: float


@jit_inline
def draw_share(strength: Distortion, row: int, epoch: int, seed: int) -> Share:
    """Return what a row draws in an epoch: each quantity evenly from both sides of 0, factors by their logarithms."""
    low, high, first_key, second_key = row & WORD, (row >> 32) & WORD, seed & WORD, (seed >> 32) & WORD
    a = philox(0, low, high, epoch, first_key, second_key)
    b = philox(1, low, high, epoch, first_key, second_key)
    return Share(
        math.radians(strength.rotation * uniform(a[0])),
        (1 + strength.scale) ** uniform(a[1]),
        (1 + strength.aspect) ** uniform(a[2]),
        math.tan(math.radians(strength.slant * uniform(a[3]))),
        strength.translation * uniform(b[0]),
        strength.translation * uniform(b[1]),
        strength.thickness * uniform(b[2]),
    )


@jit_bare
def measure_ink(source: Field, stride: int, edge: int, ink: InkColumns) -> None:
    """Look where the ink lies in an image with an edge of so many pixels; columns and rows count from the edge on."""
    mass, moment, top, bottom = ink
    mass[:], moment[:], top[:], bottom[:] = 0, 0, source.size, -source.size
    for i in range(source.size // stride):
        at, row = i * stride, np.float32(i - edge)
        for j in range(stride):
            value = source[at + j]
            mass[j] += value
            moment[j] += row * value
            top[j] = min(top[j], row) if value > 0 else top[j]
            bottom[j] = row if value > 0 else bottom[j]


@jit_bare
def place(share: Share, ink: InkColumns, edge: int, bounds: Bounds) -> Affine:
    """Return where the new image's pixels look, so that all the ink lies within bounds.

    The linear map leaves the centre of mass where it is, and the translation moves it. If the ink would leave them
    then, it is moved less far; if it is too large, it is made smaller.
    """
    c, s = math.cos(share.rotation), math.sin(share.rotation)
    wide, high = share.zoom * math.sqrt(share.stretch), share.zoom / math.sqrt(share.stretch)
    # Columns: where the unit vectors to the right and down go. Rotation after slant after magnification.
    ax, ay = c * wide, s * wide
    bx, by = (-c * share.slant - s) * high, (-s * share.slant + c) * high
    x, y = _centre(ink, edge)
    left, right = _extent(ink, edge, ax, bx, x, y)
    top, bottom = _extent(ink, edge, ay, by, x, y)
    shrink = min(1.0, (bounds.right - bounds.left) / (right - left), (bounds.bottom - bounds.top) / (bottom - top))
    across = min(max(share.right, bounds.left - x - shrink * left), bounds.right - x - shrink * right)
    along = min(max(share.down, bounds.top - y - shrink * top), bounds.bottom - y - shrink * bottom)
    return _inverse(ax * shrink, bx * shrink, ay * shrink, by * shrink, x, y, x + across, y + along)


@jit_inline
def _centre(ink: InkColumns, edge: int) -> tuple[float, float]:
    """Return the centre of mass."""
    total, x, y = 0.0, 0.0, 0.0
    for j in range(ink.mass.size):
        total, x, y = total + ink.mass[j], x + ink.mass[j] * (j - edge), y + ink.moment[j]
    return x / total, y / total


@jit_inline
def _extent(ink: InkColumns, edge: int, a: float, b: float, x: float, y: float) -> tuple[float, float]:
    """Return between which bounds `a (x' - x) + b (y' - y)` lies, for all `x'`, `y'` within a pixel of ink."""
    low, high = math.inf, -math.inf
    for j in range(ink.top.size):
        if ink.top[j] <= ink.bottom[j]:
            first = a * (j - edge - x) + b * (ink.top[j] - y)
            last = a * (j - edge - x) + b * (ink.bottom[j] - y)
            low, high = min(low, first, last), max(high, first, last)
    return low - abs(a) - abs(b), high + abs(a) + abs(b)


@jit_inline
def _inverse(ax: float, bx: float, ay: float, by: float, x: float, y: float, new_x: float, new_y: float) -> Affine:
    """Return the way back from a map that takes `(x, y)` to `(new_x, new_y)`, around which it is linear."""
    determinant = ax * by - bx * ay
    xx, xy, yx, yy = by / determinant, -bx / determinant, -ay / determinant, ax / determinant
    real = np.float32
    return Affine(
        real(xx), real(xy), real(x - xx * new_x - xy * new_y), real(yx), real(yy), real(y - yx * new_x - yy * new_y)
    )
