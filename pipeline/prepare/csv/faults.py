"""The second look at a CSV file: which line and column is at fault, why, and what to do about it."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import DataError
from pipeline.prepare.csv.dialect import SPACE, is_thousands
from pipeline.prepare.csv.labels import canonical, lacks_label
from pipeline.prepare.csv.layout import Layout, column_text
from pipeline.prepare.csv.numbers import is_missing, is_not_finite, is_number, number
from pipeline.prepare.csv.open import open_csv
from pipeline.prepare.csv.records import COMMENT, Record, cells, records
from pipeline.prepare.parquet.stream import text_rows
from pipeline.rules import shown
from pipeline.words import listed

FLOAT32_LIMIT = float(np.finfo(np.float32).max)
PIXEL_LIMIT = 255.0


class Rules(NamedTuple):
    """What is asked of every row."""

    is_image: bool  # whether every value must be a pixel, 0 to 255
    class_names: tuple[str, ...] | None  # the labels that may occur; None if any may


def limits(rules: Rules) -> tuple[float, float]:
    """Return the lowest and the highest value allowed."""
    return (0.0, PIXEL_LIMIT) if rules.is_image else (-FLOAT32_LIMIT, FLOAT32_LIMIT)


def find_fault(path: Path, layout: Layout, rules: Rules, first: int, rows: int | None = None) -> DataError | None:
    """Return the error that the first faulty row deserves; None if there is no fault.

    Looks at `rows` rows, or at all, from the row `first` on: those before it are passed over as fast as lines are read.
    """
    if layout.parquet:
        return _stored_fault(path, layout, rules, first, rows)
    with open_csv(path) as stream:
        stream.read(layout.start)
        body = records(path, stream, layout.line, layout.start)
        for record in itertools.islice(body, first, None if rows is None else first + rows):
            if fault := _row_fault(path, record, layout, rules):
                return DataError(f"{path}, line {record.line}{fault}")
    return None


def _stored_fault(path: Path, layout: Layout, rules: Rules, first: int, rows: int | None) -> DataError | None:
    """Return the error that the first faulty row of a Parquet file deserves; see `find_fault`."""
    columns = (*layout.features, *(() if layout.label is None else (layout.label,)))
    cells_of = [""] * len(layout.names)
    body = text_rows(path, layout, columns)
    for place, row in itertools.islice(enumerate(body, 1), first, None if rows is None else first + rows):
        for column, cell in zip(columns, row, strict=True):
            cells_of[column] = cell
        if fault := _cells_fault(cells_of, layout, rules):
            return DataError(f"{path}, row {place}{fault.replace('the line', 'the row')}")
    return None


def _row_fault(path: Path, record: Record, layout: Layout, rules: Rules) -> str | None:
    """Return what is wrong with a row, from the column on, as the end of a sentence; None if nothing is."""
    row, expected = cells(path, record, layout.delimiter), len(layout.names)
    if len(row) != expected:
        like = "header" if layout.has_header else "first line"
        return f": expected {expected} values as in the {like}, found {len(row)}; {_mending(record, layout)}."
    return _cells_fault(row, layout, rules)


def _cells_fault(row: Sequence[str], layout: Layout, rules: Rules) -> str | None:
    """Return which value of a row is wrong and why, as the end of a sentence; None if none is."""
    if layout.label is not None and (fault := _label_fault(row[layout.label], layout, rules)):
        return f", {column_text(layout, layout.label)}: {fault}"
    faults = ((column, _value_fault(row[column], layout, rules)) for column in layout.features)
    found = next((f", {column_text(layout, column)}: {fault}" for column, fault in faults if fault), None)
    if found and layout.is_guess and layout.label is not None:
        return f"{found} (Column {layout.label + 1} is taken for the label; name another by --label.)"
    return found


def _mending(record: Record, layout: Layout) -> str:
    """Return what to do about a line with too few or too many values."""
    if record.raw.startswith(COMMENT):
        return "remove the line if it is a comment: those are only passed over above the table"
    if layout.delimiter == SPACE:
        return "one space separates two values; mend the line, or separate values by commas"
    return "mend or remove the line"


def _label_fault(cell: str, layout: Layout, rules: Rules) -> str | None:
    """Return what is wrong with a label, if anything is."""
    name = canonical(cell, layout.decimal)
    if lacks_label(name):
        return f"expected a label, found {shown(cell)}; fill it in or remove the line."
    if rules.class_names is not None and name not in rules.class_names:
        return (
            f"label {shown(name)} is missing from training; expected one of {listed(rules.class_names)}. "
            "Add rows of that class to the training file, or remove this one."
        )
    return None


def _value_fault(cell: str, layout: Layout, rules: Rules) -> str | None:
    """Return what is wrong with a feature, if anything is."""
    low, high = limits(rules)
    if (fault := unlike_a_number(cell, layout.decimal)) is not None:
        return fault
    if low <= number(cell, layout.decimal) <= high:
        return None
    if rules.is_image:
        return f"expected a pixel between 0 and 255, found {shown(cell)}; mend it or remove the line."
    return f"expected a number of at most {high:.3g}, found {shown(cell)}; mend it or remove the line."


SIGNS = "%$€£¥"
THOUSANDS = "a comma between thousands, or, if that is a decimal comma"
_HEXADECIMAL = re.compile(r"\s*[+-]?0[xX][0-9a-fA-F]+\s*", re.ASCII)


def unlike_a_number(cell: str, decimal: str) -> str | None:
    """Return what was expected of a value, what it is and what to do, as the end of a sentence; None for a number."""
    if is_number(cell, decimal):
        return None
    if not cell.strip():
        return "expected a number, found an empty value; fill it in or remove the line."
    if is_not_finite(cell):
        return f"expected a finite number, found {shown(cell)}; fill in a number or remove the line."
    return f"expected a number, found {shown(cell)}{_cause(cell, decimal)}."


def _cause(cell: str, decimal: str) -> str:
    """Return why a value may be no number, and the way out."""
    other = "," if decimal == "." else "."
    unit = _unit(cell, decimal)
    known = (
        (is_missing(cell), ", which says that the value is missing; fill it in or remove the line"),
        (decimal == "." and is_thousands(cell), f"; write it without {THOUSANDS}, with a point in its stead"),
        (is_number(cell, other), f"; write it with {decimal!r} as the decimal point, for which the first rows take it"),
        (
            is_number(_typed(cell), decimal),
            "; write it with a keyboard's digits, minus and spaces, which these are not",
        ),
        (_HEXADECIMAL.fullmatch(cell), ", a hexadecimal number; write it as a decimal one"),
        (unit, f"; write the bare number, without {unit}"),
    )
    words = "; write a number (1 and 0 for yes and no, say), or remove the column if it holds words"
    return next((advice for is_so, advice in known if is_so), words)


def _unit(cell: str, decimal: str) -> str:
    """Return the sign before or behind a number; none if there is no such thing."""
    text = cell.strip()
    sign = next((sign for sign in SIGNS if sign in {text[:1], text[-1:]}), "")
    bare = text.removeprefix(sign).removesuffix(sign).strip()
    return sign if is_number(bare, decimal) or is_thousands(bare) else ""


def _typed(cell: str) -> str:
    """Return a value with ASCII characters in the place of those that look like them."""
    usual = unicodedata.normalize("NFKC", cell).replace("\N{MINUS SIGN}", "-")
    return "".join(str(unicodedata.decimal(character, character)) for character in usual)
