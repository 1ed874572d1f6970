"""Sketches: the same for the same seed, readable like any drawing, and of the forms that they are meant to have."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import ConfigError, OutputError
from pipeline.recognise.strokes.json_lines import parse_line
from pipeline.recognise.strokes.rasterize import render
from pipeline.recognise.strokes.sketches import FORMS, SIZE, some, write_sketches
from tests.strategies import examples, seeds


@examples(20)
@given(seeds, st.integers(1, 12))
def test_every_sketch_depends_on_the_seed_and_its_number_alone(seed: int, count: int) -> None:
    few, many = list(some(count, seed)), list(some(count + 5, seed))
    assert [label for label, _ in many[: len(FORMS)]] == sorted(FORMS)
    for (label, drawing), (again, same) in zip(few, many, strict=False):
        assert label == again
        assert [line.tobytes() for line in drawing.strokes] == [line.tobytes() for line in same.strokes]


@pytest.mark.jit  # slow without it
@examples(20)
@given(seeds)
def test_every_sketch_is_ink_of_a_digits_proportions(seed: int) -> None:
    for _, drawing in some(8, seed):
        points = np.concatenate(drawing.strokes)
        width, height = np.ptp(points, axis=0)
        assert np.isfinite(points).all()
        assert 0.8 * SIZE < height < 1.4 * SIZE
        assert width < 1.6 * height
        pixels = render(drawing, (28, 28))
        assert pixels is not None
        assert 20 < (pixels > 127).sum() < 250


def test_each_form_is_what_it_is_called() -> None:
    drawings = list(some(400, 0))
    strokes = {label: [len(drawing.strokes) for each, drawing in drawings if each == label] for label in FORMS}
    assert set(strokes[4]) == {2}
    assert set(strokes[9]) == {1}
    for label in (1, 7):  # with a foot, with a cross: every other one
        assert 0.3 < np.mean(np.array(strokes[label]) == 2) < 0.7
    assert len({drawing.strokes[0].tobytes() for _, drawing in drawings}) == 400, "no two are alike"


def test_a_stroke_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sketches.jsonl"
    document = write_sketches(path, 9, 3)
    assert document == {"sketches": str(path), "drawings": 9, "labels": [1, 4, 7, 9], "seed": 3}
    lines = path.read_text().splitlines()
    assert len(lines) == 9
    for line, (label, drawing) in zip(lines, some(9, 3), strict=True):
        assert json.loads(line)["label"] == label
        for mine, found in zip(drawing.strokes, parse_line(line, "here").drawing.strokes, strict=True):
            np.testing.assert_array_equal(mine, found)


def test_what_can_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        write_sketches(tmp_path / "file" / "sketches.jsonl", 4, 0)


def test_drawings_of_others_are_replaced_only_if_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "drawn.jsonl"
    path.write_text("a lesson", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"drawn\.jsonl: holds other drawings already\. Replace them by --overwrite"):
        write_sketches(path, 2, 0)
    assert path.read_text(encoding="utf-8") == "a lesson"
    write_sketches(path, 2, 0, overwrite=True)
    write_sketches(path, 2, 0)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
