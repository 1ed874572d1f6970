"""The segments of a UNIPEN file: which points they are, and which of them are drawings.

A delineation names components, from 0, and points of them, from 0, the last of a range included: `0:10-2:5`, `0-3,7`.
Without one (`?`), a segment is what follows its statement, up to the next of its level or a coarser one that has none.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from pipeline.errors import DataError
from pipeline.recognise.strokes.unipen_statements import Statement

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
WHITE = {"n": "\n", "t": "\t"}
PARTED = re.compile(r"(?<=\d)\s*([-,:])\s*(?=\d)")
"""Space within a delineation."""
RANGE = re.compile(r"(\d{1,9})(?::(\d{1,9}))?(?:-(\d{1,9})(?::(\d{1,9}))?)?", re.ASCII)


class Segment(NamedTuple):
    """What a statement says of a segment."""

    level: str  # in capitals
    delineation: str  # empty where the segment is what follows
    label: str | None
    after: int  # sections of its set before it
    where: str  # what messages call the place


class Place(NamedTuple):
    """Sections of a set that follow one another, and the points of them."""

    first: int
    end: int  # the section after the last
    begin: int = 0  # the first point of the first
    stop: int | None = None  # the point after the last one of the last; None for all


Places: TypeAlias = tuple[Place, ...] | DataError
"""Where the ink of a segment is, or what is wrong with what is said of it."""


def segment_of(statement: Statement, after: int) -> Segment:
    """Return what `.SEGMENT` says: level, delineation, quality and label, all but the level optional."""
    text = "\n".join(statement.lines)
    quoted = QUOTED.search(text)
    words = PARTED.sub(r"\1", text[: quoted.start()] if quoted else text).split()
    level, words = words[0].upper() if words else "", words[1:]
    delineation = words[0] if words and words[0][0].isdigit() else ""
    label = words[2] if len(words) > 2 else None  # noqa: PLR2004 -- after delineation and quality
    if quoted:
        label = ESCAPED.sub(lambda found: WHITE.get(found[1], found[1]), " ".join(quoted[1].split()))
    return Segment(level, delineation, label, after, statement.where)


def placed(segments: Sequence[Segment], sizes: Sequence[int], levels: Sequence[str]) -> Iterator[Places | None]:
    """Yield where the ink of each segment of a set is, or what is wrong with it; None for one that holds finer ones.

    Parameters
    ----------
    segments : sequence
        In the order of the file.
    sizes : sequence
        How many points each section of the set has.
    levels : sequence
        From the coarsest to the finest; those that are not among them come after, in the order of their segments.
    """
    ranks = {level: rank for rank, level in enumerate(dict.fromkeys([*levels, *(each.level for each in segments)]))}
    numbers = _numbers(segments, sizes)
    ends = _ends(segments, ranks, len(sizes))
    places = [
        _places(each, numbers, sizes) if each.delineation else (Place(each.after, end),)
        for each, end in zip(segments, ends, strict=True)
    ]
    finest = np.zeros(len(sizes), np.intp)
    for segment, found in zip(segments, places, strict=True):
        for place in () if isinstance(found, DataError) else found:
            within = finest[place.first : place.end]
            np.maximum(within, ranks[segment.level], out=within)
    for segment, found in zip(segments, places, strict=True):
        rank = ranks[segment.level]
        is_whole = isinstance(found, DataError) or all((finest[each.first : each.end] <= rank).all() for each in found)
        yield found if is_whole else None


def _numbers(segments: Sequence[Segment], sizes: Sequence[int]) -> list[int]:
    """Return the sections that have numbers: the first number is 0.

    Some programs count a `.PEN_UP` without points as a component, most don't. It is told by the highest number: with
    most of them there are as many components as are named.
    """
    filled = [section for section, size in enumerate(sizes) if size]
    named = [int(number) for each in segments for number in re.findall(r"(?:^|[-,])(\d{1,9})\b", each.delineation)]
    return filled if max(named, default=0) < len(filled) else list(range(len(sizes)))


def _ends(segments: Sequence[Segment], ranks: dict[str, int], sections: int) -> list[int]:
    """Return where each segment that is what follows it ends; for the others the numbers mean nothing."""
    nearest, ends = np.full(len(ranks), sections), list[int]()
    for segment in reversed(segments):
        rank = ranks[segment.level]
        ends.append(int(nearest[: rank + 1].min()))
        if not segment.delineation:
            nearest[rank] = segment.after
    return ends[::-1]


def _places(segment: Segment, numbers: Sequence[int], sizes: Sequence[int]) -> Places:
    """Return the places that a delineation names, or what is wrong with it."""
    try:
        return tuple(_place(part, numbers, sizes) for part in segment.delineation.split(","))
    except ValueError as error:
        return DataError(f"{segment.where}: {error}")


def _place(part: str, numbers: Sequence[int], sizes: Sequence[int]) -> Place:
    """Return the place that a part of a delineation names.

    Raises ValueError if there is none.
    """
    found = RANGE.fullmatch(part)
    if not found:
        raise ValueError(f"expected components such as 0-3 or 0:10-2:5, found {part[:40]!r}.")
    first, begin = int(found[1]), int(found[2] or 0)
    last, told = (int(found[3]), found[4]) if found[3] else (first, found[2])
    stop = None if told is None else int(told)
    if not numbers:
        raise ValueError(f"expected components {part}, found no ink; put what `.INCLUDE` names beside the file.")
    if not first <= last < len(numbers):
        raise ValueError(f"expected components from 0 to {len(numbers) - 1}, in order, found {part}.")
    for number, point in ((first, begin), (last, stop or 0)):
        if point and point >= (size := sizes[numbers[number]]):
            raise ValueError(f"expected points from 0 to {size - 1} of component {number}, found {part}.")
    return Place(numbers[first], numbers[last] + 1, begin, None if stop is None else stop + 1)
