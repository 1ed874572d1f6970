"""Stroke files of Scrawl's own: one drawing a line, as JSON.

A line reads `{"strokes": [[[x, y], …], …]}`: strokes of points, x to the right and y downwards, in any unit; the true
class of what is drawn may stand beside them as `"label"`. What else the object holds is passed over, and so are further
numbers of a point (a time or a pressure, say). Blank lines are skipped.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from pipeline.errors import DataError
from pipeline.files import open_plain
from pipeline.recognise.strokes.entries import COORDINATE, LARGEST, MAX_POINTS, Entry, refuse
from pipeline.types import Drawing, Stroke

MAX_LINE = 16 << 20
"""Bytes in a line: room for that many points with all their digits."""
FORM = '{"strokes": [[[x, y], …], …]}'


def read_json_lines(path: Path) -> Iterator[Entry | DataError]:
    """Yield the drawings of a file, in order, read line by line; for a line that is none, what is wrong with it.

    Raises OSError if the file can't be read.
    """
    with open_plain(path) as file:
        for number, line in _lines(file):
            if line is None or line.strip():
                yield _entry_or_error(line, f"{path}, line {number}")


def parse_line(line: str | bytes, where: str) -> Entry:
    """Return the drawing that a line holds, and its label.

    The line is a JSON document, in UTF-8 if it comes as bytes; messages call it `where`.

    Raises DataError if it is no drawing, or one without a stroke or with a stroke without a point.
    """
    document = _json_of(line, where)
    if not isinstance(document, dict) or "strokes" not in document:
        refuse(where, FORM, document)
    drawing = drawing_from(document["strokes"], where)
    return Entry(drawing, document.get("label"), where)


def drawing_from(strokes: object, where: str) -> Drawing:
    """Return the drawing that lists of lists of points describe, as JSON has them.

    Raises DataError as `parse_line` does.
    """
    filled = _filled_list(strokes, where, "strokes")
    lists = [_filled_list(stroke, f"{where}, stroke {i}", "points") for i, stroke in enumerate(filled, start=1)]
    count = sum(len(points) for points in lists)
    if count > MAX_POINTS:
        raise DataError(f"{where}: expected at most {MAX_POINTS} points, found {count}; thin them out.")
    return Drawing(tuple(_stroke(points, f"{where}, stroke {i}") for i, points in enumerate(lists, start=1)))


def drawing_to_json(drawing: Drawing) -> str:
    """Return a drawing as a line of a stroke file, without the line's end; reading it gives the same points."""
    strokes = [[[float(x), float(y)] for x, y in stroke] for stroke in drawing.strokes]
    return json.dumps({"strokes": strokes}, allow_nan=False)


def _json_of(line: str | bytes, where: str) -> Any:  # noqa: ANN401 -- whatever JSON can hold
    """Return what a line says."""
    try:
        return json.loads(line, parse_constant=float)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}, column {error.colno}: expected {FORM}, found no JSON: {error.msg}.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: expected text in UTF-8, found other bytes: {error}.") from error
    except (RecursionError, ValueError) as error:
        raise DataError(f"{where}: expected {FORM}, found what can't be read: {error}.") from error


def _entry_or_error(line: bytes | None, where: str) -> Entry | DataError:
    """Return what a line holds, or what is wrong with it; None is a line that is too long."""
    if line is None:
        return DataError(f"{where}: expected at most {MAX_LINE} bytes, found more; write one drawing a line.")
    try:
        return parse_line(line.rstrip(), where)
    except DataError as error:
        return error


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines of a file, numbered from 1; None for one that is too long to be held."""
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) <= MAX_LINE:
            yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
        yield number, None


def _filled_list(value: object, where: str, of: str) -> list[Any]:
    """Return a list that holds something."""
    if not isinstance(value, list):
        refuse(where, f"a list of {of}", value)
    if not value:
        raise DataError(f"{where}: expected {of}, found none; leave out what is not drawn.")
    return value


def _stroke(points: list[Any], where: str) -> Stroke:
    """Return the points of a stroke, (k, 2) float32."""
    for i, point in enumerate(points, start=1):
        if not isinstance(point, list) or len(point) < 2:  # noqa: PLR2004 -- x and y
            refuse(f"{where}, point {i}", "[x, y]", point)
        for name, value in zip("xy", point, strict=False):
            if not _is_coordinate(value):
                refuse(f"{where}, point {i}", f"{COORDINATE} as {name}", value)
    return np.array([point[:2] for point in points], np.float32)


def _is_coordinate(value: object) -> bool:
    """Tell whether a value is a number that a float32 can hold; to JSON's reader, true is no number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
