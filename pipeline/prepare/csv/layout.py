"""What a CSV file looks like, told from its first lines: delimiter, header, label column, feature columns."""

import io
import itertools
import re
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import DataError
from pipeline.prepare.csv.numbers import is_word
from pipeline.prepare.csv.open import open_csv_bytes
from pipeline.prepare.csv.records import MAX_RECORD_BYTES, Record, cells, records

DELIMITERS = ",;\t"
KNOWN_LABELS = ("label", "class", "target", "digit", "species", "y")
"""Names that label columns go by, in any case; the first one found wins."""
SAMPLE_ROWS = 64
"""Rows below the header that are looked at: enough to tell words from numbers."""
HEAD_BYTES = 2 * MAX_RECORD_BYTES
"""The part of the file that the first look reads: a header and a row fit in it, whatever their length."""
MIN_COUNTED = 4
"""Values that must count 0, 1, 2, 3 to be taken for a header: fewer may be a row of data by chance."""
MAX_LISTED = 8
"""Column names that a message lists."""
_BOM = b"\xef\xbb\xbf"


class CsvLayout(NamedTuple):
    """Where everything is in a CSV file.

    Attributes
    ----------
    delimiter : str
    names : tuple of str
        Of all columns; their numbers from 1 where the file has no header.
    has_header : bool
    label : int or None
        Column of the labels; None if nothing says which one it is.
    is_guess : bool
        Whether `label` is only the first column of a file that names none.
    features : tuple of int
        The other columns.
    line, start : int
        Where the first row begins: physical line from 1, and byte of the unpacked file.
    row_bytes : int
        Length of the first row.
    """

    delimiter: str
    names: tuple[str, ...]
    has_header: bool
    label: int | None
    is_guess: bool
    features: tuple[int, ...]
    line: int
    start: int
    row_bytes: int


def sniff(path: Path, label_name: str | None = None) -> CsvLayout:
    """Look at the beginning of a file; `label_name` is the label column that the user named.

    Raises
    ------
    DataError
        If it can't be read, is no text, has no rows or a single column, has columns with the same name or none, or has
        no column `label_name`.
    """
    head = _head_records(path)
    delimiter = _delimiter(head[0])
    first, *rows = [cells(path, record, delimiter) for record in head]
    has_header = _is_header(first, rows, label_name)
    _check_table(path, head[0], first, has_rows=not has_header or bool(rows))
    names = _header_names(path, head[0], first) if has_header else tuple(str(i + 1) for i in range(len(first)))
    label = _find_label(path, names, label_name) if has_header or label_name is not None else None
    if label is None:
        label = _word_column(len(names), rows if has_header else [first, *rows])
    is_guess = label is None and (not has_header or _is_counting(first))
    label = 0 if is_guess else label
    features = tuple(i for i in range(len(names)) if i != label)
    body = head[has_header]
    return CsvLayout(
        delimiter, names, has_header, label, is_guess, features, body.line, body.start, row_bytes=len(body.raw)
    )


def column_text(layout: CsvLayout, column: int) -> str:
    """Name a column for a message: its number from 1 and, where there is a header, its name."""
    return f"column {column + 1}" + (f" ({layout.names[column]!r})" if layout.has_header else "")


def listed(names: tuple[str, ...]) -> str:
    """List names for a message, the middle left out where they are many."""
    shown = names if len(names) <= MAX_LISTED else (*names[: MAX_LISTED - 1], "…", names[-1])
    return ", ".join(shown)


def _head_records(path: Path) -> list[Record]:
    """Read the first records of a file: the header, if any, and up to `SAMPLE_ROWS` rows, without byte order mark."""
    with open_csv_bytes(path) as stream:
        head = stream.read(HEAD_BYTES)
        is_whole = not stream.read(1)
    if b"\0" in head:
        raise DataError(f"{path}: expected a CSV text, found binary data (a zero byte); is this another kind of file?")
    if b"\r" in head and b"\n" not in head:
        raise DataError(f"{path}: expected lines that end in LF or CRLF, found bare CR; save it again as CSV.")
    text = head if is_whole else head[: head.rfind(b"\n") + 1] or head
    skipped = len(_BOM) if text.startswith(_BOM) else 0
    found = list(itertools.islice(records(path, io.BytesIO(text[skipped:]), start=skipped), SAMPLE_ROWS + 1))
    if not found:
        raise DataError(f"{path}: expected a table, found an empty file; download or write it again.")
    return found


