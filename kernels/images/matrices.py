"""Products of small matrices, in registers, for what happens to images."""

import numpy as np
import numpy.typing as npt

from kernels.machine.jit import jit_bare, jit_inline
from kernels.machine.simd import LANES, broadcast, fma_outer, load, store_rows

Field = npt.NDArray[np.float32]
"""A flat array: an image's rows, padded to whole vectors; and so many rows more that a tile may overshoot."""

TILE = 8
"""Rows of a product that are summed up at once."""


@jit_inline
def in_tiles(height: int) -> int:
    """Return a number of rows rounded up to whole tiles."""
    return -(-height // TILE) * TILE


@jit_bare
def multiply_matrices(a: Field, stride: int, rows: int, inner: int, b: Field, lanes: int, out: Field) -> None:
    """Compute `out ← a b`.

    Parameters
    ----------
    a : flat array
        A matrix of `rows` rows, in whole tiles, that begin `stride` numbers apart.
    rows, inner, lanes : int
        `inner` counts columns of `a` and rows of `b`; `lanes` the columns of `b`, in whole vectors.
    """
    for column in range(0, lanes, LANES):
        for i in range(0, rows, TILE):
            total = broadcast(np.float32(0), TILE)
            for k in range(inner):
                total = fma_outer(a, i * stride + k, stride, load(b, k * lanes + column, 1), total)
            store_rows(out, i * lanes + column, lanes, total, 1)
