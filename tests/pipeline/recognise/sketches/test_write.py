"""What `sketch` writes: a stroke file that is read like any other, and never in the place of other drawings."""

import json
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError, OutputError
from pipeline.labels import NO_DIGIT
from pipeline.recognise.sketches.draw import digits, non_digits
from pipeline.recognise.sketches.write import write_sketches
from pipeline.recognise.strokes.json_lines import parse_line


def test_a_stroke_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sketches.jsonl"
    document = write_sketches(path, 9, 5, 3)
    kinds = {"digit": 9, "capital": 2, "small": 1, "sign": 1, "mixed": 1}
    labels = [*range(10), NO_DIGIT]
    assert document == {"sketches": str(path), "drawings": 14, "labels": labels, "kinds": kinds, "seed": 3}
    lines = path.read_text().splitlines()
    for line, sketch in zip(lines, chain(digits(9, 3), non_digits(5, 3)), strict=True):
        assert (json.loads(line)["label"], json.loads(line)["form"]) == (sketch.label, sketch.form)
        for mine, found in zip(sketch.drawing.strokes, parse_line(line, "here").drawing.strokes, strict=True):
            np.testing.assert_array_equal(mine, found)


def test_digits_and_others_may_be_left_out(tmp_path: Path) -> None:
    assert write_sketches(tmp_path / "digits.jsonl", 2, 0, 0)["labels"] == list(range(10))
    assert write_sketches(tmp_path / "others.jsonl", 0, 2, 0)["labels"] == [NO_DIGIT]
    with pytest.raises(ConfigError, match="--count 0: expected drawings, digits or others; ask for some of these by"):
        write_sketches(tmp_path / "none.jsonl", 0, 0, 0)
    assert not (tmp_path / "none.jsonl").exists()


def test_what_can_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        write_sketches(tmp_path / "file" / "sketches.jsonl", 4, 0, 0)


def test_drawings_of_others_are_replaced_only_if_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "drawn.jsonl"
    path.write_text("a lesson", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"drawn\.jsonl: holds other drawings already\. Replace them by --overwrite"):
        write_sketches(path, 2, 0, 0)
    assert path.read_text(encoding="utf-8") == "a lesson"
    write_sketches(path, 2, 0, 0, overwrite=True)
    write_sketches(path, 2, 0, 0)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