def _delimiter(first: Record) -> str:
    """Return the delimiter that the first record has most of, outside of quotes."""
    bare = re.sub(rb'"[^"]*"', b"", first.raw)
    return max(DELIMITERS, key=lambda delimiter: bare.count(delimiter.encode()))


def _check_table(path: Path, record: Record, first: list[str], *, has_rows: bool) -> None:
    """Refuse a file of a single column, or of a header alone."""
    if len(first) == 1:
        raise DataError(
            f"{path}, line {record.line}: expected a label and features separated by a comma, semicolon or tab, "
            "found a single column; save the table as CSV."
        )
    if not has_rows:
        raise DataError(f"{path}: expected rows below the header, found none; is the file complete?")


def _is_header(first: list[str], rows: list[list[str]], label_name: str | None) -> bool:
    """Tell whether the first record names the columns.

    It does if most of it is words, if a word in it is a known name of a label column (and no label in the rows), or if
    it only counts, as pandas' integer names do. A row with a word for a label is none of these.
    """
    words = [i for i, cell in enumerate(first) if is_word(cell)]
    if 2 * len(words) > len(first) or _is_counting(first):
        return True
    known = {*KNOWN_LABELS, (label_name or KNOWN_LABELS[0]).casefold()}
    return any(
        first[i].strip().casefold() in known and all(row[i : i + 1] != [first[i]] for row in rows) for i in words
    )


def _is_counting(first: list[str]) -> bool:
    """Tell whether a record counts 0, 1, 2, …, perhaps after one word: pandas' header for nameless columns."""
    counted = first[1:] if is_word(first[0]) else first
    return len(counted) >= MIN_COUNTED and counted == [str(i) for i in range(len(counted))]


def _header_names(path: Path, record: Record, first: list[str]) -> tuple[str, ...]:
    """Return the names in a header, each one checked to be there and to be the only one of its kind."""
    names = tuple(cell.strip() for cell in first)
    seen: dict[str, int] = {}
    for i, name in enumerate(names):
        if not name:
            raise DataError(
                f"{path}, line {record.line}, column {i + 1}: expected a column name, found none; "
                "if it holds pandas' row numbers, write the file with index=False."
            )
        if name in seen:
            raise DataError(
                f"{path}, line {record.line}, column {i + 1}: expected a name of its own, found {name!r}, "
                f"which column {seen[name] + 1} has too; rename one of them."
            )
        seen[name] = i
    return names


def _find_label(path: Path, names: tuple[str, ...], label_name: str | None) -> int | None:
    """Return the column with the name asked for, or else with a known one."""
    folded = [name.casefold() for name in names]
    wanted = KNOWN_LABELS if label_name is None else (label_name.strip().casefold(),)
    found = next((folded.index(name) for name in wanted if name in folded), None)
    if found is None and label_name is not None:
        raise DataError(
            f"{path}: --label {label_name} names no column; expected one of these: {listed(names)}. "
            "Columns of a file without header go by their number, from 1."
        )
    return found


def _word_column(columns: int, rows: list[list[str]]) -> int | None:
    """Return the only column that holds words in most rows, if there is exactly one.

    Most, and two at least: a single word among numbers is more likely a fault.
    """
    full = [row for row in rows if len(row) == columns]
    counts = [sum(is_word(row[i]) for row in full) for i in range(columns)]
    wordy = [i for i, count in enumerate(counts) if count > max(1, len(full) // 2)]
    return wordy[0] if len(wordy) == 1 else None
