"""Joined digits may be cut where one ends and the next begins; most strokes are one digit, and stay whole."""

import itertools

import numpy as np
import pytest

from pipeline.recognise.strokes.cuts import MOST, parts_of
from pipeline.recognise.strokes.segment import Span
from tests.strokes import CURVES, drawn


def points(*places: tuple[float, float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array(places, np.float64)


@pytest.mark.parametrize("digit", CURVES)
def test_a_digit_is_not_cut(digit: str) -> None:
    for number, line in enumerate(drawn(digit, events=40, height=140, at=(0, 0))):
        assert parts_of(number, points(*line) / 140) == [Span(number, 0, 40)]


@pytest.mark.parametrize("events", [3, 30])
def test_digits_on_one_line_may_be_cut_between_them(events: int) -> None:
    first, second = (drawn(digit, events=events, height=140, at=(x, 0))[0] for digit, x in (("3", 0), ("2", 110)))
    stroke = points(*first, *second) / 140
    spans = parts_of(7, stroke)
    assert Span(7, 0, events) in spans or any(abs(span.stop - events) <= events // 4 for span in spans[:-1])
    assert (spans[0].start, spans[-1].stop) == (0, 2 * events)
    for before, after in itertools.pairwise(spans):
        assert before.stop - after.start in {0, 1}


def test_a_scribble_is_cut_a_few_times_at_most() -> None:
    zigzag = points(*((i / 2, i % 2) for i in range(100)))
    assert len(parts_of(0, zigzag)) == MOST + 1


def test_two_cuts_are_not_close_together() -> None:
    stroke = points((0, 0), (0, 1), (0.3, 0.5), (0.32, 0.55), (0.34, 0.5), (0.8, 0), (0.8, 1))
    spans = parts_of(0, stroke)
    assert len(spans) == 4, "at both ends of the middle line, and once where it wavers"
    assert min(span.stop - span.start for span in spans) >= 2


def test_dots_and_level_lines_stay_whole() -> None:
    assert parts_of(0, points((1, 1))) == [Span(0, 0, 1)]
    assert parts_of(0, points((0, 1), (3, 1))) == [Span(0, 0, 2)]
