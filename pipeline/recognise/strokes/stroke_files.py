"""Stroke files: drawings, one after the other."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import DataError
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.json_lines import read_json_lines
from pipeline.types import Drawing


def read_drawings(path: Path) -> Iterator[Drawing | DataError]:
    """Yield the drawings of a stroke file, in order; in the place of one that is none, what is wrong with it.

    Raises DataError if the file can't be read.
    """
    for entry in read_entries(path):
        yield entry if isinstance(entry, DataError) else entry.drawing


def read_entries(path: Path) -> Iterator[Entry | DataError]:
    """Yield the drawings of a stroke file with their labels and places; see `read_drawings`."""
    try:
        yield from read_json_lines(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{path}: expected a stroke file, but it can't be read: {reason}; check its name.") from error
