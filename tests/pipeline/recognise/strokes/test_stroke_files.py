"""Stroke files: drawings from a file, or why there are none."""

from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes.stroke_files import read_drawings


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: expected a stroke file, but it can't be read: No such file"):
        list(read_drawings(tmp_path / "none.jsonl"))
