"""Stroke files: whatever format a drawing is written in, the same is read."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.errors import DataError
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.inkml import read_inkml
from pipeline.recognise.strokes.json_lines import drawing_to_json, read_json_lines
from pipeline.recognise.strokes.stroke_files import looks_drawn, read_drawings, read_entries, reader_of
from pipeline.recognise.strokes.unipen import read_unipen
from pipeline.types import Drawing
from tests.stroke_writers import Labelled, as_inkml, as_unipen

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
whole = st.integers(-9999, 9999).map(float)
labels = st.none() | st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=3)


def drawings_of(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[list[Labelled]]:
    stroke = st.integers(1, 6).flatmap(lambda n: arrays(np.float32, (n, 2), elements=numbers))
    return st.lists(st.tuples(st.lists(stroke, min_size=1, max_size=3), labels), min_size=1, max_size=4)


def as_json(drawings: Sequence[Labelled]) -> str:
    lines = [json.loads(drawing_to_json(Drawing(tuple(strokes)))) | {"label": label} for strokes, label in drawings]
    return "".join(json.dumps(line) + "\n" for line in lines)


def read(path: Path, text: str) -> list[tuple[list[list[list[float]]], str | None]]:
    path.write_text(text, encoding="utf-8")
    found = list(read_entries(path))
    assert all(isinstance(entry, Entry) for entry in found), found
    entries = [entry for entry in found if isinstance(entry, Entry)]
    assert all(stroke.dtype == np.float32 for entry in entries for stroke in entry.drawing.strokes)
    return [([stroke.tolist() for stroke in entry.drawing.strokes], entry.label) for entry in entries]


@given(drawings_of(finite))
def test_drawings_are_the_same_in_each_format(
    tmp_path_factory: pytest.TempPathFactory, drawings: list[Labelled]
) -> None:
    path = tmp_path_factory.getbasetemp() / "drawings"
    expected = read(path, as_json(drawings))
    assert len(expected) == len(drawings)
    assert read(path, as_unipen(drawings)) == expected
    assert read(path, as_unipen(drawings, count_pen_up=True)) == expected
    assert read(path, as_inkml(drawings)) == expected


@given(drawings_of(whole))
def test_differences_and_heights_lead_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, drawings: list[Labelled]
) -> None:
    path = tmp_path_factory.getbasetemp() / "whole"
    expected = read(path, as_json(drawings))
    for prefix in "'\"":
        assert read(path, as_inkml(drawings, prefix=prefix)) == expected
    assert read(path, as_unipen(drawings, height=500)) == expected


SEEN = [
    (b'\xef\xbb\xbf {"strokes"', "x.dat", read_json_lines),
    (b"", "x.dat", read_unipen),
    (b"", "x.INKML", read_inkml),
    (b"nothing that is known", "x.unp", read_unipen),
    (b"nothing that is known", "x.txt", read_json_lines),
    (b'{"label": ".SEGMENT"}\n.SEGMENT', "x.dat", read_json_lines),
    (b"A word before all\n .COMMENT", "x.jsonl", read_unipen),
    (b".COORDINATES", "x.jsonl", read_json_lines),
    (b"\xff\xfe<\0i\0n\0k\0>\0", "x.jsonl", read_inkml),
    (b"\xfe\xff\0<\0i\0n\0k\0>", "x.jsonl", read_inkml),
    (b"\n <html>", "x.dat", read_inkml),
]


@pytest.mark.parametrize(("head", "name", "reader"), SEEN)
def test_the_format_is_told_by_the_content_then_by_the_name(
    tmp_path: Path, head: bytes, name: str, reader: object
) -> None:
    (tmp_path / name).write_bytes(head)
    assert reader_of(tmp_path / name) is reader


def test_what_looks_drawn(tmp_path: Path) -> None:
    assert looks_drawn(Path("none.JSONL"))
    assert not looks_drawn(tmp_path / "none")
    assert not looks_drawn(tmp_path)
    assert not looks_drawn(Path("a\0b"))
    for content, is_drawn in [
        (b".VERSION 1.0", True),
        (b"<?xml version='1.0'?><i:ink xmlns:i='x'>", True),
        ("<ink>".encode("utf-16"), True),
        (b"<svg><inkscape/></svg>", False),
        (b"\x89PNG\n.DT 3", False),
    ]:
        (tmp_path / "file").write_bytes(content)
        assert looks_drawn(tmp_path / "file") == is_drawn, content


@pytest.mark.parametrize("ending", ["jsonl", "dat", "inkml"])
def test_a_file_that_is_not_there(tmp_path: Path, ending: str) -> None:
    message = rf"none\.{ending}: expected a stroke file, but it can't be read: No such file"
    with pytest.raises(DataError, match=message):
        list(read_drawings(tmp_path / f"none.{ending}"))


def test_what_is_wrong_comes_in_the_place_of_a_drawing(tmp_path: Path) -> None:
    path = tmp_path / "two"
    path.write_text('.SEGMENT DIGIT ? "1"\n.PEN_DOWN\n1 x\n.SEGMENT DIGIT ? "2"\n.PEN_DOWN\n3 4\n')
    error, drawing = read_drawings(path)
    assert isinstance(error, DataError)
    assert isinstance(drawing, Drawing)
    assert drawing.strokes[0].tolist() == [[3, -4]]
