"""Rows without their zeros.

Four pixels in five of a handwritten digit are black. Kept as the places and grey levels of the others, MNIST's 60,000
images take 27 MB instead of 47, and a first layer that walks along them does a fifth of the work.

A data set is compressed once. Each mini-batch is unfolded from it, its values scaled, and turned round once more: by
pixel, the rows where it is not 0, which is how the gradient wants it.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.machine.jit import jit
from kernels.machine.simd import (
    LANES,
    broadcast_like,
    convert,
    count_nonzero,
    count_up,
    gather_nonzero,
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


class Compressed(NamedTuple):
    """Rows without their zeros.

    Attributes
    ----------
    starts : (n + 1,) int64
        Row `i` has the entries from `starts[i]` up to, not including, `starts[i + 1]`.
    columns : (entries + 16,) uint16
    values : (entries + 16,) uint8
        Both may be read a vector at a time: there is a vector's room after the last entry.
    width : int
        Columns that a row has, zeros included.
    """

    starts: Integers
    columns: npt.NDArray[np.uint16]
    values: Bytes
    width: int


class Entries(NamedTuple):
    """A sparse matrix in working memory, row by row.

    Attributes
    ----------
    starts : (rows + 2,) uint64
        As of `Compressed`. An index without a sign saves the inner loops a look at it.
    columns : (capacity,) int32
    values : (capacity,) float
    """

    starts: npt.NDArray[np.uint64]
    columns: npt.NDArray[np.int32]
    values: Floats


@jit
def _count(features: Bytes) -> Integers:
    """Return where each row's entries start."""
    starts = np.zeros(features.shape[0] + 1, np.int64)
    for i in range(features.shape[0]):
        found = 0
        for value in features[i]:
            found += value != 0
        starts[i + 1] = starts[i] + found
    return starts


@jit
def _fill(features: Bytes, starts: Integers, columns: npt.NDArray[np.uint16], values: Bytes) -> None:
    """Write the entries; every value is written, and then perhaps written over."""
    for i in range(features.shape[0]):
        end, row = starts[i], features[i]
        for first in range(0, row.size, LANES):
            # Black pixels come in runs: most groups of 16 are passed over together.
            last, found = min(first + LANES, row.size), np.uint8(0)
            for j in range(first, last):
                found |= row[j]
            if found:
                for j in range(first, last):
                    columns[end], values[end] = j, row[j]
                    end += row[j] != 0


@jit
def compress(features: Bytes) -> Compressed:
    """Return rows without their zeros.

    Parameters
    ----------
    features : (n, d) uint8
        `d` at most `MOST_COLUMNS`.
    """
    starts = _count(features)
    room = starts[-1] + LANES
    columns, values = np.zeros(room, np.uint16), np.zeros(room, np.uint8)
    _fill(features, starts, columns, values)
    return Compressed(starts, columns, values, features.shape[1])


def empty_entries(rows: int, capacity: int, dtype: npt.DTypeLike) -> Entries:
    """Return room for a matrix of up to so many rows and entries, and what `turn` and `unfold` ask for beyond."""
    capacity += LANES
    return Entries(np.zeros(rows + 2, np.uint64), np.zeros(capacity, np.int32), np.zeros(capacity, dtype))


def longest(compressed: Compressed, rows: Integers) -> int:
    """Return the most entries that one of the rows has."""
    return int((compressed.starts[rows + 1] - compressed.starts[rows]).max(initial=0))


@jit
def unfold(compressed: Compressed, rows: Integers, scale: Floats, out: Entries) -> None:
    """Write the chosen rows, scaled.

    Parameters
    ----------
    compressed : Compressed
    rows : (k,) int64
    scale : (d,) float32
        The same number everywhere.
    out : Entries
        With room for the rows and their entries, and 16 more.
    """
    starts, columns, values, end, factor = compressed.starts, compressed.columns, compressed.values, 0, scale[0]
    for i in range(rows.size):
        first, last = starts[rows[i]], starts[rows[i] + 1]
        # The last group of a row reaches into the next row's, which then writes over it.
        for k in range(0, last - first, LANES):
            store(out.columns, end + k, convert(load(columns, first + k, 1), out.columns))
            numbers = convert(load(values, first + k, 1), out.values)
            store(out.values, end + k, multiply(numbers, broadcast_like(factor, numbers)))
        end += last - first
        out.starts[i + 1] = end


@jit
def leave_out_zeros(features: Bytes | Floats, begin: int, end: int, shift: Floats, scale: Floats, out: Entries) -> None:
    """Write the rows from `begin` to `end` of a matrix, scaled, without what is 0 then.

    Parameters
    ----------
    features : (n, d) uint8 or float
    begin, end : int
    shift, scale : (d,) float32
    out : Entries
        With room for the rows, all their numbers, and 16 more.
    """
    width, place, flat = features.shape[1], 0, features.reshape(-1)
    values, columns = out.values, out.columns
    whole, real = width // LANES * LANES, values.dtype.type
    for i in range(begin, end):
        row = i * width
        for j in range(0, whole, LANES):
            numbers = subtract(convert(load(flat, row + j, 1), values), convert(load(shift, j, 1), values))
            numbers = multiply(numbers, convert(load(scale, j, 1), values))
            found = count_nonzero(numbers)
            # Black pixels come in runs: most groups of 16 are passed over.
            if found:
                store(values, place, gather_nonzero(numbers, numbers))
                store(columns, place, gather_nonzero(count_up(columns, j), numbers))
                place += found
        for j in range(whole, width):
            number = (real(flat[row + j]) - shift[j]) * scale[j]
            columns[place], values[place] = j, number
            place += number != 0
        out.starts[i - begin + 1] = place


@jit
def announce(compressed: Compressed, rows: Integers) -> None:
    """Have rows fetched that will soon be unfolded: in a shuffled order, nothing else could know which they are.

    Parameters
    ----------
    compressed : Compressed
    rows : (k,) int64
        Below 0, the number of no row.
    """
    starts, columns, values = compressed.starts, compressed.columns, compressed.values
    for row in rows:
        for k in range(starts[row], starts[row + 1] if row >= 0 else 0, LINE):
            prefetch(values, k)
            prefetch(columns, k)
            prefetch(columns, k + LINE // 2)


@jit
def turn(matrix: Entries, rows: int, columns: int, out: Entries) -> None:
    """Write the transpose of a matrix of so many rows and columns, by counting the entries of each column.

    Within a column, the rows come in ascending order: sums along it do not depend on anything else.
    """
    # One place further on than it ends up: there, each column's start counts up to where it ends, the next one's start.
    starts, one = out.starts, np.uint64(1)
    for j in range(columns + 2):
        starts[j] = 0
    for k in range(np.uint64(0), matrix.starts[rows]):
        starts[matrix.columns[k] + 2] += one
    for j in range(columns):
        starts[j + 2] += starts[j + 1]
    for i in range(rows):
        for k in range(matrix.starts[i], matrix.starts[i + 1]):
            j = matrix.columns[k] + 1
            place = starts[j]
            out.columns[place], out.values[place] = i, matrix.values[k]
            starts[j] = place + one
