"""How matrices lie in memory while a network works: padded to whole vectors, cut into blocks of columns, aligned.

A product in registers takes a block of columns at a time and walks down the rows. Stored as it is used, block after
block, a matrix comes in one straight stream, and 64 columns of a weight of 784 rows (200 kB) stay in a core's own
cache. Stored row after row instead, the same columns would lie a row's length apart, and if that is a power of two, as
widths tend to be, they would all compete for the same few places of the cache. A vector that straddles two lines of the
cache costs two loads: aligned, the products are 1.7 times as fast.

A matrix of `rows` rows is a flat array: the block of the columns from `start` to `stop` begins at `rows * start`, and
its rows, `stop - start` numbers each, follow one another.
"""

import numpy as np
import numpy.typing as npt

from kernels.machine.jit import jit, jit_inline
from kernels.machine.simd import LANES
from kernels.types import Floats

MOST_PARTS = 4
"""Parts of a block's rows: with fewer, a product is a queue for one register; with more, they no longer fit."""

ALIGNMENT = 64
"""Bytes of a line of the cache."""

SLACK = 8
"""Rows that every matrix of a mini-batch has to spare: kernels work on several rows at once and may overshoot."""


@jit_inline
def padded(width: int) -> int:
    """Return `width` rounded up to whole vectors."""
    return -(-width // LANES) * LANES


@jit_inline
def blocks_in(width: int) -> int:
    """Return into how many blocks of columns a padded width is cut: an even number, to share, unless it is one."""
    blocks = -(-(width // LANES) // MOST_PARTS)
    return blocks + blocks % 2 if blocks > 1 else blocks


@jit_inline
def block_start(width: int, block: int) -> int:
    """Return the first column of a block; the next one's is where it ends."""
    return width // LANES * block // blocks_in(width) * LANES


@jit_inline
def block_bounds(width: int, block: int) -> tuple[int, int]:
    """Return the first column of a block, and the one after its last."""
    return block_start(width, block), block_start(width, block + 1)


@jit_inline
def as_int64(number: int) -> int:
    """Return a whole number of the type that kernels are compiled for.

    `prange` counts without a sign, and a number that is written out has a type of its own: for both, everything that
    is called with them would be compiled once more.
    """
    return np.int64(number)  # type: ignore[return-value] # to numba, that is what an int is


@jit
def aligned(count: int, like: Floats) -> Floats:
    """Return room for so many numbers of the dtype of `like`, at the start of a line of the cache."""
    raw = np.empty(count + ALIGNMENT // 4, like.dtype)
    start = -raw.ctypes.data % ALIGNMENT // raw.itemsize
    return raw[start : start + count]


def zeros(count: int, dtype: npt.DTypeLike) -> Floats:
    """Return so many zeros, aligned."""
    values = aligned(count, np.empty(0, dtype))
    values[:] = 0
    return values


def room_for(rows: int, width: int, dtype: npt.DTypeLike) -> Floats:
    """Return a matrix of zeros in blocks, `rows` and the slack by `width` padded."""
    return zeros((rows + SLACK) * int(padded(width)), dtype)


@jit
def to_blocks(matrix: Floats, out: Floats, width: int) -> None:
    """Copy a matrix, row after row, into one in blocks that has as many rows or more, and this padded width."""
    room = out.size // max(width, 1)
    for block in range(blocks_in(width)):
        start, end = block_bounds(width, block)
        stop, lanes = min(end, matrix.shape[1]), end - start
        for i in range(matrix.shape[0]):
            for j in range(stop - start):
                out[room * start + i * lanes + j] = matrix[i, start + j]


@jit
def from_blocks(values: Floats, width: int, out: Floats) -> None:
    """Copy the other way round: as many rows and columns as `out` has."""
    room = values.size // max(width, 1)
    for block in range(blocks_in(width)):
        start, end = block_bounds(width, block)
        stop, lanes = min(end, out.shape[1]), end - start
        for i in range(out.shape[0]):
            for j in range(stop - start):
                out[i, start + j] = values[room * start + i * lanes + j]
