"""A mini-batch without its zeros, and the first layer's work on it, shared among threads.

What one core has written, another must fetch from it: on the machine this was measured on, 13 ns for each 64 bytes, as
long as some 500 multiplications take. A mini-batch of digits unfolded by one thread for two cost more than sharing a
layer of 100 units saved. So every thread unfolds the mini-batch for itself, and transposes it for itself; and it
always has the same blocks of columns, so that their weights stay in its core's cache from one mini-batch to the next.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from kernels.functions.optimizers import StepConstants, is_idle
from kernels.layers.csr import Csr, CsrBatch, Integers, longest, prefetch_rows, transpose, unfold
from kernels.layers.packed import Moments, Packed
from kernels.layers.sparse import sparse_backward, sparse_forward, sparse_scatter
from kernels.machine.blocks import as_int64, blocks_in
from kernels.machine.jit import jit, jit_parallel
from kernels.machine.simd import LANES
from kernels.types import Bytes, Floats

PARALLEL_THRESHOLD = 400_000
"""Multiplications from which on a product is shared: 10 µs of one thread, a few times what starting others costs."""


NOBODY = -1
"""In the place of a row's number."""


class SparseBatch(NamedTuple):
    """Rows chosen from a compressed data set, and room for every thread to unfold them.

    Attributes
    ----------
    indptr, indices, data, width
        The data set, as in `Csr`.
    scale : (d,) float32
        The same number everywhere.
    chosen, coming : (batch,) int64
        The mini-batch's rows, and the next one's: `NOBODY` where there are fewer.
    row_indptr, row_indices, row_data : (threads, ·)
        The mini-batch row by row: the arrays of `CsrBatch`, once for each thread.
    pixel_indptr, pixel_indices, pixel_data : (threads, ·)
        Likewise column by column.
    """

    indptr: Integers
    indices: npt.NDArray[np.uint16]
    data: Bytes
    width: int
    scale: Floats
    chosen: Integers
    coming: Integers
    row_indptr: npt.NDArray[np.uint64]
    row_indices: npt.NDArray[np.int32]
    row_data: Floats
    pixel_indptr: npt.NDArray[np.uint64]
    pixel_indices: npt.NDArray[np.int32]
    pixel_data: Floats


def empty_batch(data: Csr, rows: Integers, size: int, scale: Floats, dtype: npt.DTypeLike) -> SparseBatch:
    """Return room for mini-batches of up to `size` of the rows."""
    threads, capacity = numba.get_num_threads(), size * longest(data, rows) + LANES

    def entries(height: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32], Floats]:
        indptr, indices = np.zeros((threads, height + 2), np.uint64), np.zeros((threads, capacity), np.int32)
        return indptr, indices, np.zeros((threads, capacity), dtype)

    chosen, coming = np.zeros(size, np.int64), np.full(size, NOBODY)
    return SparseBatch(*data, scale, chosen, coming, *entries(size), *entries(data.width))


@jit
def choose(x: SparseBatch, rows: Integers, begin: int, size: int) -> Integers:
    """Make some of the rows the mini-batch, note the next ones, and return the numbers of the first."""
    # Number by number: numba compiles for a second to assign a slice.
    for i in range(begin, min(begin + size, rows.size)):
        x.chosen[i - begin] = rows[i]
    for i in range(x.coming.size):
        following = begin + size + i
        x.coming[i] = rows[following] if following < rows.size else NOBODY
    return rows[begin : begin + size]


@jit
def _rows_of(x: SparseBatch, thread: int) -> CsrBatch:
    return CsrBatch(x.row_indptr[thread], x.row_indices[thread], x.row_data[thread])


@jit
def _pixels_of(x: SparseBatch, thread: int) -> CsrBatch:
    return CsrBatch(x.pixel_indptr[thread], x.pixel_indices[thread], x.pixel_data[thread])


