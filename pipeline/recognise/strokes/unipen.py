"""UNIPEN files: pen strokes as they are published since 1994, with what they show told by component numbers.

A component is what `.PEN_DOWN` or `.PEN_UP` has points of; they are numbered from 0 within a set. `.SEGMENT CHARACTER
0-3 ? "5"` says that components 0 to 3 show a 5. Segments have levels, a word and its letters, say; a drawing is a
segment that holds no segment of a finer level. A file without segments is one drawing.

References
----------
I. Guyon, L. Schomaker, R. Plamondon, M. Liberman, S. Janet: UNIPEN project of on-line data exchange and recognizer
benchmarks. 12th International Conference on Pattern Recognition, 1994; and the definition of the format, version 1.0.
"""

import sys
from collections.abc import Iterable, Iterator
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import DataError
from pipeline.recognise.strokes.entries import COORDINATE, Entry, as_stroke, gathered, number_in, refuse
from pipeline.recognise.strokes.unipen_segments import Place, Places, Segment, placed, segment_of
from pipeline.recognise.strokes.unipen_statements import Statement, statements_of
from pipeline.types import Stroke

LABELLED_AS = '.SEGMENT CHARACTER 0-3 ? "5"'
RESOLUTIONS = {
    f"{axis}_POINTS_PER_{unit}": (axis, per_inch)
    for axis in "XY"
    for unit, per_inch in (("INCH", 1.0), ("MM", 25.4), ("CM", 2.54))
}
"""Words that tell how fine an axis is, and what turns their numbers into points per inch."""


class Setup(NamedTuple):
    """How coordinates are to be understood."""

    order: tuple[str, ...] = ("X", "Y")
    points_per_inch: tuple[float | None, float | None] = (None, None)  # of x and of y
    height: float = 0.0  # y upwards from 0 becomes y downwards from here


class Section(NamedTuple):
    """What the pen did between two statements."""

    stroke: Stroke | DataError  # or what is wrong with it
    is_down: bool

    @property
    def size(self) -> int:
        """How many points there are; more than can be asked for if they can't be read."""
        return sys.maxsize if isinstance(self.stroke, DataError) else len(self.stroke)


class Set(NamedTuple):
    """Components that are numbered together, and the segments of them."""

    sections: list[Section]
    segments: list[tuple[int, Segment]]  # each with its place among all segments of the file


def read_unipen(path: Path) -> Iterator[Entry | DataError]:
    """Yield the drawings of a UNIPEN file in the order of their segments, or what is wrong with them.

    Raises OSError if it can't be read; DataError if it is too large, or what it says of its coordinates is nothing.
    """
    sets, levels = _contents(statements_of(path))
    drawings = dict[int, tuple[Set, Segment, Places]]()
    for each in sets:
        sizes = [section.size for section in each.sections]
        segments = [segment for _, segment in each.segments]
        for (turn, segment), places in zip(each.segments, placed(segments, sizes, levels), strict=True):
            if places is not None:
                drawings[turn] = each, segment, places
    for turn in sorted(drawings):
        each, segment, places = drawings[turn]
        yield _entry(each.sections, segment.label, places, segment.where)
    if not drawings:
        sections = [section for each in sets for section in each.sections]
        yield _entry(sections, None, (Place(0, len(sections)),), str(path))


def _contents(statements: Iterable[Statement]) -> tuple[list[Set], tuple[str, ...]]:
    """Return the sets of a file, and its levels from the coarsest to the finest as far as they are told."""
    setup, levels, current, turn = Setup(), tuple[str, ...](), Set([], []), 0
    sets = {"": current}
    for statement in statements:
        if statement.word == "START_SET":
            current = sets.setdefault("".join(statement.words[:1]), Set([], []))
        elif statement.word in {"PEN_DOWN", "PEN_UP"}:
            current.sections.append(Section(_stroke(statement, setup), statement.word == "PEN_DOWN"))
        elif statement.word == "SEGMENT":
            current.segments.append((turn, segment_of(statement, len(current.sections))))
            turn += 1
        elif statement.word == "HIERARCHY":
            levels = tuple(word.upper() for word in statement.words)
        else:
            setup = _changed(setup, statement)
    return list(sets.values()), levels


def _changed(setup: Setup, statement: Statement) -> Setup:
    """Return the setup after a statement that may tell of it."""
    if statement.word == "COORD":
        order = tuple(word.upper() for word in statement.words)
        if order.count("X") != 1 or order.count("Y") != 1:
            refuse(statement.where, ".COORD to name X and Y once each", " ".join(order))
        return setup._replace(order=order)
    if statement.word == "Y_DIM":
        return setup._replace(height=_amount(statement) or 0.0)
    if statement.word in RESOLUTIONS:
        axis, per_inch = RESOLUTIONS[statement.word]
        told, (x, y) = _amount(statement), setup.points_per_inch
        amount = told and told * per_inch
        return setup._replace(points_per_inch=(amount, y) if axis == "X" else (x, amount))
    return setup


def _amount(statement: Statement) -> float | None:
    """Return the number above 0 that a statement tells, or None where it tells that nobody knows."""
    word = "".join(statement.words[:1])
    if word in {"", "?"}:
        return None
    expected = f".{statement.word} to tell a number above 0"
    amount = number_in(word, statement.where, expected)
    if amount <= 0 or not isfinite(amount):
        refuse(statement.where, expected, word)
    return amount


def _stroke(statement: Statement, setup: Setup) -> Stroke | DataError:
    """Return the points of a component, y downwards and in the unit of x, or what is wrong with them."""
    x, y, width = setup.order.index("X"), setup.order.index("Y"), len(setup.order)
    values = list[tuple[float, float]]()
    try:
        for number, line in enumerate(statement.lines, start=statement.line):
            words, where = line.split(), f"{statement.path}, line {number}"
            if len(words) % width:
                refuse(where, f"points of {width} numbers, {' '.join(setup.order)}", line.strip())
            values += [
                (
                    number_in(words[i + x], where, f"{COORDINATE} as x"),
                    setup.height - number_in(words[i + y], where, f"{COORDINATE} as y"),
                )
                for i in range(0, len(words), width)
            ]
        return as_stroke(values, (1.0, _stretch(setup)), statement.where)
    except DataError as error:
        return error


def _stretch(setup: Setup) -> float:
    """Return what turns the unit of y into that of x; 1 where not both are told."""
    x, y = setup.points_per_inch
    return x / y if x and y else 1.0


def _entry(sections: list[Section], label: str | None, places: Places, where: str) -> Entry | DataError:
    """Return the drawing that lies in some places, or what is wrong with it."""
    if isinstance(places, DataError):
        return places
    try:
        strokes = (stroke for place in places for stroke in _strokes(sections, place))
        return Entry(gathered(strokes, where), label, where, LABELLED_AS)
    except DataError as error:
        return error


def _strokes(sections: list[Section], place: Place) -> Iterator[Stroke]:
    """Yield the strokes in a place, cut where it begins or ends within one.

    Raises DataError if one can't be read.
    """
    for number in range(place.first, place.end):
        section = sections[number]
        if not section.is_down:
            continue
        if isinstance(section.stroke, DataError):
            raise section.stroke
        begin = place.begin if number == place.first else 0
        stop = place.stop if number == place.end - 1 else None
        if len(points := section.stroke[begin:stop]):
            yield points
