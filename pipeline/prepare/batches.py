"""Batches of rows cut anew: what is written must not depend on how the input happened to arrive."""

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.prepare.table import Batch

GROUP_ROWS = 8192
"""Rows handled at a time: 6 MB of 28x28 images, large enough that the work per batch does not count."""

GROUP_BYTES = 1 << 25
"""Upper bound of a batch with very wide rows, so that memory stays bounded for them too."""


def group_rows(features: int, itemsize: int) -> int:
    """Return how many rows of `features` values of `itemsize` bytes are handled at a time."""
    return max(1, min(GROUP_ROWS, GROUP_BYTES // (features * itemsize)))


def recut(batches: Iterable[Batch], rows: int) -> Iterator[Batch]:
    """Yield the same rows in the same order, `rows` at a time; the last batch may be shorter."""
    waiting: list[Batch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.labels.size
        while count >= rows:
            joined = _joined(waiting)
            yield Batch(joined.features[:rows], joined.labels[:rows])
            waiting = [Batch(joined.features[rows:], joined.labels[rows:])]
            count -= rows
    if count:
        yield _joined(waiting)


def _joined(batches: list[Batch]) -> Batch:
    """Return the batches as one; a single one is not copied."""
    if len(batches) == 1:
        return batches[0]
    return Batch(np.concatenate([b.features for b in batches]), np.concatenate([b.labels for b in batches]))
