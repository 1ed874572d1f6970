"""How a CSV file separates its values and writes fractions: what makes numbers of most of its values."""

import csv
import re
from collections.abc import Sequence

from pipeline.prepare.csv.numbers import is_number
from pipeline.prepare.csv.records import Record

DELIMITERS = ",;\t|"
SPACE = " "

_THOUSANDS = re.compile(r"[ \t]*[+-]?[1-9]\d{0,2}(?:,\d{3})+[ \t]*", re.ASCII)


def find_delimiter(records: Sequence[Record]) -> str:
    """Return the delimiter under which most values of the rows are numbers; of equals, that of the most columns."""
    bare, below = (re.sub(rb'"[^"]*"', b"", record.raw.strip(b" \r\n")) for record in (*records[:2], records[0])[:2])
    found = [delimiter for delimiter in DELIMITERS + SPACE if delimiter.encode() in bare + below]
    if len(found) < 2:  # noqa: PLR2004 -- one is no choice
        return found[0] if found else DELIMITERS[0]
    rows = records[1:] or records  # the very first may be a header, or a title
    return max(
        found, key=lambda delimiter: (_numbers(rows, delimiter), delimiter != SPACE, bare.count(delimiter.encode()))
    )


def find_decimal(delimiter: str, rows: Sequence[Sequence[str]]) -> str:
    """Return the decimal point: a comma if some values have one and none a point, and not all may be thousands."""
    cells = [cell for row in rows for cell in row]
    commas = [cell for cell in cells if "," in cell and is_number(cell, ",")]
    if delimiter == SPACE or all(map(is_thousands, commas)):
        return "."
    return "." if any("." in cell and is_number(cell) for cell in cells) else ","


def is_thousands(cell: str) -> bool:
    """Tell whether a value may be a whole number with commas between its thousands."""
    return _THOUSANDS.fullmatch(cell) is not None


def _numbers(records: Sequence[Record], delimiter: str) -> float:
    """Return the share of numbers among the values that a delimiter makes of records; 0 if it separates none."""
    points = "." if delimiter == SPACE else ".,"
    rows = [_split(record, delimiter) for record in records]
    cells = [cell for row in rows if len(row) > 1 for cell in row]
    return sum(any(is_number(cell, point) for point in points) for cell in cells) / max(1, len(cells))


def _split(record: Record, delimiter: str) -> list[str]:
    """Split a record as well as it goes; what is wrong with it is told by who reads it."""
    try:
        return next(csv.reader([record.raw.decode(errors="replace").rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []
