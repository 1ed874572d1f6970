"""Reading CSV files of labelled rows: everything is checked before the first row is handed out."""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import DataError
from pipeline.prepare.batches import BYTES, FLOATS, Dtype, Spool, in_type, memory_spool, spooled_rows
from pipeline.prepare.csv.columns import followed, settled, unlabelled
from pipeline.prepare.csv.faults import Rules
from pipeline.prepare.csv.header import KNOWN_LABELS, UNNAMED
from pipeline.prepare.csv.images import declared_shape, inferred_shape
from pipeline.prepare.csv.labels import in_order, reordered
from pipeline.prepare.csv.layout import Layout, sniff
from pipeline.prepare.csv.survey import Survey, check_classes, check_count, survey
from pipeline.prepare.parquet.layout import sniff_parquet
from pipeline.prepare.parquet.stream import is_parquet
from pipeline.prepare.table import Table, identifying_names, misplaced
from pipeline.rows import Features
from pipeline.types import ImageShape, Labels
from pipeline.words import listed


class CsvOptions(NamedTuple):
    """What a user may say of a file, and where its rows are kept."""

    label: str | None = None  # name of the label column; its number from 1 in a file without header
    image_shape: ImageShape | None = None  # (height, width)
    transpose: bool = False  # whether the images are stored column by column, as EMNIST's are
    keep: tuple[str, ...] = ()  # names of columns that are learned though they number the rows
    spool: Callable[[], Spool] = memory_spool  # what the features are kept in while the table is used


class Part(NamedTuple):
    """The rows of a file, once they are read: a table consists of one or more."""

    seen: Survey
    rows: Callable[[], Iterator[Features]]  # starts a new pass over the features as they were spooled


def read_csv(path: Path, options: CsvOptions, train: Table | None = None) -> Table:
    """Read a whole file, and return what is known of it and a way to go through its rows.

    Test rows may have the classes of the training rows, `train`, and must have their columns. Raises DataError at the
    first thing that is wrong; see `open`, `layout`, `columns`, `survey` and `faults` for what can be.
    """
    layout = layout_of(path, options, train)
    rules, spool = rules_for(path, layout, options, train), options.spool()
    seen = survey(path, layout, rules, spool)
    part = Part(seen, functools.partial(spooled_rows, spool, len(layout.features), seen.spooled))
    return table_of(str(path), layout, (part,), options, train)


def rules_for(path: Path, layout: Layout, options: CsvOptions, train: Table | None) -> Rules:
    """Return what is asked of the rows of a file; raise DataError as `declared_shape` does."""
    declared = declared_shape(path, layout, options.image_shape)
    return Rules(declared is not None, None if train is None else train.class_names)


def table_of(
    source: str, layout: Layout, parts: Sequence[Part], options: CsvOptions, train: Table | None = None
) -> Table:
    """Return the table that parts are, one after the other, which messages call `source`.

    It has the classes of all of them, and is of bytes if all are. Raises DataError if there are more than `MAX_CLASSES`
    classes, if they are no classes, or if there are no images to transpose.
    """
    classes = in_order(tuple({name for part in parts for name in part.seen.class_names}))
    classes = train.class_names if train else classes
    check_count(source, layout, classes)
    notes = () if train else check_classes(source, layout, classes, sum(part.seen.rows for part in parts))
    dtype: Dtype = BYTES if all(part.seen.dtype == BYTES for part in parts) else FLOATS
    count, declared = len(layout.features), declared_shape(source, layout, options.image_shape)
    shape = declared or inferred_shape(count, is_bytes=dtype == BYTES)
    if options.transpose and shape is None:
        raise DataError(f"{source}: expected images to transpose, found {count} other features; give the image shape.")
    names = tuple(layout.names[column] for column in layout.features)
    return Table(
        source, _labels(parts, classes), names, classes, dtype, shape,
        batches=functools.partial(_batches, parts, dtype, shape if options.transpose else None),
        label="" if layout.label is None else layout.names[layout.label],
        left=tuple(layout.names[column] for column in layout.left),
        notes=(*layout.notes, *notes),
    )  # fmt: skip


def _labels(parts: Sequence[Part], classes: tuple[str, ...]) -> Labels:
    """Return the labels of all parts as indices into the classes of all: (n,) uint8 or uint16."""
    return np.concatenate(
        [reordered([part.seen.labels.astype(np.uint16)], part.seen.class_names, classes) for part in parts]
    )


