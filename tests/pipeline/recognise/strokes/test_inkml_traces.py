"""The text of a trace: values, differences, and what is neither."""

import re

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes.inkml_formats import Format
from pipeline.recognise.strokes.inkml_traces import stroke_of

TEXTS: list[tuple[str, list[list[float]]]] = [
    ("10 20", [[10, 20]]),
    ("\n 1.5 -2,\t3e1 .5 ,", [[1.5, -2], [30, 0.5]]),
    ("10 20, '3'-4, 1 1, 0-2", [[10, 20], [13, 16], [14, 17], [14, 15]]),
    # Velocities (23, 43), then second differences to the end: (30, 35), (33, 30), (40, 27), (46, 29).
    ("1125 18432,'23'43,\"7\"-8,3-5,7 -3,6 2", [[1125, 18432], [1148, 18475], [1178, 18510], [1211, 18540],
                                               [1251, 18567], [1297, 18596]]),
    ("0 0, '1 \"1, 1 1, !7 !8, 9 9", [[0, 0], [1, 1], [2, 3], [7, 8], [9, 9]]),
    ("0 0, 5 *, \"1 '3, * *, 1 1", [[0, 0], [5, 0], [11, 3], [11, 3], [12, 4]]),
    ("5 5, ! 6 ' - 1", [[5, 5], [6, 4]]),
    ("#1F -#a, '#1 '-#1", [[31, -10], [32, -11]]),
    ("1 2 T 7, 3 4 ? *, 5 6F8", [[1, 2], [3, 4], [5, 6]]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "points"), TEXTS)
def test_what_a_trace_tells(text: str, points: list[list[float]]) -> None:
    np.testing.assert_array_equal(stroke_of(text, Format(), "here"), np.array(points, np.float32), strict=True)


def test_channels_have_their_places_and_scales() -> None:
    found = stroke_of("9 1 8 2, '9 '1 '8 '2", Format(3, 1, 4, -1.0, 2.0), "here")
    assert found.tolist() == [[-2, 2], [-4, 4]]


FAULTS = [
    ("", 'point 1: expected 2 values, found ""'),
    ("1", 'point 1: expected 2 values, found "1"'),
    ("1 2,,3 4", 'point 2: expected 2 values, found ""'),
    ("1 2,3 x", 'point 2: expected numbers, found "x"'),
    ("1 2 : 3", 'point 1: expected numbers, found ": 3"'),
    ("? 2", 'point 1, x: expected a finite number of at most 3.4e+38, found "?"'),
    ("1 2, 3 T", 'point 2, y: expected a finite number of at most 3.4e+38, found "T"'),
    ("* 2", "point 1, x: expected a finite number"),
    ("1 '2", 'point 1, y: expected a finite number of at most 3.4e+38, found "\'2"'),
    ("1e39 2", ": expected a finite number of at most 3.4e+38, found 1e+39"),
    ("1 1e999, 2 '-1e999", ": expected a finite number of at most 3.4e+38, found Infinity"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_what_is_no_trace_says_where_and_why(text: str, message: str) -> None:
    with pytest.raises(DataError, match=f"^{re.escape('here' + (', ' if message[0] == 'p' else '') + message)}"):
        stroke_of(text, Format(), "here")
