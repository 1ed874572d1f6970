"""Rows that pass in batches, however many there are: kept on the disk while more come, and cut anew.

What is written must not depend on how the input happened to arrive.
"""

import contextlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.files import folder_for, output_errors
from pipeline.rows import Features

AnyArray: TypeAlias = npt.NDArray[Any]
Dtype: TypeAlias = np.dtype[np.uint8] | np.dtype[np.float32]

BYTES, FLOATS = np.dtype(np.uint8), np.dtype(np.float32)
"""What features are kept as."""

GROUP_ROWS = 8192
"""Rows handled at a time: 6 MB of 28x28 images, large enough that the work per batch does not count."""

GROUP_BYTES = 1 << 25
"""Upper bound of a batch with very wide rows, so that memory stays bounded for them too."""


class Spool(NamedTuple):
    """Where the features of a table lie, row after row, once they are parsed."""

    file: IO[bytes]
    place: Path  # what messages say can't be written, if it is full


@contextlib.contextmanager
def spool_in(folder: Path) -> Iterator[Spool]:
    """Lend a file in a folder, made if need be; nobody sees it, and nothing is left of it, whatever is killed.

    Rows that stay as they are may lie where nothing can be written: then it is in the system's folder for such files.
    Raises OutputError if there can't be one.
    """
    with folder_for(folder), contextlib.ExitStack() as stack:
        with output_errors(folder):
            place = folder if os.access(folder, os.W_OK) else None
            file = stack.enter_context(tempfile.TemporaryFile(buffering=0, dir=place))
        yield Spool(file, folder)


def memory_spool() -> Spool:
    """Return a spool of rows that fit in memory."""
    return Spool(io.BytesIO(), Path())


def clear(spool: Spool) -> None:
    """Forget what is in a spool."""
    spool.file.seek(0)
    spool.file.truncate()


def spool_rows(spool: Spool, features: Features) -> None:
    """Append rows to a spool; raise OutputError if there is no space."""
    left = np.ascontiguousarray(features).reshape(-1).view(np.uint8)
    with output_errors(spool.place):
        while left.size:
            left = left[spool.file.write(left.data) :]


def spooled_rows(spool: Spool, width: int, dtype: Dtype) -> Iterator[Features]:
    """Go through a spool of rows of `width` values of a type."""
    size = group_rows(width, dtype.itemsize) * width * dtype.itemsize
    start = 0
    while True:
        spool.file.seek(start)  # others may go through it at the same time
        if not (content := spool.file.read(size)):
            return
        features: AnyArray = np.frombuffer(content, dtype)
        yield features.reshape(-1, width)
        start += size


def in_type(features: AnyArray, dtype: Dtype) -> Features:
    """Return features in a type that holds them."""
    converted: AnyArray = features.astype(dtype, copy=False)
    return converted


def group_rows(features: int, itemsize: int) -> int:
    """Return how many rows of `features` values of `itemsize` bytes are handled at a time."""
    return max(1, min(GROUP_ROWS, GROUP_BYTES // (features * itemsize)))


def recut(batches: Iterable[AnyArray], rows: int) -> Iterator[AnyArray]:
    """Yield the same rows, (k, ...), in the same order, `rows` at a time; the last batch may be shorter."""
    held: list[AnyArray] = []
    count = 0
    for batch in batches:
        held, count = [*held, batch], count + len(batch)
        if count >= rows:
            joined = np.concatenate(held)
            yield from (joined[start : start + rows] for start in range(0, count - rows + 1, rows))
            # A copy, so that the rest does not keep the whole alive.
            held, count = [joined[count - count % rows :].copy()], count % rows
    if count:
        yield np.concatenate(held)
