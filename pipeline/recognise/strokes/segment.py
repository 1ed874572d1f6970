"""Which ink of a drawing is one digit's: strokes, or parts of them where a stroke holds several digits."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from pipeline.types import Drawing


class Span(NamedTuple):
    """Points of a stroke that follow one another."""

    stroke: int  # its position in the drawing
    start: int  # the first of the points
    stop: int  # past the last of them


class Group(NamedTuple):
    """The ink of one digit."""

    strokes: tuple[int, ...]  # the positions of its strokes in the drawing, in order
    # Left, top, right and bottom of their points, in the unit of the drawing.
    box: tuple[float, float, float, float]
    spans: tuple[Span, ...] = ()  # which points of the strokes, in order; none of a picture's


def whole_of(drawing: Drawing) -> tuple[Group, ...]:
    """Return all strokes as those of one digit; nothing where none has a point."""
    spans = [Span(number, 0, len(stroke)) for number, stroke in enumerate(drawing.strokes) if len(stroke)]
    return (group_of(drawing, spans),) if spans else ()


def group_of(drawing: Drawing, spans: Iterable[Span]) -> Group:
    """Return the ink of a digit that these points are of, one span at least; none is empty."""
    spans = joined(spans)
    points = np.concatenate([np.asarray(drawing.strokes[i][start:stop], np.float64) for i, start, stop in spans])
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Group(tuple(dict.fromkeys(span.stroke for span in spans)), (left, top, right, bottom), spans)


def part_of(drawing: Drawing, group: Group) -> Drawing:
    """Return the drawing of one digit alone."""
    return drawing._replace(strokes=tuple(drawing.strokes[i][start:stop] for i, start, stop in group.spans))


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in the order of their strokes, with those as one that follow one another without a point between."""
    found = list[Span]()
    for span in sorted(spans):
        if found and found[-1].stroke == span.stroke and span.start <= found[-1].stop:
            span = found.pop()._replace(stop=span.stop)  # noqa: PLW2901 -- it has grown
        found.append(span)
    return tuple(found)
