"""Files that hold tables as a source: training and test rows, each in one file or in several."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import DataError
from pipeline.prepare.batches import Dtype, in_type
from pipeline.prepare.csv.table import CsvOptions, is_unlabelled, layout_of, read_csv, rules_for, table_of
from pipeline.prepare.sources.inputs import Input, inputs_by_name, kind_of, told
from pipeline.prepare.sources.parts import Job, Local, localised, naming, part_of, read_part
from pipeline.prepare.sources.source import Source, Split, split_table
from pipeline.prepare.sources.workers import cores, worked
from pipeline.prepare.table import Table, misplaced

SMALL = 1 << 26
"""Bytes that are read in about as long as it takes to start a worker."""


class Division(NamedTuple):
    """How the only labelled rows are divided in training and test rows."""

    test_fraction: float
    seed: int


class Reading(NamedTuple):
    """How files are read."""

    options: CsvOptions
    scratch: Callable[[], Path]  # makes a folder for what comes of one of several files, or of a copy
    workers: int | None = None  # processes that read; by default as many as cores, where there is enough to read


class _Files(NamedTuple):
    """The files of one table, of which the first is on this machine."""

    inputs: Sequence[Input]
    first: Local
    folder: Path | None  # for what comes of reading; a single file of this machine needs none


def files_source(
    train: Sequence[Input], test: Sequence[Input], reading: Reading, division: Division, *, is_named: bool = True
) -> Source:
    """Return the source that training and test files are, or training files alone, whose rows are divided.

    Raises DataError if a file is not as it should be, if they do not belong together, if the only rows are too few to
    be divided, or if a test file that somebody named has no labels; ScrawlError if a worker is killed.
    """
    split = _read(_opened(train, reading), reading, None)
    if not test:
        return _divided(train, split, reading.options, division)
    files = _opened(test, reading)
    with naming(files.first):
        is_bare = is_unlabelled(files.first.path, split.table, reading.options.label)
    if not is_bare:
        return _paired(train, split, test, _read(files, reading, split.table), reading.options)
    if is_named:
        raise DataError(
            f"{test[0].name}: expected the features of {_short(train)} and a label, found no label: there is nothing "
            "to test against; name a labelled file, or leave --test out so that rows of the training file are held out."
        )
    return _divided(train, split, reading.options, division, f"{test[0].name} has no labels and is left aside")


def _opened(inputs: Sequence[Input], reading: Reading) -> _Files:
    """Return the files of a table, after fetching the first, if it is not here: it says what the columns are."""
    is_alone = len(inputs) == 1 and inputs[0].path is not None
    folder = None if is_alone else reading.scratch()
    return _Files(inputs, localised(inputs[0], folder or Path(), 0), folder)


def _read(files: _Files, reading: Reading, train: Table | None) -> Split:
    """Read all files of a table; of test rows, if there are rows to train on."""
    inputs, first, options = files.inputs, files.first, reading.options
    if files.folder is None:
        return Split(read_csv(first.path, options, train), (first.path,))
    with naming(first):
        layout = layout_of(first.path, options, train)
        rules = rules_for(first.path, layout, options, train)
    rest = [Job(file, number, files.folder, layout, first.name, rules) for number, file in enumerate(inputs[1:], 1)]
    jobs = [Job(first, 0, files.folder, layout, first.name, rules), *rest]
    reads = worked(read_part, jobs, _workers(inputs, reading.workers))
    parts = [part_of(job, read) for job, read in zip(jobs, reads, strict=True)]
    table = table_of(told(inputs), layout._replace(notes=()), parts, options, train)
    notes = dict.fromkeys([*(note for read in reads for note in read.notes), *table.notes])
    sums = inputs_by_name(inputs, [read.sha256 for read in reads])
    return Split(table._replace(notes=tuple(notes)), tuple(Path(each.name) for each in inputs), sums)


def _workers(inputs: Sequence[Input], asked: int | None) -> int:
    """Return how many processes are to read files."""
    if asked is None and all(each.path for each in inputs):
        is_small = sum(each.path.stat().st_size for each in inputs if each.path and each.path.is_file()) < SMALL
        asked = 1 if is_small else None
    return min(len(inputs), cores() if asked is None else asked)


def _divided(inputs: Sequence[Input], split: Split, options: CsvOptions, division: Division, *notes: str) -> Source:
    """Return the source that training files alone are: their rows, divided by class and seed."""
    table = split.table
    train, test = split_table(table, division.test_fraction, division.seed)
    what, whose = ("is the only labelled file", "its") if len(inputs) == 1 else ("are the only labelled files", "their")
    note = (
        f"{told(inputs)} {what}: {train.labels.size:,} of {whose} rows are for training and "
        f"{test.labels.size:,} are held out for the test, drawn by class with seed {division.seed}"
    )
    notes = (*notes, *table.notes, note)
    name = f"{kind_of(inputs)}{'file' if len(inputs) == 1 else 'files'} {told(inputs)}"
    return Source(name, notes, split._replace(table=train), split._replace(table=test), options.transpose)


def _paired(
    inputs: Sequence[Input], split: Split, test_inputs: Sequence[Input], test_split: Split, options: CsvOptions
) -> Source:
    """Return the source that training and test files are."""
    train, test = _alike(split.table, test_split.table)
    name = f"{kind_of([*inputs, *test_inputs])}files {told(inputs)} and {told(test_inputs)}"
    notes = tuple(dict.fromkeys((*train.notes, *test.notes)))
    return Source(name, notes, split._replace(table=train), test_split._replace(table=test), options.transpose)


def _short(inputs: Sequence[Input]) -> str:
    """Return, for a message, the name of the first file without its folder."""
    return inputs[0].name if inputs[0].path is None else inputs[0].path.name


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
