"""A CSV file's records with their line numbers: slow but exact, for the first look and for finding faults."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pipeline.errors import DataError
from pipeline.words import MAX_NAME, line

MAX_RECORD_BYTES = 1 << 20
"""The longest line that is read: 784 pixels take 3 KB, and a file without line ends must not fill the memory."""


class Record(NamedTuple):
    """One record as it stands in the file."""

    line: int  # physical line on which it begins, from 1
    start: int  # offset of its first byte in the unpacked file
    raw: bytes  # its bytes, line end included


def records(path: Path, stream: BinaryIO, line: int = 1, start: int = 0) -> Iterator[Record]:
    """Go through the records of a stream that stands at `line` and `start`; empty lines are left out.

    A quoted value may hold line ends, so a line with an odd number of quotes goes on in the next one.

    Raises DataError at a record longer than `MAX_RECORD_BYTES`, as after a quote that is never closed.
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
    """Split a record into its values.

    Raises DataError if it is not UTF-8 text, or a quoted value has no end.
    """
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
