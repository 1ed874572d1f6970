"""CSV files as a source: training and test rows of a pair of files, or of a single one."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import DataError
from pipeline.prepare.batches import Dtype, in_type
from pipeline.prepare.csv.table import CsvOptions, is_unlabelled, read_csv
from pipeline.prepare.sources.source import Source, Split, split_table
from pipeline.prepare.table import Table, misplaced


class Division(NamedTuple):
    """How a single file is divided in training and test rows."""

    test_fraction: float
    seed: int


STEMS = (("mnist_train", "mnist_test"), ("train", "test"))
ENDS = (".csv", ".csv.gz", ".csv.zip", ".zip")


def find_csv(folder: Path) -> tuple[Path, Path | None] | None:
    """Return the training file of a folder and the test file that belongs to it, if there are such."""
    pairs = ((_find(folder, train), _find(folder, test)) for train, test in STEMS)
    return next(((train, test) for train, test in pairs if train is not None), None)


def find_test_csv(folder: Path) -> Path | None:
    """Return the first test file of a folder, whether or not there is a training file."""
    return next((path for _, test in STEMS if (path := _find(folder, test)) is not None), None)


def _find(folder: Path, stem: str) -> Path | None:
    """Return the file of a folder that has the given name, compressed or not."""
    return next((path for end in ENDS if (path := folder / f"{stem}{end}").is_file()), None)


def csv_folder(folder: Path, options: CsvOptions, division: Division) -> Source | None:
    """Return the source that the CSV files of a folder are, or None if there are none; see `csv_source`.

    A test file without labels, such as Kaggle's, is left aside with a note.
    """
    found = find_csv(folder)
    return csv_source(*found, options, division, is_named=False) if found else None


def csv_source(
    train: Path, test: Path | None, options: CsvOptions, division: Division, *, is_named: bool = True
) -> Source:
    """Return the source that a training file and a test file are, or a training file that is divided.

    Raises DataError if a file is not as it should be, if they do not belong together, if the only one is too small to
    be divided, or if a test file that somebody named has no labels.
    """
    table = read_csv(train, options)
    if test is None:
        return _divided(train, table, options, division)
    if not is_unlabelled(test, table, options.label):
        return _paired(train, table, test, options)
    if is_named:
        raise DataError(
            f"{test}: expected the features of {train.name} and a label, found no label: there is nothing to test "
            "against; name a labelled file, or leave --test out so that rows of the training file are held out."
        )
    return _divided(train, table, options, division, f"{test} has no labels and is left aside")


def _divided(path: Path, table: Table, options: CsvOptions, division: Division, *notes: str) -> Source:
    """Return the source that one file is: its rows, divided by class and seed."""
    train, test = split_table(table, division.test_fraction, division.seed)
    note = (
        f"{path} is the only labelled file: {train.labels.size:,} of its rows are for training and "
        f"{test.labels.size:,} are held out for the test, drawn by class with seed {division.seed}"
    )
    notes = (*notes, *table.notes, note)
    return Source(f"CSV file {path}", notes, Split(train, (path,)), Split(test, (path,)), options.transpose)


def _paired(path: Path, table: Table, test_path: Path, options: CsvOptions) -> Source:
    """Return the source that two files are."""
    test_table = read_csv(test_path, options, table)
    train, test = _alike(table, test_table)
    name = f"CSV files {path} and {test_path}"
    notes = tuple(dict.fromkeys((*table.notes, *test_table.notes)))
    return Source(name, notes, Split(train, (path,)), Split(test, (test_path,)), options.transpose)


def _alike(train: Table, test: Table) -> tuple[Table, Table]:
    """Return both tables with one dtype, and the test rows described as the training rows are."""
    if train.feature_names != test.feature_names and set(train.feature_names) == set(test.feature_names):
        raise DataError(
            f"{test.source}, line 1: expected the columns in the order of the training file, with "
            f"{misplaced(train.feature_names, test.feature_names)}; reorder them."
        )
    dtype: Dtype = np.result_type(train.dtype, test.dtype)
    described = test._replace(feature_names=train.feature_names, image_shape=train.image_shape)
    return _cast(train, dtype), _cast(described, dtype)


def _cast(table: Table, dtype: Dtype) -> Table:
    """Return the table with another dtype."""
    if table.dtype == dtype:
        return table
    return table._replace(dtype=dtype, batches=lambda: (in_type(features, dtype) for features in table.batches()))
