"""The ink of a digit: strokes whole or in part, with the box around it."""

import numpy as np

from pipeline.recognise.strokes.segment import Span, group_of, joined, part_of, whole_of
from pipeline.types import Drawing

LINES: tuple[list[list[int]], ...] = [[0, 0], [2, 8], [4, 0]], [], [[9, 1]]
DRAWING = Drawing(tuple(np.array(line, np.float32).reshape(-1, 2) for line in LINES), 20, 10)


def test_the_whole_is_all_strokes_that_have_points() -> None:
    (group,) = whole_of(DRAWING)
    assert group == ((0, 2), (0, 0, 9, 8), (Span(0, 0, 3), Span(2, 0, 1)))
    assert [len(stroke) for stroke in part_of(DRAWING, group).strokes] == [3, 1]
    assert whole_of(Drawing(())) == whole_of(Drawing(DRAWING.strokes[1:2])) == ()


def test_a_part_of_a_stroke_has_a_box_of_its_own() -> None:
    group = group_of(DRAWING, [Span(2, 0, 1), Span(0, 1, 3)])
    assert group == ((0, 2), (2, 0, 9, 8), (Span(0, 1, 3), Span(2, 0, 1)))
    part = part_of(DRAWING, group)
    np.testing.assert_array_equal(part.strokes[0], DRAWING.strokes[0][1:])
    assert part[1:] == (20, 10)


def test_spans_that_follow_one_another_are_one() -> None:
    assert joined([Span(0, 5, 9), Span(0, 0, 4), Span(0, 3, 5), Span(1, 9, 12)]) == (Span(0, 0, 9), Span(1, 9, 12))
    assert joined([Span(0, 0, 4), Span(0, 5, 9)]) == (Span(0, 0, 4), Span(0, 5, 9))
