"""The beginning of a CSV file: its first records, below comments and marks; what is no CSV is refused."""

import io
import itertools
import re
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import DataError
from pipeline.prepare.csv.open import is_utf16, open_csv
from pipeline.prepare.csv.records import MAX_RECORD_BYTES, Record, records

SAMPLE_ROWS = 64
"""Rows below the header that are looked at: enough to tell words from numbers."""
HEAD_BYTES = 2 * MAX_RECORD_BYTES
"""The part of the file that the first look reads: a header and a row fit in it, whatever their length."""
COMMENT = b"#"

_SEPARATOR = re.compile(rb"sep=.\s*", re.IGNORECASE)

_BOM = b"\xef\xbb\xbf"
_ARFF = re.compile(rb"(?:[ \t\r]*(?:%[^\n]*)?\n)*[ \t]*@relation\b", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\{\s*"|\[\s*[\[{])')
_OTHER_KINDS = {
    _ARFF: "an ARFF file (Weka's); put the attributes' names, between commas, in the place of all lines up to @data",
    _MARKUP: "a web page or other markup; download the file itself",
    _JSON: "JSON; save the table as CSV",
}


class Head(NamedTuple):
    """How a file begins."""

    comments: tuple[Record, ...]  # the lines at the top that begin with `#`, or tell Excel the delimiter, as `sep=;`
    # What follows: the header, if any, and up to `SAMPLE_ROWS` rows, without byte order mark.
    records: tuple[Record, ...]
    is_utf16: bool  # whether the file is UTF-16, which records are UTF-8 of


def read_head(path: Path) -> Head:
    """Read the beginning of a file.

    Raises DataError if it can't be read, is no text, is of another kind than CSV, or has no records.
    """
    with open_csv(path) as stream:
        head = stream.read(HEAD_BYTES)
        is_whole = not stream.read(1)
    _check_kind(path, head)
    text = head if is_whole else head[: head.rfind(b"\n") + 1] or head
    comments = _comments(text)
    line, start = (comments[-1].line + 1, comments[-1].start + len(comments[-1].raw)) if comments else (1, _mark(text))
    found = itertools.islice(records(path, io.BytesIO(text[start:]), line, start), SAMPLE_ROWS + 1)
    below = tuple(map(_unmarked, found))
    if not below:
        what = "comments only (lines that begin with #)" if comments else "an empty file"
        raise DataError(f"{path}: expected a table, found {what}; download or write it again.")
    return Head(comments, below, is_utf16(path))


def _check_kind(path: Path, head: bytes) -> None:
    """Refuse what is no CSV text."""
    if b"\0" in head:
        raise DataError(
            f"{path}: expected a CSV text, found binary data (a zero byte); is this another kind of file, or UTF-16 "
            "without its mark? Save a table as CSV with the encoding UTF-8."
        )
    for pattern, kind in _OTHER_KINDS.items():
        if pattern.match(head):
            raise DataError(f"{path}: expected a CSV file, found {kind}.")
    if b"\r" in head and b"\n" not in head:
        raise DataError(f"{path}: expected lines that end in LF or CRLF, found bare CR; save it again as CSV.")


def _mark(text: bytes) -> int:
    """Return the length of byte order marks: more than one are left by tools that join files."""
    mark = 0
    while text.startswith(_BOM, mark):
        mark += len(_BOM)
    return mark


def _unmarked(record: Record) -> Record:
    """Return a record without marks: Arrow passes over one where it begins to read, below a header, too."""
    mark = _mark(record.raw)
    return record._replace(start=record.start + mark, raw=record.raw[mark:])


def _comments(text: bytes) -> tuple[Record, ...]:
    """Return the lines at the top that are comments; empty ones between them count, but are left out."""
    found, start = [], _mark(text)
    for line, raw in enumerate(io.BytesIO(text[start:]), start=1):
        if raw.startswith(COMMENT) or _SEPARATOR.fullmatch(raw):
            found.append(Record(line, start, raw))
        elif raw.strip():
            break
        start += len(raw)
    return tuple(found)
