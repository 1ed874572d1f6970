"""Segments: which points a delineation names, and which segments are drawings."""

from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes.unipen_segments import Place, Places, Segment, placed, segment_of
from pipeline.recognise.strokes.unipen_statements import Statement


def segment(text: str, after: int = 0) -> Segment:
    return segment_of(Statement("SEGMENT", Path("u"), 3, tuple(text.split("\n"))), after)


SAID: list[tuple[str, tuple[str, str, str | None]]] = [
    ('CHARACTER 0-3 ? "5"', ("CHARACTER", "0-3", "5")),
    ('digit 0 "5"', ("DIGIT", "0", "5")),
    ('DIGIT ? "8"', ("DIGIT", "", "8")),
    ('DIGIT ? ? "8"', ("DIGIT", "", "8")),
    ('WORD 0 - 2 , 4 : 1 - 4 : 5 OK "a b\n\t c"', ("WORD", "0-2,4:1-4:5", "a b c")),
    ('WORD 0-2 - "x"', ("WORD", "0-2", "x")),
    (r'WORD 1 ? "a\"b\\\n"', ("WORD", "1", 'a"b\\\n')),
    ("DIGIT 0-3 OK 5", ("DIGIT", "0-3", "5")),
    ("DIGIT 0-3 OK", ("DIGIT", "0-3", None)),
    ('DIGIT 0 ? ""', ("DIGIT", "0", "")),
    ("CHARACTER", ("CHARACTER", "", None)),
    ("", ("", "", None)),
]


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_what_a_statement_says(text: str, expected: tuple[str, str, str | None]) -> None:
    found = segment(text, 7)
    assert (found.level, found.delineation, found.label) == expected
    assert (found.after, found.where) == (7, "u, line 3")


def places_of(*segments: Segment, sizes: tuple[int, ...], levels: tuple[str, ...] = ()) -> list[Places | None]:
    return list(placed(segments, sizes, levels))


NAMED = [
    ("0", (Place(0, 1),)),
    ("0-2", (Place(0, 3),)),
    ("0,2", (Place(0, 1), Place(2, 3))),
    ("0:1-2:3", (Place(0, 3, 1, 4),)),
    ("1:2-2", (Place(1, 3, 2),)),
    ("0-2:0", (Place(0, 3, 0, 1),)),
    ("1:3", (Place(1, 2, 3, 4),)),
]


@pytest.mark.parametrize(("delineation", "expected"), NAMED)
def test_which_points_are_named(delineation: str, expected: Places) -> None:
    assert places_of(segment(f"DIGIT {delineation}"), sizes=(4, 4, 4)) == [expected]


FAULTS = [
    ("3", "expected components from 0 to 2, in order, found 3"),
    ("2-1", "expected components from 0 to 2, in order, found 2-1"),
    ("0-999999999", "expected components from 0 to 2"),
    ("0-9999999999", "expected components such as 0-3 or 0:10-2:5, found '0-9999999999'"),
    ("0-1-2", "expected components such as"),
    ("0,,1", "expected components such as 0-3 or 0:10-2:5, found ''"),
    ("1:4", "expected points from 0 to 3 of component 1, found 1:4"),
    ("0:1-2:4", "expected points from 0 to 3 of component 2"),
    ("0x", "expected components such as 0-3 or 0:10-2:5, found '0x'"),
]


@pytest.mark.parametrize(("delineation", "message"), FAULTS)
def test_what_is_not_there_is_told(delineation: str, message: str) -> None:
    error, fine = places_of(segment(f"DIGIT {delineation}"), segment("DIGIT 0"), sizes=(4, 4, 4))
    assert isinstance(error, DataError)
    assert str(error).startswith(f"u, line 3: {message}")
    assert fine == (Place(0, 1),)


def test_ink_that_is_elsewhere_is_asked_for() -> None:
    (error,) = places_of(segment("DIGIT 3-4"), sizes=())
    assert str(error) == "u, line 3: expected components 3-4, found no ink; put what `.INCLUDE` names beside the file."


def test_sections_without_points_are_numbered_only_if_they_must_be() -> None:
    assert places_of(segment("DIGIT 0"), segment("DIGIT 1"), sizes=(3, 0, 3, 0)) == [(Place(0, 1),), (Place(2, 3),)]
    assert places_of(segment("DIGIT 0"), segment("DIGIT 2"), sizes=(3, 0, 3, 0)) == [(Place(0, 1),), (Place(2, 3),)]
    assert places_of(segment("DIGIT 0:2-1:2"), sizes=(3, 0, 3, 0)) == [(Place(0, 3, 2, 3),)]


def test_the_finest_segments_are_drawings() -> None:
    words = segment("WORD 0-2"), segment("DIGIT 0:0-1:2"), segment("DIGIT 1:3-2"), segment("WORD 3-4")
    expected = [None, (Place(0, 2, 0, 3),), (Place(1, 3, 3),), (Place(3, 5),)]
    assert places_of(*words, sizes=(4,) * 5) == expected
    assert places_of(*words[1:], words[0], sizes=(4,) * 5, levels=("WORD", "DIGIT")) == [*expected[1:], None]
    assert places_of(*words, sizes=(4,) * 5, levels=("DIGIT", "WORD")) == [(Place(0, 3),), None, None, (Place(3, 5),)]


def test_without_a_delineation_a_segment_is_what_follows() -> None:
    segments = segment("WORD ?", 1), segment("DIGIT ?", 1), segment("DIGIT", 3), segment("WORD ?", 4), segment("PAGE 0")
    expected = [None, (Place(1, 3),), (Place(3, 4),), (Place(4, 6),), (Place(0, 1),)]
    assert places_of(*segments, sizes=(1,) * 6, levels=("PAGE", "WORD", "DIGIT")) == expected
