"""A CSV file through Arrow's parser, block by block, so that memory does not grow with the number of rows."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pc

from pipeline.prepare.csv.layout import Layout
from pipeline.prepare.csv.numbers import decimals_only
from pipeline.prepare.csv.open import chunks_of, open_csv, stream_of
from pipeline.prepare.parquet.stream import batch_rows, parquet_batches
from pipeline.types import Bytes

Numbers: TypeAlias = Bytes | npt.NDArray[np.float64]

BLOCK_BYTES = 1 << 20
"""What is parsed at once: 570 images; 1 MiB was faster than 2, 4 and 8, and takes the least memory."""
ROWS_A_BLOCK = 16
"""A block holds at least about so many rows, however long they are: a row must not straddle three blocks."""


def arrow_batches(path: Path, layout: Layout, dtype: pa.DataType, columns: tuple[int, ...]) -> Iterator[pa.RecordBatch]:
    """Go through the columns named, in that order, of a file's rows, some at a time.

    Features are of type `dtype`: uint8, float64 or string; labels are strings. Raises pyarrow.ArrowInvalid at the block
    with the first ragged line or the first value that is not of that type, or may be hexadecimal, when all rows before
    that block have been yielded; DataError as `open_csv` does.
    """
    if layout.parquet:
        yield from parquet_batches(path, layout, dtype, columns)
        return
    # Names in a file may be anything; these are ours, so that no option of Arrow's can mistake them.
    names = [str(column) for column in range(len(layout.names))]
    types = dict.fromkeys(names, dtype)
    if layout.label is not None:
        types[names[layout.label]] = pa.string()
    with open_csv(path) as stream:
        stream.read(layout.start)
        # One thread: with two it was no faster, and this keeps the batches' order and memory plain.
        with contextlib.closing(
            pc.open_csv(
                stream_of(decimals_only(chunks_of(stream))) if dtype == pa.uint8() else stream,
                pc.ReadOptions(column_names=names, block_size=block_bytes(layout), use_threads=False),
                # A quoted value may hold a line end; to allow for it cost nothing measurable.
                pc.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
                # Without an empty list of null values an empty pixel would silently become one.
                pc.ConvertOptions(
                    column_types=types,
                    include_columns=[names[i] for i in columns],
                    decimal_point=layout.decimal,
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
        ) as reader:
            yield from reader


def block_bytes(layout: Layout) -> int:
    """Return how much of a file is parsed at once."""
    return max(BLOCK_BYTES, ROWS_A_BLOCK * layout.row_bytes)


def max_rows(layout: Layout) -> int:
    """Return an upper bound of the rows in a block: a value and its delimiter take two bytes at least."""
    if layout.parquet:
        return batch_rows(len(layout.parquet.columns))
    return block_bytes(layout) // (2 * len(layout.names)) + 1


def to_array(batch: pa.RecordBatch) -> Numbers:
    """Return a batch of numeric columns as a C-contiguous (k, d) array of their dtype."""
    array: Numbers = batch.to_tensor(row_major=True).to_numpy()
    return array
