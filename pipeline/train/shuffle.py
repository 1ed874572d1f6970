"""The order in which an epoch goes through its rows: all of them shuffled, or, where they do not fit, some at a time.

Rows in a file are read quickly only where they lie side by side. So blocks of neighbours are put in a random order, as
many of them as fit are read, and those rows are shuffled: what TensorFlow's `Dataset.shuffle` and WebDataset call a
shuffle buffer, with blocks in the place of shards. Rows that lie far apart in the file meet in a mini-batch as soon as
the buffer holds many blocks; `docs/results.md` has what a small one costs.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.types import DIRECTIONS, SIDE
from pipeline.config import Asked
from pipeline.train.streams import Stream, generator
from pipeline.types import AnyDataset, TrainConfig

BLOCK = 256
"""Rows that stay together: 200 kB of 28x28 images, which a disk reads in about the time that it takes to get there."""


TIMES = 3
"""How often rows are in memory while they are learned, at least: those of less than a third of it are read at once."""


class Window(NamedTuple):
    """Mini-batches whose rows are in memory at the same time, counted within the epoch."""

    number: int
    first: int  # batch
    last: int  # the batch after the window's


def windows(rows: int, config: TrainConfig, done: int) -> Iterator[Window]:
    """Go through an epoch of so many rows, `done` mini-batches of which are over; the first window may be cut."""
    batches = -(-rows // config.batch_size)
    if done >= batches > 0:
        return
    size = max(config.shuffle_buffer // config.batch_size if config.shuffle_buffer else batches, 1)
    for number in range(done // size, max(-(-batches // size), 1)):
        yield Window(number, max(number * size, done), min((number + 1) * size, batches))


def window_rows(
    rows: npt.NDArray[np.int64], config: TrainConfig, epoch: int, window: Window, shard: int = 0
) -> npt.NDArray[np.int64]:
    """Return what is left to see of a window's rows, in order: some of `rows`, which are the numbers of all."""
    per_window = max(config.shuffle_buffer // config.batch_size, 1) * config.batch_size
    start = window.number * per_window
    blocks = generator(config.seed, Stream.SHUFFLE, epoch, shard).permutation(-(-rows.size // BLOCK))
    chosen = rows[_positions(blocks, rows.size, start, min(start + per_window, rows.size))]
    generator(config.seed, Stream.SHUFFLE, epoch, shard, window.number + 1).shuffle(chosen)
    return chosen[window.first * config.batch_size - start :]


def _positions(blocks: npt.NDArray[np.int64], rows: int, start: int, stop: int) -> npt.NDArray[np.int64]:
    """Return which rows stand from `start` to before `stop` when the blocks lie in this order."""
    lengths = np.minimum(rows - blocks * BLOCK, BLOCK)
    ends = np.cumsum(lengths)
    first, last = np.searchsorted(ends, [start, stop - 1], side="right")
    met = [np.arange(BLOCK)[: lengths[i]] + blocks[i] * BLOCK for i in range(first, last + 1)]
    begin = ends[first] - lengths[first]
    return np.concatenate(met)[start - begin : stop - begin]


def bytes_per_row(config: TrainConfig, dataset: AnyDataset) -> int:
    """Return how many bytes a row takes in memory while it is learned, at most.

    It is read, perhaps distorted, and kept as the kernels like it: without its zeros, or as its edges.
    """
    row = int(dataset.features.shape[1]) * dataset.features.dtype.itemsize
    return row + (row if config.distortion else 0) + (SIDE * SIDE * DIRECTIONS if config.filters else 2 * row)


def buffered(config: TrainConfig, asked: Asked, dataset: AnyDataset, memory: int) -> TrainConfig:
    """Return a configuration whose rows, and what is made of them, fit in so many bytes; a chosen buffer stays."""
    size = bytes_per_row(config, dataset)
    if "shuffle_buffer" in asked.chosen or len(dataset.features) * size <= memory:
        return config
    return config._replace(shuffle_buffer=max(memory // size, config.batch_size))


def note_on(config: TrainConfig, rows: int) -> str:
    """Return what a person should know of a run whose rows are shuffled some at a time; nothing of others."""
    if not config.shuffle_buffer or config.shuffle_buffer >= rows:
        return ""
    return (
        f"note: the {rows:,} rows are read from their file, {config.shuffle_buffer:,} at a time, and shuffled in "
        f"blocks of {BLOCK}; --memory says how much of them may be in memory"
    )
