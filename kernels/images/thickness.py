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

from kernels.images.matrices import Field
from kernels.machine.jit import jit_bare
from kernels.machine.simd import (
    LANES,
    Array,
    add,
    broadcast,
    broadcast_like,
    fma,
    load,
    maximum,
    multiply,
    store,
    subtract,
)

EDGE = 2
"""Pixels around an image: one for ink to grow into, and one that stays black, for interpolation to end in."""

SLANTING = math.sqrt(0.5)

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
    like = load(source, 0, 1)
    sign, reach = broadcast_like(math.copysign(1.0, amount), like), abs(amount)
    _move_edges(source, stride, rows, sign, broadcast_like(reach, like), broadcast_like(reach * SLANTING, like), out)
    if amount < 0:
        _keep_ink(source, out, lanes)


@jit_bare
def _move_edges(source: Field, stride: int, rows: int, sign: Array, reach: Array, oblique: Array, out: Field) -> None:
    """Write the highest (or, by `sign`, lowest) of nine points of the interpolated surface for each pixel.

    A row's outermost pixels are black, and so are those which follow in memory: they are neighbours as good as any.
    """
    one = broadcast_like(1, sign)
    near, far = subtract(one, reach), subtract(one, oblique)
    here, beside, corner = multiply(far, far), multiply(far, oblique), multiply(oblique, oblique)
    for k in range(stride + 1, (rows - 1) * stride, LANES):  # the first pixel has no neighbour up to the left
        left, right = multiply(sign, load(source, k - 1, 1)), multiply(sign, load(source, k + 1, 1))
        up, down = multiply(sign, load(source, k - stride, 1)), multiply(sign, load(source, k + stride, 1))
        a = fma(beside, add(up, left), multiply(corner, multiply(sign, load(source, k - stride - 1, 1))))
        b = fma(beside, add(up, right), multiply(corner, multiply(sign, load(source, k - stride + 1, 1))))
        c = fma(beside, add(down, left), multiply(corner, multiply(sign, load(source, k + stride - 1, 1))))
        d = fma(beside, add(down, right), multiply(corner, multiply(sign, load(source, k + stride + 1, 1))))
        same = multiply(sign, load(source, k, 1))
        straight = fma(near, same, multiply(reach, maximum(maximum(left, right), maximum(up, down))))
        slanting = fma(here, same, maximum(maximum(a, b), maximum(c, d)))
        store(out, k, multiply(sign, maximum(same, maximum(straight, slanting))))


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
