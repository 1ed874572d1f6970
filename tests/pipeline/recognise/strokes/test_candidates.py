"""Candidates: what is surely one digit is one, what is surely two is two, and in between all is left open."""

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes.candidates import MOST_NEAR, MOST_PIECES, candidates_in
from pipeline.recognise.strokes.segment import Span
from pipeline.types import Drawing, Stroke
from tests.strokes import CURVES, drawn


def strokes(digit: str, x: float = 0, y: float = 0) -> list[Stroke]:
    return [np.array(line, np.float32) for line in drawn(digit, events=12, height=140, at=(x, y))]


def lines(*ends: tuple[float, float, float, float]) -> Drawing:
    return Drawing(tuple(np.array([[a, b], [c, d]], np.float32) for a, b, c, d in ends))


@pytest.mark.parametrize("digit", CURVES)
def test_all_strokes_of_a_digit_are_a_candidate_wherever_and_however_large(digit: str) -> None:
    found = []
    for scale, shift in ((1, 0), (0.01, -3), (100, 1e5)):
        drawing = Drawing(tuple((stroke * np.float64(scale) + shift).astype(np.float32) for stroke in strokes(digit)))
        (((pieces, orders, groups),),) = candidates_in(drawing)
        assert tuple(range(len(pieces))) in groups
        found.append((len(pieces), orders, groups))
    assert found[0] == found[1] == found[2]


def test_far_apart_there_is_no_choice() -> None:
    ((first, second),) = candidates_in(Drawing((*strokes("3", 200), *strokes("0"))))
    assert [each.groups for each in (first, second)] == [((0,),), ((0,),)]
    assert [each.spans_of(0) for each in (first, second)] == [(Span(1, 0, 12),), (Span(0, 0, 12),)]


def test_what_lies_across_is_one_even_as_a_third_stroke_joins_two() -> None:
    cross = lines((0, 0, 60, 100), (0, 100, 60, 0))
    (((pieces, _, groups),),) = candidates_in(cross)
    assert (len(pieces), groups) == (1, ((0,),))
    joined = lines((40, 0, 0, 100), (60, 0, 100, 100), (0, 50, 100, 50))
    (((pieces, _, groups),),) = candidates_in(joined)
    assert (len(pieces), groups) == (1, ((0,),))


def test_strokes_may_go_together_from_the_left_or_in_time() -> None:
    # The second digit's stem was drawn between the strokes of the first one.
    (((pieces, orders, groups),),) = candidates_in(lines((0, 0, 0, 100), (16, 0, 16, 100), (8, 0, 8, 100)))
    assert [piece.spans[0].stroke for piece in pieces] == [0, 2, 1]
    assert orders == ((0, 1, 2), (0, 2, 1))
    assert set(groups) == {(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2), (0, 2)}


def test_what_is_wider_than_a_digit_is_none() -> None:
    (((_, _, groups),),) = candidates_in(lines((0, 0, 90, 10), (90, 100, 180, 90)))
    assert groups == ((0,), (1,))


@pytest.mark.parametrize(("count", "pieces"), [(MOST_PIECES + 3, MOST_PIECES), (MOST_NEAR + 1, 1)])
def test_many_strokes_close_together_take_no_longer(count: int, pieces: int) -> None:
    ((*clusters,),) = candidates_in(lines(*((15 * i, 0, 15 * i, 100) for i in range(count))))
    assert max(len(cluster.pieces) for cluster in clusters) <= pieces
    found = sorted(span for cluster in clusters for piece in cluster.pieces for span in piece.spans)
    assert found == [Span(i, 0, 2) for i in range(count)]


def test_a_stroke_that_may_be_two_digits_is_left_whole_or_cut() -> None:
    first, second = strokes("3"), strokes("2", 110)
    (((pieces, _, groups),),) = candidates_in(Drawing((np.concatenate(first + second),)))
    assert len(pieces) >= 2
    assert {tuple(range(len(pieces))), *((i,) for i in range(len(pieces)))} <= set(groups)


def test_rows_come_from_above_and_strokes_without_points_nowhere() -> None:
    empty = np.empty((0, 2), np.float32)
    rows = candidates_in(Drawing((*strokes("0", 0, 300), empty, *strokes("1"))))
    assert [[cluster.spans_of(0) for cluster in row] for row in rows] == [[(Span(2, 0, 12),)], [(Span(0, 0, 12),)]]
    assert candidates_in(Drawing((empty,))) == []
    with pytest.raises(DataError, match="expected finite coordinates"):
        candidates_in(lines((0, 0, 0, np.inf)))


def test_dots() -> None:
    dot = np.array([[5, 5]], np.float32)
    (((pieces, _, groups),),) = candidates_in(Drawing((dot, dot)))
    assert (len(pieces), set(groups)) == (2, {(0,), (1,), (0, 1)})
