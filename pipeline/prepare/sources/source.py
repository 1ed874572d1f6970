"""What the places that rows may come from have in common, and how the rows of one file are held out for the test."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import DataError
from pipeline.prepare.table import Table
from pipeline.rows import Features
from pipeline.stratify import stratified_mask


class Split(NamedTuple):
    """The training or the test rows, and the files that they come from, the one with the features first."""

    table: Table
    files: tuple[Path, ...]
    sums: Mapping[str, str] | None = None  # the SHA-256 of each file by its name, where reading has found them


class Source(NamedTuple):
    """Training and test rows, with what a person should know about where they come from."""

    name: str  # as it is told and kept in the manifest
    notes: tuple[str, ...]  # what is unusual, or was tried in vain
    train: Split
    test: Split  # alike in features, classes and dtype
    transposed: bool = False  # whether the files hold images column by column, which were turned over on the way in


def split_table(table: Table, fraction: float, seed: int) -> tuple[Table, Table]:
    """Return training and test rows of one table, stratified by class; the rows pass batch by batch.

    The share `fraction` of each class, between 0 and 1, is for the test, but at least one row stays in training.
    Raises DataError if no class has a row to spare for the test.
    """
    mask = stratified_mask(table.labels, fraction, np.random.default_rng(seed))
    if not mask.any():
        raise DataError(
            f"{table.source}: expected a class of two rows or more, to hold one out for the test; found single rows "
            "only. Add rows, raise --test-fraction above 0, or name a test file with --test."
        )
    train, test = (
        table._replace(labels=table.labels[chosen], batches=functools.partial(_selected, table, chosen))
        for chosen in (~mask, mask)
    )
    return train, test


def _selected(table: Table, mask: npt.NDArray[np.bool_]) -> Iterator[Features]:
    """Go through the features of the rows where `mask` is true."""
    start = 0
    for features in table.batches():
        yield features[mask[start : start + len(features)]]
        start += len(features)
