"""A CSV file's records with their line numbers: slow but exact, for the first look and for finding faults."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pipeline.errors import DataError
from pipeline.prepare.csv.open import is_utf16, open_csv
from pipeline.words import MAX_NAME, line

MAX_RECORD_BYTES = 1 << 20
"""The longest line that is read: 784 pixels take 3 KB, and a file without line ends must not fill the memory."""
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


class Record(NamedTuple):
    """One record as it stands in the file."""

    line: int  # physical line on which it begins, from 1
    start: int  # offset of its first byte in the unpacked file
    raw: bytes  # its bytes, line end included


class Head(NamedTuple):
    """How a file begins."""

    comments: tuple[Record, ...]  # the lines at the top that begin with `#`, or tell Excel the delimiter, as `sep=;`
    # What follows: the header, if any, and up to `SAMPLE_ROWS` rows, without byte order mark.
    records: tuple[Record, ...]
    is_utf16: bool  # whether the file is UTF-16, which records are UTF-8 of


def read_head(path: Path) -> Head:
    """Read the beginning of a file; raise DataError if it can't be read, is no CSV text, or has no records."""
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
    for number, raw in enumerate(io.BytesIO(text[start:]), start=1):
        if raw.startswith(COMMENT) or _SEPARATOR.fullmatch(raw):
            found.append(Record(number, start, raw))
        elif raw.strip():
            break
        start += len(raw)
    return tuple(found)


def records(path: Path, stream: BinaryIO, line: int = 1, start: int = 0) -> Iterator[Record]:
    """Go through the records of a stream that stands at `line` and `start`; empty lines are left out.

    A quoted value may hold line ends, so a line with an odd number of quotes goes on in the next one. Raises DataError
    at a record longer than `MAX_RECORD_BYTES`, as after a quote that is never closed.
    """
    while raw := stream.readline(MAX_RECORD_BYTES + 1):
        lines = 1
        if raw.count(b'"') % 2:
            raw, lines = _with_next_lines(stream, raw)
        if len(raw) > MAX_RECORD_BYTES:
            raise DataError(
                f"{path}, line {line}: expected a line of at most {MAX_RECORD_BYTES} bytes, found a longer one; "
                "is a quote never closed, or is this no CSV file?"
            )
        if raw not in (b"\n", b"\r\n"):
            yield Record(line, start, raw)
        line, start = line + lines, start + len(raw)


def _with_next_lines(stream: BinaryIO, raw: bytes) -> tuple[bytes, int]:
    """Read on to the line that closes the quote left open in `raw`; return all of it and the number of lines."""
    parts, size, is_open = [raw], len(raw), True
    while is_open and size <= MAX_RECORD_BYTES and (more := stream.readline(MAX_RECORD_BYTES + 1)):
        parts.append(more)
        size += len(more)
        is_open = more.count(b'"') % 2 == 0
    return b"".join(parts), len(parts)


def cells(path: Path, record: Record, delimiter: str) -> list[str]:
    """Split a record into its values; raise DataError if it is not UTF-8 text, or a quoted value has no end."""
    try:
        text = record.raw.rstrip(b"\r\n").decode("utf-8")
        return next(csv.reader([text], delimiter=delimiter, strict=True), [""])
    except UnicodeDecodeError as error:
        byte = record.raw[error.start]
        raise DataError(
            f"{path}, line {record.line}: expected UTF-8 text, found byte 0x{byte:02x}; "
            "is this a CSV file? If so, save it again with the encoding UTF-8."
        ) from error
    except csv.Error as error:
        raise DataError(
            f"{path}, line {record.line}: not a line of CSV ({line(str(error), MAX_NAME)}); {_mending(record)}"
        ) from error


def _mending(record: Record) -> str:
    """Return what to do about a record that can't be split."""
    if b"\r" in record.raw.rstrip(b"\r\n"):
        return "there is a carriage return (CR) inside; save the file again with lines that end in LF or CRLF."
    if len(record.raw) > csv.field_size_limit():
        return "is a quote never closed, or is this no CSV file?"
    return "mend its quotes."
