"""Stroke files: drawings in Scrawl's own format, in UNIPEN's, or as InkML.

Which format a file has is told by how it begins, since published files have all kinds of names; by its name where that
says nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from pipeline.errors import DataError
from pipeline.files import open_plain
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.inkml import read_inkml
from pipeline.recognise.strokes.json_lines import read_json_lines
from pipeline.recognise.strokes.unipen import read_unipen
from pipeline.types import Drawing

Reader: TypeAlias = Callable[[Path], Iterator[Entry | DataError]]

READERS: Mapping[str, Reader] = {
    ".jsonl": read_json_lines,
    ".inkml": read_inkml,
    ".unipen": read_unipen,
    ".unp": read_unipen,
    ".dat": read_unipen,
}
"""What reads a file, by the ending of its name."""
HEAD = 1 << 16
"""Bytes by which a format is told: room for a page of comments."""
MARKS = b"\xef\xbb\xbf\xfe\xff\0 \t\r\n"
"""What may stand before the first letter: marks of UTF-8 and UTF-16, half a letter of UTF-16, space."""
STATEMENT = re.compile(
    rb"^[ \t]*\.(?:COMMENT|COORD|HIERARCHY|INCLUDE|KEYWORD|LEXICON|PEN_DOWN|RESERVE|SEGMENT|START_SET|VERSION)\b",
    re.MULTILINE,
)
"""How a UNIPEN file begins; short words are left out, as the bytes of a picture may happen to spell them."""
INK = re.compile(rb"<(?:[\w.-]+:)?ink[\s>/]")


def read_drawings(path: Path) -> Iterator[Drawing | DataError]:
    """Yield the drawings of a stroke file, in order; in the place of one that is none, what is wrong with it.

    Raises DataError if the file can't be read.
    """
    for entry in read_entries(path):
        yield entry if isinstance(entry, DataError) else entry.drawing


def read_entries(path: Path) -> Iterator[Entry | DataError]:
    """Yield the drawings of a stroke file with their labels and places; see `read_drawings`."""
    try:
        yield from reader_of(path)(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{path}: expected a stroke file, but it can't be read: {reason}; check its name.") from error


def looks_drawn(path: Path) -> bool:
    """Tell whether a file holds drawings, by its name or, where that is none of theirs, by how it begins."""
    if path.suffix.lower() in READERS:
        return True
    try:
        head = _head(path)
    except (OSError, ValueError):  # no file's name, or none that can be read: whoever reads it says so
        return False
    return bool(STATEMENT.search(head) or INK.search(head.replace(b"\0", b"")))


def reader_of(path: Path) -> Reader:
    """Return what reads a file.

    Raises OSError if it can't be read.
    """
    head = _head(path)
    first = head.lstrip(MARKS)[:1]
    if first == b"<":
        return read_inkml
    if first != b"{" and STATEMENT.search(head):
        return read_unipen
    named = READERS.get(path.suffix.lower(), read_json_lines)
    return read_json_lines if first == b"{" else named


def _head(path: Path) -> bytes:
    """Return how a file begins."""
    with open_plain(path) as file:
        return file.read(HEAD)
