"""What a CSV file looks like, told from its first lines: delimiter, header, label column, feature columns."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import DataError
from pipeline.prepare.csv.dialect import SPACE, find_decimal, find_delimiter
from pipeline.prepare.csv.header import (
    KNOWN_LABELS,
    UNNAMED,
    Rows,
    header_names,
    is_counting,
    is_header,
    promises_numbers,
    word_columns,
)
from pipeline.prepare.csv.numbers import is_fraction, is_word
from pipeline.prepare.csv.records import COMMENT, Head, Record, cells, read_head
from pipeline.rules import shown
from pipeline.types import ImageShape
from pipeline.words import MAX_NAME, line, listed


class ParquetForm(NamedTuple):
    """How a Parquet file holds the columns of a layout."""

    columns: tuple[str, ...]  # their names in the file; where images are one column, of the label's and that
    pixel: np.dtype[np.generic] | None = None  # the type of a pixel there
    label_names: tuple[str, ...] | None = None  # what the labels in the first column are the numbers of
    shape: ImageShape | None = None  # of images, if the file says so


class Layout(NamedTuple):
    """Where everything is in a CSV file, or in a Parquet file, which is looked at by the same rules."""

    delimiter: str
    names: tuple[str, ...]  # of all columns; their numbers from 1 where the file has no header
    has_header: bool
    label: int | None  # column of the labels; None if nothing says which one it is
    is_guess: bool  # whether `label` is only the first column of a file that names none
    features: tuple[int, ...]  # the other columns
    line: int  # where the first row begins: physical line from 1
    start: int  # and byte of the unpacked file as UTF-8
    row_bytes: int  # length of the first row
    decimal: str = "."  # the decimal point: a point or a comma
    # Columns that may number the rows: those that count the first ones from 0 or 1, and those whose name says so.
    counted: tuple[int, ...] = ()
    left: tuple[int, ...] = ()  # columns that are neither label nor feature
    notes: tuple[str, ...] = ()  # what a person should know about how the file is read
    parquet: ParquetForm | None = None  # None for a CSV file


class Sample(NamedTuple):
    """The names of the columns, be they numbers or a header, and the first rows below."""

    names: tuple[str, ...]
    rows: Rows
    has_header: bool
    decimal: str


def sniff(path: Path, label_name: str | None = None) -> Layout:
    """Look at the beginning of a file; `label_name` is the label column that the user named.

    Raises DataError if it can't be read, is no text, has no rows, a single column or no column of numbers, has columns
    with the same name or none, or has no column `label_name`.
    """
    head = read_head(path)
    delimiter = find_delimiter(head.records)
    records = _uncommented(path, head, delimiter)
    first, *rows = [cells(path, record, delimiter) for record in records]
    decimal = find_decimal(delimiter, (first, *rows))
    has_header = is_header(first, rows, label_name, decimal)
    _check_table(path, records[0], (first, *rows), delimiter, has_header=has_header)
    names = header_names(path, records[0], first) if has_header else tuple(str(i + 1) for i in range(len(first)))
    body = rows if has_header else [first, *rows]
    sample = Sample(names, body, has_header, decimal)
    label, notes = find_label(path, sample, label_name)
    is_guess = label is None and (not has_header or is_counting(first))
    label = 0 if is_guess else label
    features = tuple(i for i in range(len(names)) if i != label)
    _check_words(path, sample, features)
    at = records[has_header]
    notes = (*_reading_notes(path, head, records, decimal), *notes)
    counted = counted_columns(sample)
    return Layout(
        delimiter, names, has_header, label, is_guess, features, at.line, at.start, len(at.raw), decimal, counted,
        notes=notes,
    )  # fmt: skip


def column_text(layout: Layout, column: int) -> str:
    """Name a column for a message: its number from 1 and, where there is a header, its name."""
    return f"column {column + 1}" + (f" ({shown(layout.names[column])})" if layout.has_header else "")


def _uncommented(path: Path, head: Head, delimiter: str) -> tuple[Record, ...]:
    """Return the records of the table: among the lines that begin with `#` may be its header, or rows.

    They are comments above a header. Above rows, a header has as many values, as NumPy writes it; and where `#` is a
    value of its own, it is a name or a label.
    """
    first, *rows = [cells(path, record, delimiter) for record in head.records]
    mark = delimiter.encode()
    fitting = [*itertools.takewhile(lambda c: c.raw.count(mark) + 1 == len(first), reversed(head.comments))][::-1]
    if is_header(first, rows, None, find_decimal(delimiter, (first, *rows))) or not fitting or len(first) == 1:
        return head.records
    if all(comment.raw.startswith(COMMENT + mark) for comment in fitting):
        return (*fitting, *head.records)
    header = fitting[-1]._replace(raw=fitting[-1].raw.lstrip(COMMENT).lstrip())
    return (header, *head.records) if is_header(cells(path, header, delimiter), [first, *rows]) else head.records


def _reading_notes(path: Path, head: Head, records: Sequence[Record], decimal: str) -> tuple[str, ...]:
    """Return notes on what is unusual about a file and read nevertheless."""
    is_commented = len(records) > len(head.records) and not records[0].raw.startswith(COMMENT)
    passed = len(head.comments) - (len(records) - len(head.records))
    found = (
        (f"{path} is UTF-16 and read as such", head.is_utf16),
        (f"{path}: what stands at the top is passed over as comments (lines: {passed})", passed),
        (f"{path}, line {records[0].line}, begins with # and is taken for the header", is_commented),
        (f"{path} is read with a comma as the decimal point", decimal == ","),
    )
    return tuple(note for note, is_so in found if is_so)


def _check_table(path: Path, record: Record, table: Rows, delimiter: str, *, has_header: bool) -> None:
    """Refuse a first line that is a title or has a name too few, a single column, a header alone, and loose spaces."""
    first, *rows = table
    values, widths = [cell for cell in first if cell.strip()], {len(row) for row in rows}
    if len(values) == 1 and len(first) != 2 and is_word(values[0]) and max(widths, default=1) > 1:  # noqa: PLR2004 -- a name
        raise DataError(
            f"{path}, line {record.line}: expected the names of the columns or a row of values, found "
            f"{shown(values[0])} alone; remove what stands above the table."
        )
    if len(first) == 1:
        raise DataError(
            f"{path}, line {record.line}: expected a label and features separated by a comma, semicolon, tab, bar or "
            "space, found a single column; save the table as CSV."
        )
    if has_header and not rows:
        raise DataError(f"{path}: expected rows below the header, found none; is the file complete?")
    if delimiter == SPACE and any(not cell for row in table for cell in row):
        raise DataError(
            f"{path}: expected one space between values and none at the ends of lines, found more; put a comma in the "
            "place of the spaces between values, and remove the others."
        )
    if len(rows) > 1 and len(widths) == 1 and len(first) not in widths:
        raise DataError(
            f"{path}, line {record.line}: expected {len(rows[0])} values as in the lines below, found {len(first)}; "
            "remove a title; give every column a name, also one of row names, which R leaves without; and end no line "
            "with a delimiter too many."
        )


def _check_words(path: Path, sample: Sample, features: tuple[int, ...]) -> None:
    """Refuse a table of words; of digits with something beside them, the survey tells more."""
    wordy = word_columns(len(sample.names), sample.rows, sample.decimal)
    if set(features) <= set(wordy) and all(row[i].strip()[:1].isalpha() for row in sample.rows[:1] for i in features):
        raise DataError(
            f"{path}: expected numbers in the columns beside the label, found words in all of them "
            f"({listed([sample.names[i] for i in features])}); write them as numbers: 1 and 0 for yes and no, or a "
            "column of 1 and 0 for each word."
        )


def find_label(path: Path, sample: Sample, label_name: str | None) -> tuple[int | None, tuple[str, ...]]:
    """Return the label column, if anything says which one it is, and notes on the choice."""
    names, rows, has_header, decimal = sample
    if label_name is not None:
        return _named(path, sample, label_name), ()
    wordy = [i for i in word_columns(len(names), rows, decimal) if names[i] != UNNAMED]
    only = wordy[0] if len(wordy) == 1 else None
    folded = [name.casefold() for name in names] if has_header else []
    known = next((folded.index(name) for name in KNOWN_LABELS if name in folded), None)
    if known is None or only in {None, known}:
        return only if known is None else known, ()
    if not any(is_fraction(row[known], decimal) for row in rows if len(row) == len(names)):
        return known, ()
    note = (
        f"{path}: column {shown(names[known])} holds fractions, which are no classes: column {shown(names[only])}, the "
        "only one of words, is taken for the label; name another by --label"
    )
    return only, (note,)


def _named(path: Path, sample: Sample, label_name: str) -> int:
    """Return the column with the name that the user gave."""
    folded, wanted = [name.casefold() for name in sample.names], label_name.strip().casefold()
    if wanted in folded:
        return folded.index(wanted)
    how = "The first line is taken for their names." if sample.has_header else "There is no header: they are numbered."
    known = listed(sample.names)
    raise DataError(
        f"{path}: --label {line(label_name, MAX_NAME)} names no column; expected one of these: {known}. {how}"
    )


def counted_columns(sample: Sample) -> tuple[int, ...]:
    """Return the columns that may number the rows: those that number the first ones, or whose name promises it."""
    columns = range(len(sample.names))
    full = [row for row in sample.rows if len(row) == len(columns)]
    counts = [[str(i + first) for i in range(len(full))] for first in (0, 1)]
    words = {i for i in columns if sample.names[i] != UNNAMED and any(is_word(row[i], sample.decimal) for row in full)}
    return tuple(
        i
        for i in columns
        if (promises_numbers(sample.names[i]) and i not in words) or [row[i].strip() for row in full] in counts
    )