@jit
def _shares(x: SparseBatch, rows: int, width: int) -> int:
    """Return how many threads the first layer's work is worth."""
    entries = 0
    for row in x.chosen[:rows]:
        entries += x.indptr[row + 1] - x.indptr[row]
    return x.row_indptr.shape[0] if entries * width > PARALLEL_THRESHOLD else 1


@jit
def _forward(x: SparseBatch, rows: int, layer: Packed, activation: int, out: Floats, share: int, shares: int) -> None:
    """Unfold the mini-batch, have the next one fetched meanwhile, and fill a share of the blocks of `out`."""
    entries, blocks = _rows_of(x, share), blocks_in(layer.width)
    data = Csr(x.indptr, x.indices, x.data, x.width)
    unfold(data, x.chosen[:rows], x.scale, entries)
    prefetch_rows(data, x.coming)
    sparse_forward(entries, rows, layer, activation, out, share * blocks // shares, (share + 1) * blocks // shares)


@jit
def _backward(
    x: SparseBatch, rows: int, layer: Packed, delta: Floats, moments: Moments, constants: StepConstants,
    share: int, shares: int,
) -> None:  # fmt: skip
    """Take the step on a share of the blocks, having transposed the mini-batch for it if that is worth its while."""
    entries, blocks = _rows_of(x, share), blocks_in(layer.width)
    begin, end = share * blocks // shares, (share + 1) * blocks // shares
    if is_idle(constants) and blocks <= shares:
        sparse_scatter(entries, layer, delta, rows, constants, begin, end)
        return
    pixels = _pixels_of(x, share)
    transpose(entries, rows, layer.fan_in, pixels)
    sparse_backward(pixels, layer, delta, rows, moments, constants, begin, end)


@jit_parallel
def _forward_shared(x: SparseBatch, rows: int, layer: Packed, activation: int, out: Floats, shares: int) -> None:
    for share in numba.prange(shares):
        _forward(x, rows, layer, activation, out, as_int64(share), shares)


@jit_parallel
def _backward_shared(
    x: SparseBatch, rows: int, layer: Packed, delta: Floats,
    first: Packed, second: Packed, constants: StepConstants, shares: int,
) -> None:  # fmt: skip
    for share in numba.prange(shares):  # numba hands no tuples of tuples to threads
        _backward(x, rows, layer, delta, Moments(first, second), constants, as_int64(share), shares)


@jit
def batch_forward(x: SparseBatch, rows: int, layer: Packed, activation: int, out: Floats) -> None:
    """Compute `out ← f(x · weight + bias)`; the same to the bit on any number of threads.

    Parameters
    ----------
    x : SparseBatch
    rows : int
        Of the mini-batch.
    layer : Packed
    activation : int
        The code of `f`.
    out : flat array
        A matrix in blocks (`kernels.machine.blocks`), of at least so many rows.
    """
    shares = _shares(x, rows, layer.width)
    if shares > 1:
        _forward_shared(x, rows, layer, activation, out, shares)
    else:
        _forward(x, rows, layer, activation, out, as_int64(0), as_int64(1))


@jit
def batch_backward(
    x: SparseBatch, rows: int, layer: Packed, delta: Floats, moments: Moments, constants: StepConstants
) -> None:
    """Take a step on weight and bias, along `xᵀ δ` and the column sums of `δ`; likewise.

    Parameters
    ----------
    x, rows, layer
        As `batch_forward` had and left them; the layer is changed in place, as are `moments`.
    delta : flat array
        A matrix in blocks: the derivative of the loss by this layer's sums.
    moments : Moments
        The optimizer's, of this layer.
    constants : StepConstants
    """
    shares = _shares(x, rows, layer.width)
    if shares > 1:
        _backward_shared(x, rows, layer, delta, moments.first, moments.second, constants, shares)
    else:
        _backward(x, rows, layer, delta, moments, constants, as_int64(0), as_int64(1))
