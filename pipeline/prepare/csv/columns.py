"""Which columns are learned, once the whole file is looked at: not those that number the rows, nor the label."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.errors import DataError
from pipeline.prepare.csv.header import UNNAMED, promises_numbers
from pipeline.prepare.csv.images import MNIST_PIXELS, names_pixel
from pipeline.prepare.csv.labels import canonical, lacks_label
from pipeline.prepare.csv.layout import Layout, column_text
from pipeline.prepare.csv.numbers import is_fraction
from pipeline.prepare.csv.stream import Numbers, arrow_batches, to_array
from pipeline.prepare.table import Table
from pipeline.words import MAX_NAME, line, listed

MIN_NUMBERED = 10
"""Rows that a column must number to be left aside: fewer may be in order by chance."""
MOST_GUESSED = 256
"""Different values of a column that may be taken for a label which nobody has named."""
FEW_ROWS = 16
"""Below so many rows, the number of different values says nothing about a column."""


def settled(path: Path, layout: Layout, keep: Sequence[str]) -> Layout:
    """Return the layout without the columns that number the rows, but for those to `keep`, and with a label.

    Raises DataError if one of `keep` names no column; if nothing else is left to learn from; if the first column has no
    name and does not number the rows; or if nothing says which column is the label, and first and last do not tell.
    """
    folded = [name.casefold() for name in layout.names]
    for name in keep:
        if name.casefold() not in folded:
            raise DataError(
                f"{path}: --keep {line(name, MAX_NAME)} names no column; expected one of these: {listed(layout.names)}."
            )
    kept = {folded.index(name.casefold()) for name in keep}
    layout = _without_numbers(path, layout, kept)
    return _with_label(path, layout) if layout.is_guess else layout


def followed(layout: Layout, train: Table) -> Layout:
    """Return the layout of test rows: without the columns that the training rows lack, and with their label."""
    aside = {*train.left, UNNAMED} - {*train.feature_names, train.label}
    layout = without(layout, [i for i, name in enumerate(layout.names) if name in aside])
    if not layout.is_guess:
        return layout
    if train.label in layout.names:
        return without(layout._replace(label=layout.names.index(train.label), is_guess=False), ())
    return layout


def without(layout: Layout, columns: Sequence[int]) -> Layout:
    """Return the layout with columns left aside; a label that was only guessed is the first one that remains."""
    left = tuple(sorted({*layout.left, *columns}))
    rest = [i for i in range(len(layout.names)) if i not in left]
    label = rest[0] if layout.is_guess and rest else layout.label
    return layout._replace(label=label, left=left, features=tuple(i for i in rest if i != label))


def unlabelled(path: Path, layout: Layout, feature_count: int, names: tuple[str, ...] | None) -> Layout:
    """Return the layout of rows to predict: without a label, and without other columns that a network does not know.

    Those are known by what the header names, or, if there are too many, by numbering the rows.
    """
    if names is not None and layout.has_header and set(names) < set(layout.names):
        features = tuple(i for i, name in enumerate(layout.names) if name in names)
        return layout._replace(label=None, features=features)
    every = tuple(range(len(layout.names)))
    is_bare = layout.is_guess or len(every) == feature_count
    layout = layout._replace(label=None, is_guess=False, features=every if is_bare else layout.features)
    surplus = len(layout.features) - feature_count
    candidates = tuple(i for i in layout.counted if i in layout.features and not names_pixel(layout.names[i]))
    if surplus < 1 or len(candidates) < surplus:
        return layout
    found = _numbering(path, layout, candidates, least=2) or ()
    return without(layout, found if len(found) == surplus else ())


def _numbering(
    path: Path, layout: Layout, columns: tuple[int, ...], least: int = MIN_NUMBERED
) -> tuple[int, ...] | None:
    """Return those columns that number the rows; None if the file has a fault, which the survey finds.

    They count from 0 or 1 in the order of the file, and there are `least` rows or more. A column whose name promises
    it, such as `Id`, may number them in any order, as shuffled or selected rows are; one without a name also however
    few there are: tools write it when they were asked for a part of the rows.
    """
    rows, first, counts = 0, np.zeros(len(columns)), np.ones(len(columns), np.bool_)
    named = [j for j, i in enumerate(columns) if promises_numbers(layout.names[i])]
    seen: list[Numbers] = [np.zeros((len(named), 0))]
    try:
        for batch in arrow_batches(path, layout._replace(label=None), pa.float64(), columns):
            values = to_array(batch)
            first = first if rows else values[0]
            counts &= np.all(values == first + np.arange(rows, rows + len(values))[:, np.newaxis], axis=0)
            rows += len(values)
            seen.append(values[:, named].T)
    except pa.ArrowInvalid:
        return None
    counts &= np.isin(first, (0, 1)) & (rows >= least)
    for j, own in zip(named, np.concatenate(seen, axis=1), strict=True):
        is_enough = rows >= (1 if layout.names[columns[j]] == UNNAMED else least)
        counts[j] |= is_enough and np.all(own == np.rint(own)) and np.unique(own).size == own.size
    return tuple(i for i, is_number in zip(columns, counts, strict=True) if is_number)


def _without_numbers(path: Path, layout: Layout, kept: set[int]) -> Layout:
    """Return the layout without the columns that number the rows."""
    fixed = kept if layout.is_guess else {*kept, layout.label}
    candidates = tuple(i for i in layout.counted if i not in fixed and not names_pixel(layout.names[i]))
    found = _numbering(path, layout, candidates) if candidates else ()
    if found is None:
        return layout
    if layout.names[0] == UNNAMED and 0 in candidates and 0 not in found:
        raise DataError(
            f"{path}, line 1, column 1: expected a column name, found none, in a column that does not number the rows; "
            "name the column or remove it."
        )
    notes = tuple(
        f"{path}: {column_text(layout, i)} only numbers the rows and is left aside; "
        f'to learn it, too: --keep "{line(layout.names[i], MAX_NAME)}"'
        for i in found
    )
    layout = without(layout, found)._replace(notes=(*layout.notes, *notes))
    if not layout.features:
        raise DataError(f"{path}: expected features beside the label, found only a column that numbers the rows.")
    return layout


def _with_label(path: Path, layout: Layout) -> Layout:
    """Return the layout with the first or the last column as the label, whichever can be one.

    MNIST's is the first, but for a file in which that is empty paper.
    """
    first, last = min(i for i in range(len(layout.names)) if i not in layout.left), len(layout.names) - 1
    is_mnist = len(layout.features) == MNIST_PIXELS and _varies(path, layout, first)
    rows, seen = (0, []) if is_mnist else _seen(path, layout, (first, last))
    reasons = [_why_no_label(rows, names) for names in seen] or [None, None]
    if reasons[0] and not reasons[1]:
        note = (
            f"nothing in {path} says which column is the label: the last is taken for it, as the first has "
            f"{reasons[0]}; name another by --label"
        )
        features = tuple(sorted({*layout.features, first} - {last}))
        return layout._replace(label=last, features=features, notes=(*layout.notes, note))
    if reasons[0] or (rows >= FEW_ROWS and not reasons[1]):
        neither = f"neither can the first be it, with {reasons[0]}, nor the last, with {reasons[1]}"
        raise DataError(
            f"{path}: nothing says which column is the label, and "
            f"{neither if reasons[0] else 'both the first and the last may be it'}; name it, with "
            f"--label {line(layout.names[first], MAX_NAME)} for the first, --label {layout.names[last]} for the last."
        )
    note = f"nothing in {path} says which column is the label: the first is taken for it; name another by --label"
    return layout._replace(notes=(*layout.notes, note))


def _varies(path: Path, layout: Layout, column: int) -> bool:
    """Tell whether a column has two different values, which is mostly known after a few rows."""
    names: set[str] = set()
    try:
        for batch in arrow_batches(path, layout, pa.string(), (column,)):
            names |= _names(batch.column(0), layout.decimal)
            if len(names) > 1:
                return True
    except pa.ArrowInvalid:
        return True  # the survey finds the fault and says where it is
    return False


def _seen(path: Path, layout: Layout, columns: tuple[int, ...]) -> tuple[int, list[set[str]]]:
    """Return how many rows there are, and the labels that columns hold: all of them, or more than `MOST_GUESSED`."""
    rows, names = 0, [set[str]() for _ in columns]
    try:
        for batch in arrow_batches(path, layout, pa.string(), columns):
            rows += batch.num_rows
            for known, column in zip(names, batch.columns, strict=True):
                if len(known) <= MOST_GUESSED:
                    known.update(_names(column, layout.decimal))
    except pa.ArrowInvalid:
        pass  # the survey finds the fault and says where it is
    return rows, names


def _names(column: pa.Array, decimal: str) -> set[str]:
    """Return the different labels in a part of a column."""
    found = {canonical(label, decimal) for label in column.unique().to_pylist()}
    return {name for name in found if not lacks_label(name)}


def _why_no_label(rows: int, names: set[str]) -> str | None:
    """Return what a column has that no label has; None if it may be one."""
    if any(map(is_fraction, names)):
        return "fractions"
    if rows < FEW_ROWS:
        return None
    if len(names) < 2:  # noqa: PLR2004 -- one class is no choice
        return "one value only"
    if len(names) > MOST_GUESSED or 2 * len(names) > rows:
        return f"{len(names)} different values or more"
    return None
