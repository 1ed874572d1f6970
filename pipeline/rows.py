"""Rows that stay in their file and are read when they are asked for: an array that need not fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.types import Bytes
from pipeline.errors import ArtifactError
from pipeline.files import open_plain

Features: TypeAlias = Bytes | npt.NDArray[np.float32]
"""Rows in memory, (n, d)."""
Indices: TypeAlias = npt.NDArray[np.int64]

PIECE = 4096
"""Rows that are looked at together where they are gone through in order: 3 MB of 28x28 images."""
GAP = 1 << 14
"""Bytes between two rows up to which reading what lies between costs less than a second call."""
SPAN = 1 << 22
"""Bytes that are read at once, at most, unless a row alone has more."""

State: TypeAlias = tuple[int, int, int, int]
"""By which a file is known to be the one that it was: device, number, size and time of the last change."""


@dataclass(frozen=True)
class StoredRows:
    """Rows, (n, d) uint8 or float32, one after the other in a file, perhaps with others after them that are in memory.

    They are indexed as an array is, by a slice, whole numbers or a mask, and come as one. Whatever is read raises
    ArtifactError if the file has been replaced, cut short or become unreadable.
    """

    path: Path
    offset: int  # bytes before the first row
    count: int  # rows in the file
    width: int
    dtype: np.dtype[Any]
    state: State
    more: Features | None = None  # rows that come after those of the file
    chosen: Indices | None = None  # which of all these rows there are, in which order; None for all

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and features, as of an array."""
        rows = self.count + (0 if self.more is None else len(self.more))
        return rows if self.chosen is None else self.chosen.size, self.width

    @property
    def nbytes(self) -> int:
        """What they would take in memory, in bytes."""
        return self.shape[0] * self.width * self.dtype.itemsize

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 -- whatever indexes an array's rows; mypy would want overloads
        """Read rows."""
        if isinstance(key, int | np.integer):
            return self[np.array([key])][0]
        return _read(self, self._numbers(key))

    def select(self, key: Any) -> "StoredRows":  # noqa: ANN401 -- as above
        """Return some of the rows, not read yet."""
        return replace(self, chosen=self._numbers(key))

    def _numbers(self, key: Any) -> Indices:  # noqa: ANN401 -- as above
        """Return the numbers of rows, counted from the first of the file."""
        if self.chosen is not None:
            chosen: Indices = self.chosen[key]
            return chosen
        if isinstance(key, slice):
            return np.arange(*key.indices(len(self)))
        key = np.asarray(key)
        return np.flatnonzero(key) if key.dtype == np.bool_ else np.arange(len(self))[key] if (key < 0).any() else key


Rows: TypeAlias = Features | StoredRows
"""Rows wherever they are."""


def state_of(path: Path) -> State:
    """Return the state of a file; raise OSError if there is none."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def pieces(rows: Rows) -> Iterator[slice]:
    """Go through rows: all at once where they are in memory, else so many at a time that they fit there."""
    step = PIECE if isinstance(rows, StoredRows) else max(len(rows), 1)
    yield from (slice(start, start + step) for start in range(0, max(len(rows), 1), step))


def in_memory(rows: Rows) -> Features:
    """Return rows as an array, read if they are in a file."""
    features: Features = rows[:] if isinstance(rows, StoredRows) else rows
    return features


def some(rows: Rows, key: Any) -> Rows:  # noqa: ANN401 -- as above
    """Return some of the rows, where they are: of a file, not read yet."""
    return rows.select(key) if isinstance(rows, StoredRows) else rows[key]


def followed_by(rows: Rows, more: Features) -> Rows:
    """Return rows with others after them."""
    if isinstance(rows, StoredRows):
        return replace(rows, more=more if rows.more is None else np.concatenate([rows.more, more]))
    joined: Features = np.concatenate([rows, more])
    return joined


def _read(rows: StoredRows, numbers: Indices) -> Features:
    """Return rows by their numbers, (k, d), in the order of those."""
    out = np.empty((numbers.size, rows.width), rows.dtype)
    if rows.more is not None and (after := numbers >= rows.count).any():
        out[after] = rows.more[numbers[after] - rows.count]
        out[~after] = _read_from_file(rows, numbers[~after])
        return out
    return _read_from_file(rows, numbers)


def _read_from_file(rows: StoredRows, numbers: Indices) -> Features:
    """Return rows of the file; those that lie close together are read together."""
    out = np.empty((numbers.size, rows.width), rows.dtype)
    order = np.argsort(numbers, kind="stable")
    ordered, size = numbers[order], max(rows.width * rows.dtype.itemsize, 1)
    try:
        with open_plain(rows.path) as file:
            if state_of(rows.path) != rows.state:
                raise ArtifactError(f"{rows.path}: was replaced while it was in use. Start the command again.")
            for begin, end in _spans(ordered, size):
                first = int(ordered[begin])
                block = np.empty((int(ordered[end - 1]) + 1 - first, rows.width), rows.dtype)
                file.seek(rows.offset + first * size)
                if file.readinto(block.view(np.uint8).data) < block.nbytes:
                    raise ArtifactError(f"{rows.path}: was cut short while it was in use. Start the command again.")
                out[order[begin:end]] = block[ordered[begin:end] - first]
    except OSError as error:
        raise ArtifactError(f"{rows.path}: can't be read: {error.strerror}. Mend that, and start again.") from error
    return out


def _spans(ordered: Indices, size: int) -> Iterator[tuple[int, int]]:
    """Go through ascending numbers of rows of `size` bytes: those from `begin` to before `end` are read together."""
    most, breaks = max(SPAN // size, 1), np.flatnonzero(np.diff(ordered) > GAP // size + 1) + 1
    for start, stop in zip((0, *breaks.tolist()), (*breaks.tolist(), ordered.size), strict=True):
        begin = start
        while begin < stop:
            end = int(np.searchsorted(ordered[begin:stop], ordered[begin] + most)) + begin
            yield begin, end
            begin = end
