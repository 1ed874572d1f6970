"""Whether what stands in the label column are classes, or numbers to predict, or names of the rows."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import DataError
from pipeline.labels import MAX_CLASSES
from pipeline.prepare.csv.columns import FEW_ROWS
from pipeline.prepare.csv.layout import CsvLayout, column_text
from pipeline.prepare.csv.numbers import is_fraction, is_number, number
from pipeline.words import listed

MANY_CLASSES = 20
"""Up to so many different numbers are classes, whatever they are."""
ROWS_A_CLASS = 5
"""Rows that a class has on average, if numbers that do not go on from 0 or 1 are to be classes."""


def check_count(path: Path, layout: CsvLayout, names: Sequence[str]) -> None:
    """Raise DataError if there are more classes than `MAX_CLASSES`."""
    if len(names) > MAX_CLASSES:
        raise DataError(
            f"{path}{_where(layout)}: expected at most {MAX_CLASSES} different labels, found more ({listed(names)}); "
            f"{_way_out(names)}"
        )


def check_classes(path: Path, layout: CsvLayout, names: Sequence[str], rows: int) -> tuple[str, ...]:
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
            f"{path}{_where(layout)}: expected classes with several rows each, found {len(names)} different labels in "
            f"{rows} rows ({listed(names)}); {_way_out(names)}"
        )
    note = (
        f"{path}{_where(layout)}: each of the {len(names)} different numbers ({listed(names)}) is learned as a class; "
        "numbers as such are not what Scrawl predicts"
    )
    return (note,) if are_many or are_fractions else ()


def _are_codes(names: Sequence[str]) -> bool:
    """Tell whether numbers go on from 0 or 1 without a gap, as those do that stand for classes."""
    values = sorted(map(number, names))
    return values[0] in {0, 1} and values == [values[0] + i for i in range(len(values))]


def _where(layout: CsvLayout) -> str:
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