def layout_of(path: Path, options: CsvOptions, train: Table | None = None) -> Layout:
    """Return the layout of a file of labelled rows; of test rows, if there are rows to train on.

    Raises DataError if nothing says which column is the label, if there are more or fewer features than the training
    rows have, and as `sniff` and `settled` do.
    """
    layout = _layout(path, options, train)
    count = len(layout.features)
    if train is not None and count != len(train.feature_names):
        raise DataError(f"{path}: expected {len(train.feature_names)} features as in the training file, found {count}.")
    return layout


def look(path: Path, label_name: str | None = None) -> Layout:
    """Look at a file, CSV or Parquet; see `sniff` and `sniff_parquet`."""
    return sniff_parquet(path, label_name) if is_parquet(path) else sniff(path, label_name)


def _layout(path: Path, options: CsvOptions, train: Table | None) -> Layout:
    """Return the layout of a file of labelled rows."""
    layout = look(path, options.label)
    if layout.label is None:
        raise DataError(
            f"{path}: expected a label column named {', '.join(KNOWN_LABELS)} or the only one that holds words, "
            f"found these columns: {listed(layout.names)}. Name it with --label NAME."
        )
    if train is None:
        return settled(path, layout, options.keep)
    return followed(layout, train)


class Expected(NamedTuple):
    """What a network reads of a row."""

    features: int
    is_image: bool = False
    turned: ImageShape | None = None  # height and width of images that are stored column by column
    names: tuple[str, ...] | None = None  # of the features that it was trained on


def read_rows(path: Path, expected: Expected, spool: Spool) -> tuple[int, Iterator[Features]]:
    """Read rows to be classified, a file of features, with or without header: how many, and then batch by batch.

    Before the first is handed out, all are checked and in the spool. Batches are (k, features) uint8 if all values are
    integers in 0..255, else float32. A label column is dropped if the header has one by a known name, or if it is the
    only one that holds words. Images that are stored column by column are turned over.

    Raises DataError as `read_csv`; if the number of features is another than the network takes; if a value of an image
    is outside 0..255; or if a header has other names than those of the features that the network was trained on, or the
    same in another order.
    """
    layout = layout_of_rows(path, expected.features, expected.names)
    seen = survey(path, layout, Rules(expected.is_image, None), spool)
    part = Part(seen, functools.partial(spooled_rows, spool, expected.features, seen.spooled))
    return seen.rows, _batches((part,), seen.dtype, expected.turned)


def layout_of_rows(path: Path, feature_count: int, names: tuple[str, ...] | None = None) -> Layout:
    """Return where the features are in a file of rows to be classified; see `read_rows`.

    Raises DataError if the file can't be read, or its columns are others than a network takes.
    """
    layout = unlabelled(path, look(path), feature_count, names)
    if len(layout.features) != feature_count:
        raise DataError(
            f"{path}: expected {feature_count} features as the network was trained on, found {len(layout.features)}; "
            "rows to predict have no label (or a column that the header names 'label') and no numbers of the rows."
        )
    found = tuple(layout.names[column] for column in layout.features)
    if names and identifying_names(found, None) and (fault := misplaced(names, found)):
        raise DataError(
            f"{path}, line 1: expected the columns that the network was trained on, with {fault}; reorder or rename "
            "them, or remove the header if they are the same."
        )
    return layout


def is_unlabelled(path: Path, train: Table, label: str | None = None) -> bool:
    """Tell whether a file holds features only, like Kaggle's `test.csv`: as many columns as training has features.

    Columns that are left aside in training do not count; `label` is the name that the user gave. Raises DataError if
    the file can't be read or is no table.
    """
    layout = look(path)
    own = [name for name in layout.names if name not in {*train.left, UNNAMED}]
    is_bare = layout.label is None or layout.is_guess
    return len(own) == len(train.feature_names) and is_bare and label not in layout.names


def _batches(parts: Sequence[Part], dtype: Dtype, turned: ImageShape | None) -> Iterator[Features]:
    """Go through the features of all parts; `turned` is the shape of images that are stored column by column."""
    for features in itertools.chain.from_iterable(part.rows() for part in parts):
        stored = in_type(features, dtype)
        if turned is not None:  # from (k, width, height) to (k, height, width)
            stored = stored.reshape(-1, *reversed(turned)).transpose(0, 2, 1).reshape(stored.shape)
        yield stored
