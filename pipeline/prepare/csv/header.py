"""Whether the first record of a CSV file names its columns, and how."""

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import DataError
from pipeline.prepare.csv.numbers import is_missing, is_word
from pipeline.prepare.csv.records import Record
from pipeline.rules import shown

KNOWN_LABELS = ("label", "class", "target", "digit", "species", "y")
"""Names that label columns go by, in any case; the first one found wins."""
MIN_COUNTED = 4
"""Values that must count 0, 1, 2, 3 to be taken for a header: fewer may be a row of data by chance."""
UNNAMED = "Unnamed: 0"
"""The name of a first column that has none, as pandas gives it; such a column numbers the rows, or names them."""
NAMES_OF_NUMBERS = re.compile(r"(?i:(?:.*[\W_])?id|index|rownames)|.*[a-z]I[dD]")
"""Names that columns have which number the rows, in any case: `Id`, `row_id`, `PassengerId`."""

Rows = Sequence[Sequence[str]]


def is_header(first: Sequence[str], rows: Rows, label_name: str | None = None, decimal: str = ".") -> bool:
    """Tell whether the first record names the columns.

    It does if a word in it is a known name of a label column (and no label in the rows), if it only counts, as pandas'
    integer names do, or if most of it is words, and the rows are not just like it. A row with a word for a label is
    none of these, and neither is the first one of a table of words.
    """
    words = [i for i, cell in enumerate(first) if is_word(cell, decimal)]
    known = {*KNOWN_LABELS, (label_name or KNOWN_LABELS[0]).strip().casefold()}
    if is_counting(first) or any(
        first[i].strip().casefold() in known and all(row[i : i + 1] != [first[i]] for row in rows) for i in words
    ):
        return True
    names = [i for i in words if not is_missing(first[i])]
    return 2 * len(names) > len(first) - (not first[0].strip()) and words != word_columns(len(first), rows, decimal)


def is_counting(first: Sequence[str]) -> bool:
    """Tell whether a record counts 0, 1, 2, …, perhaps after a word or nothing: pandas' header for nameless columns."""
    counted = first[1:] if is_word(first[0]) or not first[0].strip() else first
    return len(counted) >= MIN_COUNTED and list(counted) == [str(i) for i in range(len(counted))]


def header_names(path: Path, record: Record, first: Sequence[str]) -> tuple[str, ...]:
    """Return the names in a header; raise DataError at one that is missing, but for the first, or there twice."""
    names = tuple(cell.strip() for cell in first)
    names = (names[0] or UNNAMED, *names[1:])
    seen: dict[str, int] = {}
    for i, name in enumerate(names):
        if not name:
            raise DataError(
                f"{path}, line {record.line}, column {i + 1}: expected a column name, found none; name the column, or "
                "remove it (and the delimiter, if there is one too many at the end of each line)."
            )
        if name in seen:
            raise DataError(
                f"{path}, line {record.line}, column {i + 1}: expected a name of its own, found {shown(name)}, "
                f"which column {seen[name] + 1} has too; rename one of them, or, if this is a row of data, put a line "
                "of names above it."
            )
        seen[name] = i
    return names


def promises_numbers(name: str) -> bool:
    """Tell whether a column's name, or that it has none, says that it numbers the rows, in whatever order they are."""
    return name == UNNAMED or NAMES_OF_NUMBERS.fullmatch(name) is not None


def word_columns(columns: int, rows: Rows, decimal: str = ".") -> list[int]:
    """Return the columns with words in most rows, and in two at least: one among numbers is more likely a fault."""
    full = [row for row in rows if len(row) == columns]
    counts = [sum(is_word(row[i], decimal) for row in full) for i in range(columns)]
    return [i for i, count in enumerate(counts) if count > max(1, len(full) // 2)]
