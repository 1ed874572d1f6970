"""The one pass over a CSV file: every value checked, labels and classes collected, features put where they can lie."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.errors import DataError
from pipeline.labels import MAX_CLASSES
from pipeline.prepare.batches import BYTES, FLOATS, Dtype, Spool, clear, in_type, spool_rows
from pipeline.prepare.csv.columns import FEW_ROWS
from pipeline.prepare.csv.faults import PIXEL_LIMIT, Rules, find_fault, limits
from pipeline.prepare.csv.labels import encode, in_order, lacks_label, reordered
from pipeline.prepare.csv.layout import Layout, column_text
from pipeline.prepare.csv.numbers import is_fraction, is_number, number
from pipeline.prepare.csv.stream import Numbers, arrow_batches, max_rows, to_array
from pipeline.types import Labels
from pipeline.words import line, listed

MANY_CLASSES = 20
"""Up to so many different numbers are classes, whatever they are."""
ROWS_A_CLASS = 5
"""Rows that a class has on average, if numbers that do not go on from 0 or 1 are to be classes."""

MAX_REASON = 200
"""Characters of what Arrow says that a message quotes."""


class Survey(NamedTuple):
    """What is known of a file after the pass, besides its features."""

    rows: int
    labels: Labels  # (n,) uint8 or uint16: index into `class_names`; empty for a file without labels
    class_names: tuple[str, ...]
    spooled: Dtype  # the type of the features in the spool: uint8 or float32
    dtype: Dtype  # uint8 if all features are integers in 0..255, written as `3` or as `3.0`; else float32


class _Stop(NamedTuple):
    """A pass that ended at a fault, after so many good rows."""

    good_rows: int
    reason: str


def survey(path: Path, layout: Layout, rules: Rules, spool: Spool) -> Survey:
    """Read every row of a file: first as bytes, which is fast and right for most; else as numbers.

    Raises DataError at the first fault, with file, line and column, or if there are more than `MAX_CLASSES` classes.
    """
    seen = _survey(path, layout, rules, spool, BYTES)
    if isinstance(seen, _Stop):
        # Far into a large file of bytes it is more likely a fault than a number of another kind, and soon found.
        if seen.good_rows and (fault := find_fault(path, layout, rules, seen.good_rows, max_rows(layout))):
            raise fault
        clear(spool)
        seen = _survey(path, layout, rules, spool, FLOATS)
    if isinstance(seen, _Stop):
        fault = find_fault(path, layout, rules, seen.good_rows)
        raise fault or DataError(
            f"{path}: not readable as CSV: {line(seen.reason, MAX_REASON)}; mend the file or save it again."
        )
    return seen


def _survey(path: Path, layout: Layout, rules: Rules, spool: Spool, dtype: Dtype) -> Survey | _Stop:
    """Go through a file once, its features kept as `dtype`; they are checked before they are rounded to float32."""
    columns = layout.features if layout.label is None else (*layout.features, layout.label)
    names = rules.class_names or ()
    indices = [np.empty(0, dtype=np.uint16)]
    rows, are_bytes = 0, True
    try:
        for batch in arrow_batches(path, layout, pa.uint8() if dtype == BYTES else pa.float64(), columns):
            if layout.label is not None:
                found, names = encode(batch.column(len(layout.features)), names, layout.decimal)
                if any(map(lacks_label, names)) or rules.class_names not in (None, names):
                    return _Stop(rows, "a label is missing or unknown")
                check_count(path, layout, names)
                indices.append(found.astype(np.uint16))
            values = to_array(batch.select(range(len(layout.features))))
            is_good, is_bytes = _check_values(values, rules)
            if not is_good:
                return _Stop(rows, "a value is out of range")
            spool_rows(spool, in_type(values, dtype))
            rows, are_bytes = rows + batch.num_rows, are_bytes and is_bytes
    except pa.ArrowInvalid as error:
        return _Stop(rows, str(error))
    order = in_order(names) if rules.class_names is None else names
    return Survey(rows, reordered(indices, names, order), order, dtype, BYTES if are_bytes else FLOATS)


def _check_values(values: Numbers, rules: Rules) -> tuple[bool, bool]:
    """Tell whether all features of a batch are good, and whether all are integers in 0..255."""
    if values.dtype == BYTES:
        return True, True
    low, high = limits(rules)
    # NaN fails every comparison, and so do infinities.
    is_good = np.all((values >= low) & (values <= high))
    is_bytes = np.all((values >= 0) & (values <= PIXEL_LIMIT) & (values == np.rint(values)))
    return bool(is_good), bool(is_bytes)


def check_count(source: Path | str, layout: Layout, names: Sequence[str]) -> None:
    """Raise DataError if there are more classes than `MAX_CLASSES`."""
    if len(names) > MAX_CLASSES:
        raise DataError(
            f"{source}{_where(layout)}: expected at most {MAX_CLASSES} different labels, found more ({listed(names)}); "
            f"{_way_out(names)}"
        )


def check_classes(source: Path | str, layout: Layout, names: Sequence[str], rows: int) -> tuple[str, ...]:
    """Return notes on labels that look like numbers to predict rather than like classes.

    Raises DataError if there is nothing to learn in them as classes: as many as half of the rows, or many numbers that
    are no codes of classes, being fractions or having few rows each.
    """
    are_numbers = all(map(is_number, names))
    are_fractions = are_numbers and any(map(is_fraction, names))
    are_many = are_numbers and len(names) > MANY_CLASSES and not _are_codes(names)
    if rows >= FEW_ROWS and (
        2 * len(names) > rows or (are_many and (are_fractions or rows < ROWS_A_CLASS * len(names)))
    ):
        raise DataError(
            f"{source}{_where(layout)}: expected classes with several rows each, found {len(names)} different labels "
            f"in {rows} rows ({listed(names)}); {_way_out(names)}"
        )
    note = (
        f"{source}{_where(layout)}: each of the {len(names)} different numbers ({listed(names)}) is learned as a "
        "class; numbers as such are not what Scrawl predicts"
    )
    return (note,) if are_many or are_fractions else ()


def _are_codes(names: Sequence[str]) -> bool:
    """Tell whether numbers go on from 0 or 1 without a gap, as those do that stand for classes."""
    values = sorted(map(number, names))
    return values[0] in {0, 1} and values == [values[0] + i for i in range(len(values))]


def _where(layout: Layout) -> str:
    """Name the label column."""
    return "" if layout.label is None else f", {column_text(layout, layout.label)}"


def _way_out(names: Sequence[str]) -> str:
    """Return what such labels may be, and what to do."""
    if all(map(is_number, names)):
        return (
            "are these numbers to predict, or numbers of the rows? Scrawl only tells classes apart: put the name of a "
            "range in the place of each number, or name the column of classes with --label NAME."
        )
    return "are these the names of the rows? Name the column of classes with --label NAME."
