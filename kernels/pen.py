"""Ink that is bolder or thinner, as if another pen had drawn it.

Grey dilation by a disc moves every edge of the ink outwards by the disc's radius, and erosion moves it inwards; both
are taken of the surface that bilinear interpolation lays through the pixels, so that the radius need not be a whole
number. The disc is sampled in eight directions.

References
----------
P. Soille: Morphological Image Analysis. Springer, 2nd edition 2004, chapter 3.
"""

import math

import numpy as np

from kernels.elastic import Field
from kernels.jit import jit_bare
from kernels.simd import LANES, add, broadcast, load, store

EDGE = 2
"""Pixels around an image: one for ink to grow into, and one that stays black, for interpolation to end in."""

LEAST_INK = 0.5
"""Of the ink, at least this share stays, that of a pen half as wide: a thin line would vanish where erosion meets."""


@jit_bare
def change_thickness(source: Field, stride: int, rows: int, amount: float, out: Field, lanes: Field) -> None:
    """Move all edges of the ink.

    Parameters
    ----------
    source : flat float32
        `rows` rows that begin `stride` numbers apart; the outermost pixels are 0, and those of `out` stay as they are.
    amount : float
        Pixels, from -1 (thinner) to 1 (bolder).
    lanes : (16,) float32
        Room to work in.
    """
    sign, reach = np.float32(math.copysign(1.0, amount)), np.float32(abs(amount))
    oblique = np.float32(abs(amount) * math.sqrt(0.5))
    for i in range(1, rows - 1):
        _move_edges(source, i * stride, stride, sign, reach, oblique, out)
    if amount < 0:
        _keep_ink(source, out, lanes)


@jit_bare
def _move_edges(
    source: Field, at: int, stride: int, sign: np.float32, reach: np.float32, oblique: np.float32, out: Field
) -> None:
    """Write one row: the highest (or, by `sign`, lowest) of nine points on the interpolated surface."""
    near, far = np.float32(1) - reach, np.float32(1) - oblique
    here, beside, corner = far * far, far * oblique, oblique * oblique
    for k in range(at + 1, at + stride - 1):
        left, right, up, down = source[k - 1], source[k + 1], source[k - stride], source[k + stride]
        most = sign * source[k]
        straight = max(sign * left, sign * right, sign * up, sign * down)
        a = sign * (beside * (up + left) + corner * source[k - stride - 1])
        b = sign * (beside * (up + right) + corner * source[k - stride + 1])
        c = sign * (beside * (down + left) + corner * source[k + stride - 1])
        d = sign * (beside * (down + right) + corner * source[k + stride + 1])
        slanting = here * most + max(a, b, c, d)
        out[k] = sign * max(most, near * most + reach * straight, slanting)


@jit_bare
def _keep_ink(source: Field, out: Field, lanes: Field) -> None:
    """Take back so much of an erosion that `LEAST_INK` stays."""
    before, after = ink_of(source, lanes), ink_of(out, lanes)
    least = LEAST_INK * before
    if after < least:
        back = np.float32((least - after) / (before - after))
        for k in range(source.size):
            out[k] += back * (source[k] - out[k])


@jit_bare
def ink_of(field: Field, lanes: Field) -> float:
    """Return the sum of whole vectors; `lanes` is room for one."""
    total = broadcast(np.float32(0), 1)
    for k in range(0, field.size, LANES):
        total = add(total, load(field, k, 1))
    store(lanes, 0, total)
    ink = 0.0
    for k in range(LANES):
        ink += lanes[k]
    return ink
