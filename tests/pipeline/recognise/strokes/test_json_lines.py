"""Drawings as lines of JSON: what is written reads back, and what is no drawing says where and why."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.errors import DataError
from pipeline.recognise.strokes import json_lines
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.json_lines import drawing_to_json, parse_line
from pipeline.recognise.strokes.stroke_files import read_drawings, read_entries
from pipeline.types import Drawing, Stroke

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
strokes = st.integers(1, 9).flatmap(lambda n: arrays(np.float32, (n, 2), elements=finite))


@given(st.lists(strokes, min_size=1, max_size=4))
def test_what_is_written_reads_back(ink: list[npt.NDArray[np.float32]]) -> None:
    found = parse_line(drawing_to_json(Drawing(tuple(ink))), "here").drawing
    assert len(found.strokes) == len(ink)
    for stroke, expected in zip(found.strokes, ink, strict=True):
        np.testing.assert_array_equal(stroke, expected, strict=True)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.fixed_dictionaries({"strokes": inner}),
)


@given(json_values.map(lambda value: str(value).replace("'", '"')) | st.binary(max_size=30))
def test_whatever_a_line_holds_it_is_a_drawing_or_a_data_error(line: str | bytes) -> None:
    message = ""
    strokes: tuple[Stroke, ...] = ()
    try:
        strokes = parse_line(line, "here").drawing.strokes
    except DataError as error:
        message = str(error)
    assert strokes or (message.startswith("here") and "expected" in message)
    assert all(stroke.shape[1] == 2 and np.isfinite(stroke).all() for stroke in strokes)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "d.jsonl, line 3, column 2: expected .* found no JSON"),
        ("[1, 2]", r"line 3: expected \{.*, found \[1, 2\]"),
        ('{"label": 1}', "line 3: expected .*, found"),
        ('{"strokes": 5}', "line 3: expected a list of strokes, found 5"),
        ('{"strokes": []}', "line 3: expected strokes, found none"),
        ('{"strokes": [[]]}', "line 3, stroke 1: expected points, found none"),
        ('{"strokes": [7]}', "line 3, stroke 1: expected a list of points, found 7"),
        ('{"strokes": [[[1, 2], [1]]]}', r"stroke 1, point 2: expected \[x, y\], found \[1\]"),
        ('{"strokes": [[[1, "2"]]]}', 'stroke 1, point 1: expected a finite number .* as y, found "2"'),
        ('{"strokes": [[[true, 2]]]}', "as x, found true"),
        ('{"strokes": [[[1, NaN]]]}', "as y, found NaN"),
        ('{"strokes": [[[-Infinity, 1]]]}', "as x, found -Infinity"),
        ('{"strokes": [[[1e39, 1]]]}', "as x, found 1e\\+39"),
        ('{"strokes": [[[1%s, 1]]]}' % ("0" * 400), "as x, found 10{36}…"),
        ('{"strokes": [[[1%s, 1]]]}' % ("0" * 5000), "found what can't be read"),
        ("[" * 100_000, "found what can't be read"),
        ('{"strokes": [[[1, 2]]], "name": "\udcff"}', "expected text in UTF-8"),
    ],
)
def test_what_is_no_drawing_says_where_and_why(in_tmp_path: Path, line: str, message: str) -> None:
    path = Path("d.jsonl")
    content = '{"strokes": [[[1, 2]]]}\n\n' + line + '\n{"strokes": [[[3, 4]]]}\n'
    (in_tmp_path / path).write_bytes(content.encode(errors="surrogateescape"))
    before, error, after = read_drawings(path)
    assert isinstance(before, Drawing)
    assert isinstance(after, Drawing), "a bad line does not hide those below it"
    assert after.strokes[0].tolist() == [[3, 4]]
    assert isinstance(error, DataError)
    assert re.search(message, str(error))
    assert "d.jsonl, line 3" in str(error)


def test_extra_keys_numbers_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"label": 1, "strokes": [[[1, 2, 99, 0.5], [3, 4]]]}\r\n  \r\n{"strokes": [[[5, 6]]]}'
    )
    first, second = read_drawings(path)
    assert isinstance(first, Drawing)
    assert isinstance(second, Drawing)
    np.testing.assert_array_equal(first.strokes[0], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(second.strokes[0], [[5, 6]])


def test_labels_come_with_their_drawings(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(
        '{"label": 7, "strokes": [[[1, 2]]]}\n{"strokes": [[[1, 2]]]}\n{\n{"label": "x", "strokes": [[[3, 4]]]}\n'
    )
    first, second, error, last = read_entries(path)
    assert isinstance(error, DataError)
    for line, label, number in ((first, 7, 1), (second, None, 2), (last, "x", 4)):
        assert isinstance(line, Entry)
        assert (line.label, line.where) == (label, f"{path}, line {number}")
    assert isinstance(last, Entry)
    assert last.drawing.strokes[0].tolist() == [[3, 4]]


def test_bounds_on_points_and_on_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text('{"strokes": [[[1, 2], [3, 4]], [[5, 6]]]}')
    monkeypatch.setattr(json_lines, "MAX_POINTS", 2)
    (error,) = read_drawings(path)
    assert "line 1: expected at most 2 points, found 3" in str(error)


@pytest.mark.parametrize("length", [24, 25, 47, 48, 49, 100])
def test_a_line_that_is_too_long_is_passed_over_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE", 24)  # with the line's end
    path = tmp_path / "d.jsonl"
    path.write_text('{"strokes": [[[1, 2]]]}\n' + "x" * length + '\n{"strokes": [[[3, 4]]]}\n' + "y" * length)
    before, error, after, last = read_drawings(path)
    assert isinstance(before, Drawing)
    assert "line 2: expected at most 24 bytes, found more" in str(error)
    assert isinstance(after, Drawing)
    assert "line 4" in str(last)
