"""Rows without their zeros, as compressed sparse rows (CSR).

Four pixels in five of a handwritten digit are black. Kept as the places and grey levels of the others, MNIST's 60,000
images take 27 MB instead of 47, and a first layer that walks along them does a fifth of the work.

A data set is compressed once. Each mini-batch is unfolded from it, its values scaled, and transposed: by
pixel, the rows where it is not 0, which is how the gradient wants it.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.machine.blocks import aligned
from kernels.machine.jit import jit
from kernels.machine.simd import (
    LANES,
    broadcast_like,
    compress,
    convert,
    count_nonzero,
    iota,
    load,
    multiply,
    prefetch,
    store,
    subtract,
)
from kernels.types import Bytes, Floats

Integers: TypeAlias = npt.NDArray[np.int64]

LINE = 64
"""Bytes of a line of the cache, and so as many grey levels."""

MOST_COLUMNS = 1 << 16
"""As many as a column's number of 16 bits can tell apart."""


class Csr(NamedTuple):
    """Rows without their zeros.

    Attributes
    ----------
    indptr : (n + 1,) int64
        Row `i` has the entries from `indptr[i]` up to, not including, `indptr[i + 1]`.
    indices : (entries + 16,) uint16
        Columns.
    data : (entries + 16,) uint8
        Both may be read a vector at a time: there is a vector's room after the last entry.
    width : int
        Columns that a row has, zeros included.
    """

    indptr: Integers
    indices: npt.NDArray[np.uint16]
    data: Bytes
    width: int


class CsrBatch(NamedTuple):
    """A sparse matrix in working memory, row by row.

    Attributes
    ----------
    indptr : (rows + 2,) uint64
        As of `Csr`. An index without a sign saves the inner loops a look at it.
    indices : (capacity,) int32
    data : (capacity,) float
    """

    indptr: npt.NDArray[np.uint64]
    indices: npt.NDArray[np.int32]
    data: Floats


@jit
def _count(features: Bytes) -> Integers:
    """Return where each row's entries start."""
    indptr = np.zeros(features.shape[0] + 1, np.int64)
    for i in range(features.shape[0]):
        found = 0
        for value in features[i]:
            found += value != 0
        indptr[i + 1] = indptr[i] + found
    return indptr


@jit
def _fill(features: Bytes, indptr: Integers, indices: npt.NDArray[np.uint16], data: Bytes) -> None:
    """Write the entries; every value is written, and then perhaps written over."""
    for i in range(features.shape[0]):
        end, row = indptr[i], features[i]
        for first in range(0, row.size, LANES):
            # Black pixels come in runs: most groups of 16 are passed over together.
            last, found = min(first + LANES, row.size), np.uint8(0)
            for j in range(first, last):
                found |= row[j]
            if found:
                for j in range(first, last):
                    indices[end], data[end] = j, row[j]
                    end += row[j] != 0


@jit
def csr_of(features: Bytes) -> Csr:
    """Return rows without their zeros.

    Parameters
    ----------
    features : (n, d) uint8
        `d` at most `MOST_COLUMNS`.
    """
    indptr = _count(features)
    room = indptr[-1] + LANES
    indices, data = np.zeros(room, np.uint16), np.zeros(room, np.uint8)
    _fill(features, indptr, indices, data)
    return Csr(indptr, indices, data, features.shape[1])


@jit
def empty_csr(rows: int, capacity: int, like: Floats) -> CsrBatch:
    """Return room for up to so many rows and entries of the dtype of `like`, and for what is written beyond them."""
    capacity += LANES
    return CsrBatch(np.zeros(rows + 2, np.uint64), np.empty(capacity, np.int32), aligned(capacity, like))


def longest(matrix: Csr, rows: Integers) -> int:
    """Return the most entries that one of the rows has."""
    return int((matrix.indptr[rows + 1] - matrix.indptr[rows]).max(initial=0))


@jit
def unfold(matrix: Csr, rows: Integers, scale: Floats, out: CsrBatch) -> None:
    """Write the chosen rows, scaled.

    Parameters
    ----------
    matrix : Csr
    rows : (k,) int64
    scale : (d,) float32
        The same number everywhere.
    out : CsrBatch
        With room for the rows and their entries, and 16 more.
    """
    indptr, indices, data, end, factor = matrix.indptr, matrix.indices, matrix.data, 0, scale[0]
    for i in range(rows.size):
        first, last = indptr[rows[i]], indptr[rows[i] + 1]
        # The last group of a row reaches into the next row's, which then writes over it.
        for k in range(0, last - first, LANES):
            store(out.indices, end + k, convert(load(indices, first + k, 1), out.indices))
            numbers = convert(load(data, first + k, 1), out.data)
            store(out.data, end + k, multiply(numbers, broadcast_like(factor, numbers)))
        end += last - first
        out.indptr[i + 1] = end


@jit
def to_csr(
    features: Bytes | Floats, width: int, begin: int, end: int, shift: Floats, scale: Floats, out: CsrBatch
) -> None:
    """Write the rows from `begin` to `end` of a matrix, scaled, without what is 0 then.

    Parameters
    ----------
    features : (n * d,) uint8 or float
        Row after row; or more.
    width : int
        d, the columns.
    begin, end : int
    shift, scale : (d,) float32
    out : CsrBatch
        With room for the rows, all their numbers, and 16 more.
    """
    place = 0
    data, indices = out.data, out.indices
    whole, real = width // LANES * LANES, data.dtype.type
    for i in range(begin, end):
        row = i * width
        for j in range(0, whole, LANES):
            numbers = subtract(convert(load(features, row + j, 1), data), convert(load(shift, j, 1), data))
            numbers = multiply(numbers, convert(load(scale, j, 1), data))
            found = count_nonzero(numbers)
            # Black pixels come in runs: most groups of 16 are passed over.
            if found:
                store(data, place, compress(numbers, numbers))
                store(indices, place, compress(iota(indices, j), numbers))
                place += found
        for j in range(whole, width):
            number = (real(features[row + j]) - shift[j]) * scale[j]
            indices[place], data[place] = j, number
            place += number != 0
        out.indptr[i - begin + 1] = place


@jit
def prefetch_rows(matrix: Csr, rows: Integers) -> None:
    """Prefetch rows that will soon be unfolded: their order is shuffled, which no hardware prefetcher can guess.

    Parameters
    ----------
    matrix : Csr
    rows : (k,) int64
        Negative numbers stand for no row.
    """
    indptr, indices, data = matrix.indptr, matrix.indices, matrix.data
    for row in rows:
        for k in range(indptr[row], indptr[row + 1] if row >= 0 else 0, LINE):
            prefetch(data, k)
            prefetch(indices, k)
            prefetch(indices, k + LINE // 2)


@jit
def transpose(matrix: CsrBatch, rows: int, columns: int, out: CsrBatch) -> None:
    """Write the transpose of a matrix of so many rows and columns, by counting the entries of each column.

    Within a column, the rows come in ascending order: sums along it do not depend on anything else.
    """
    # One place further on than it ends up: there, each column's start counts up to where it ends, the next one's start.
    indptr, one = out.indptr, np.uint64(1)
    for j in range(columns + 2):
        indptr[j] = 0
    for k in range(np.uint64(0), matrix.indptr[rows]):
        indptr[matrix.indices[k] + 2] += one
    for j in range(columns):
        indptr[j + 2] += indptr[j + 1]
    for i in range(rows):
        for k in range(matrix.indptr[i], matrix.indptr[i + 1]):
            j = matrix.indices[k] + 1
            place = indptr[j]
            out.indices[place], out.data[place] = i, matrix.data[k]
            indptr[j] = place + one
