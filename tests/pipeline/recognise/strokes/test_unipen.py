"""UNIPEN files, as they are published."""

import re
from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.rasterize import render
from pipeline.recognise.strokes.unipen import read_unipen

DIGITS = """\
.INCLUDE writers.doc
.LEXICON "0" "1" "2" "3" "4" "5" "6" "7" "8" "9"
.HIERARCHY DIGIT
.SEGMENT DIGIT 0 ? "7"
.COMMENT 7 3 11
.PEN_DOWN
  100  400
  180  400
  120  250
.PEN_UP
.DT 100
.SEGMENT DIGIT 1-2 ? "4"
.PEN_DOWN
 300 400
 290 320
 350 320
.PEN_UP
.DT 90
.PEN_DOWN
 330 400
 330 240
.PEN_UP
"""
SEVEN, FOUR = [[[100, -400], [180, -400], [120, -250]]], [[300, -400], [290, -320], [350, -320]]
PAGE = """\
.START_SET first
.HIERARCHY PAGE WORD CHARACTER
.COORD X Y T P
.X_DIM 800
.Y_DIM 600
.X_POINTS_PER_INCH 100
.Y_POINTS_PER_INCH 200
.PEN_UP
0 0 0 0
1 1 9 0
.PEN_DOWN
10 600 10 .5  20 500 20 .5
30 400 30 .4
.PEN_DOWN
40 200 40 .3
.START_SET second
.PEN_DOWN
1 2 3 4
.SEGMENT CHARACTER 0 ? "2"
.START_SET first
.SEGMENT PAGE 0-2
.SEGMENT WORD 0-2 OK "11"
.SEGMENT CHARACTER 0-1:1 OK "1"
.SEGMENT CHARACTER 1:2-2 OK "1"
"""


def read(folder: Path, text: str) -> list[Entry | DataError]:
    (folder / "u.dat").write_text(text)
    return list(read_unipen(folder / "u.dat"))


def drawings_in(folder: Path, text: str) -> list[tuple[list[list[list[float]]], str | None, str]]:
    entries = [entry for entry in read(folder, text) if isinstance(entry, Entry)]
    place = f"{folder / 'u.dat'}"
    return [
        ([stroke.tolist() for stroke in entry.drawing.strokes], entry.label, entry.where.removeprefix(place))
        for entry in entries
    ]


def test_digits_one_after_the_other(tmp_path: Path) -> None:
    seven, four = drawings_in(tmp_path, DIGITS)
    assert seven == (SEVEN, "7", ", line 4")
    assert four == ([FOUR, [[330, -400], [330, -240]]], "4", ", line 12")


def test_levels_sets_units_and_cuts(tmp_path: Path) -> None:
    assert drawings_in(tmp_path, PAGE) == [
        ([[[1, 299]]], "2", ", line 19"),
        ([[[10, 0], [20, 50]]], "1", ", line 23"),
        ([[[30, 100]], [[40, 200]]], "1", ", line 24"),
    ]


@pytest.mark.parametrize(
    ("resolutions", "y"),
    [
        ("", 10),
        (".X_POINTS_PER_MM 4", 10),
        (".X_POINTS_PER_MM 4\n.Y_POINTS_PER_INCH 101.6", 10),
        (".X_POINTS_PER_CM 40\n.Y_POINTS_PER_MM 2", 20),
        (".X_POINTS_PER_MM 4\n.Y_POINTS_PER_MM ?", 10),
        (".Y_POINTS_PER_MM 4\n.X_POINTS_PER_MM", 10),
    ],
)
def test_x_and_y_come_in_one_unit(tmp_path: Path, resolutions: str, y: float) -> None:
    ((strokes, _, _),) = drawings_in(tmp_path, f"{resolutions}\n.PEN_DOWN\n3 -10")
    assert strokes == [[[3, pytest.approx(y)]]]


def test_a_digit_stands_upright(tmp_path: Path) -> None:
    seven = next(iter(read(tmp_path, DIGITS)))
    assert isinstance(seven, Entry)
    image = render(seven.drawing, (28, 28))
    assert image is not None
    rows = (image.reshape(28, 28) > 127).sum(axis=1)
    assert rows[:10].max() > 10 > rows[14:].max(), "the bar of a 7 is at its top"


def test_a_file_without_segments_is_one_drawing(tmp_path: Path) -> None:
    text = re.sub(r"\.SEGMENT.*\n", "", DIGITS)
    assert drawings_in(tmp_path, text) == [([*SEVEN, FOUR, [[330, -400], [330, -240]]], None, "")]
    (error,) = read(tmp_path, ".VERSION 1.0\n.PEN_DOWN\n.PEN_UP\n1 2")
    assert str(error) == f"{tmp_path / 'u.dat'}: expected strokes, found none; leave out what is not drawn."


FAULTS = [
    (".PEN_DOWN\n1 2\n1 2 3", 'line 3: expected points of 2 numbers, X Y, found "1 2 3".'),
    (".COORD X Y T\n.PEN_DOWN\n1 2\n3 4\n5 6", "line 3: expected points of 3 numbers, X Y T"),
    (".PEN_DOWN 1 2\n1 two", 'line 2: expected a finite number of at most 3.4e+38 as y, found "two"'),
    (".PEN_DOWN\nnan 2", "line 2: expected a finite number of at most 3.4e+38 as x"),
    (".PEN_DOWN\n1 1e39", "line 1: expected a finite number of at most 3.4e+38, found -1e+39"),
    (".PEN_DOWN\n1 1e999", "line 1: expected a finite number of at most 3.4e+38, found -Infinity"),
    ('.PEN_DOWN\n1 2\n.SEGMENT DIGIT 1 ? "2"', "line 3: expected components from 0 to 0, in order, found 1"),
    (".PEN_DOWN\n1 two\n.SEGMENT DIGIT 0:0-0:9", "line 2: expected a finite number"),
    (".PEN_DOWN\n1 2\n.PEN_UP 1 2\n.SEGMENT DIGIT 1", "line 4: expected strokes, found none"),
    ('.SEGMENT DIGIT ? "1"\n.SEGMENT DIGIT ? "2"\n.PEN_DOWN\n1 2', "line 1: expected strokes, found none"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_what_is_wrong_with_a_drawing_is_told(tmp_path: Path, text: str, message: str) -> None:
    error = read(tmp_path, text)[0]
    assert isinstance(error, DataError)
    assert str(error).startswith(f"{tmp_path / 'u.dat'}, {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".COORD Y T", 'line 1: expected .COORD to name X and Y once each, found "Y T"'),
        (".COORD X Y X", "line 1: expected .COORD"),
        ("\n.Y_DIM -5", 'line 2: expected .Y_DIM to tell a number above 0, found "-5"'),
        (".Y_DIM wide", 'line 1: expected .Y_DIM to tell a number above 0, found "wide"'),
        (".X_POINTS_PER_INCH 1e999", "line 1: expected .X_POINTS_PER_INCH to tell"),
    ],
)
def test_what_makes_all_coordinates_meaningless_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(f"u.dat, {message}")):
        read(tmp_path, f"{text}\n.PEN_DOWN\n1 2")
