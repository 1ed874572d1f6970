"""Batches of rows cut anew: what is written must not depend on how the input happened to arrive."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.prepare.table import Batch

AnyArray: TypeAlias = npt.NDArray[Any]

GROUP_ROWS = 8192
"""Rows handled at a time: 6 MB of 28x28 images, large enough that the work per batch does not count."""

GROUP_BYTES = 1 << 25
"""Upper bound of a batch with very wide rows, so that memory stays bounded for them too."""


def group_rows(features: int, itemsize: int) -> int:
    """Return how many rows of `features` values of `itemsize` bytes are handled at a time."""
    return max(1, min(GROUP_ROWS, GROUP_BYTES // (features * itemsize)))


def recut(batches: Iterable[Batch], rows: int) -> Iterator[Batch]:
    """Yield the same rows in the same order, `rows` at a time; the last batch may be shorter."""
    return (Batch(*arrays) for arrays in recut_arrays(batches, rows))


def recut_arrays(parts: Iterable[tuple[AnyArray, ...]], rows: int) -> Iterator[tuple[AnyArray, ...]]:
    """Cut arrays that run side by side, all as long as the first, anew into arrays of `rows` rows; the last has fewer.

    Parameters
    ----------
    parts : iterable of tuples of (k, ...) arrays
        What follows one another; `k` is the same within a tuple.
    rows : int
    """
    held: list[tuple[AnyArray, ...]] = []
    count = 0
    for part in parts:
        held, count = [*held, part], count + len(part[0])
        if count >= rows:
            joined = _joined(held)
            for start in range(0, count - rows + 1, rows):
                yield tuple(array[start : start + rows] for array in joined)
            # A copy, so that the rest does not keep the whole alive.
            held, count = [tuple(array[count - count % rows :].copy() for array in joined)], count % rows
    if count:
        yield _joined(held)


def _joined(parts: list[tuple[AnyArray, ...]]) -> tuple[AnyArray, ...]:
    """Return the parts as one; a single one is not copied."""
    return parts[0] if len(parts) == 1 else tuple(map(np.concatenate, zip(*parts, strict=True)))
