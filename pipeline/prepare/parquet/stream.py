"""A Parquet file batch by batch: columns as the types that are asked for, as a CSV file's are."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import DataError
from pipeline.files import open_plain
from pipeline.prepare.batches import group_rows
from pipeline.prepare.csv.layout import Layout, ParquetForm
from pipeline.words import line

MAGIC = b"PAR1"
TEXT_ROWS = 64
"""Rows whose texts are objects of Python's at a time: each takes fifty bytes."""
BUFFER_BYTES = 1 << 16
"""Of each column that is read at a time: a row group need not fit in memory, however long it is."""
MAX_REASON = 200
"""Characters of what Arrow says that a message quotes."""


def is_parquet(path: Path) -> bool:
    """Tell whether a file begins as a Parquet file does; one that can't be read does not."""
    try:
        with open_plain(path) as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def batch_rows(columns: int) -> int:
    """Return how many rows of a file of so many columns are read at a time: few enough as float64, too."""
    return group_rows(columns, np.dtype(np.float64).itemsize)


def stored_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Go through columns of a file as they are stored; raise DataError if it is damaged or can't be read."""
    try:
        with (
            open_plain(path) as raw,
            pq.ParquetFile(raw, pre_buffer=False, buffer_size=BUFFER_BYTES, page_checksum_verification=True) as file,
        ):
            rows = batch_rows(len(file.schema_arrow.names))
            yield from file.iter_batches(rows, columns=columns, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> DataError:
    """Return the error for a file that Arrow can't read."""
    reason = line(getattr(error, "strerror", None) or str(error), MAX_REASON).rstrip(".")
    return DataError(f"{path}: the Parquet file is damaged or can't be read ({reason}). Download or write it again.")


def parquet_batches(path: Path, layout: Layout, dtype: pa.DataType, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """Go through the columns named, in that order, of a file's rows, some at a time; see `arrow_batches`.

    Raises pyarrow.ArrowInvalid at the batch with the first value that is missing, or not of the type (where texts are
    asked for, a missing value is an empty one); DataError if an image is missing, and as `stored_batches` does.
    """
    form = layout.parquet or ParquetForm(layout.names)
    names = form.columns if form.pixel else [form.columns[i] for i in columns]
    rows = 0
    for batch in stored_batches(path, names):
        if form.pixel and (missing := np.flatnonzero(batch.column(1).is_null())).size:
            raise DataError(
                f"{path}: expected an image in each row, found none in row {rows + missing[0] + 1}; remove the row."
            )
        rows += batch.num_rows
        found = _pixels(batch, form.pixel) if form.pixel else dict(zip(columns, batch.columns, strict=True))
        arrays = [
            texts(found[i], form.label_names if i == 0 else None)
            if i == layout.label or dtype == pa.string()
            else _numbers(found[i], dtype)
            for i in columns
        ]
        yield pa.RecordBatch.from_arrays(arrays, [str(i) for i in columns])


def text_rows(path: Path, layout: Layout, columns: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Go through the columns named of a file's rows, as texts, row by row."""
    for batch in parquet_batches(path, layout, pa.string(), columns):
        for start in range(0, batch.num_rows, TEXT_ROWS):
            part = batch.slice(start, TEXT_ROWS)
            yield from zip(*(column.to_pylist() for column in part.columns), strict=True)


def texts(array: pa.Array, names: Sequence[str] | None = None) -> pa.Array:
    """Return values as strings, what is missing as an empty one; or the names that they are the numbers of."""
    if names is not None:
        return pa.array(names).take(array)
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    if pa.types.is_boolean(plain.type):
        plain = plain.cast(pa.uint8())  # 1 and 0 are numbers, `true` and `false` are words
    return plain.cast(pa.string()).fill_null("")


def _numbers(array: pa.Array, dtype: pa.DataType) -> pa.Array:
    """Return values as numbers of a type: whole ones only if they are, fractions rounded to float64."""
    if array.null_count:
        raise pa.ArrowInvalid("a value is missing")
    if array.type == dtype:
        return array
    plain = array.cast(pa.uint8()) if pa.types.is_boolean(array.type) else array
    return plain.cast(dtype, safe=dtype == pa.uint8())


def _pixels(batch: pa.RecordBatch, pixel: "np.dtype[np.generic]") -> dict[int, pa.Array]:
    """Return the labels and the pixels of images, each of which is one binary value, a column each."""
    labels, images = batch.columns
    size = images.type.byte_width
    content = np.frombuffer(images.buffers()[1], np.uint8, len(images) * size, images.offset * size)
    columns = np.ascontiguousarray(content.view(pixel).reshape(len(images), -1).T)
    return {0: labels, **{i: pa.array(column) for i, column in enumerate(columns, 1)}}
