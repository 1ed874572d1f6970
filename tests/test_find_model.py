"""Which model is used where none is named."""

import os
from pathlib import Path

import pytest

from pipeline.errors import ArtifactError
from pipeline.model.find import PRETRAINED, TRAINED, find_model, is_boxed


def put(root: Path, name: str, time: int) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (time, time))
    return path


def test_the_one_that_was_trained_last_else_the_one_in_the_box(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no model yet: expected one of .*make run"):
        find_model(tmp_path)
    boxed = put(tmp_path, PRETRAINED, 900)
    assert find_model(tmp_path) == boxed
    assert is_boxed(tmp_path, boxed)
    quick = put(tmp_path, TRAINED[1], 200)
    assert find_model(tmp_path) == quick
    own = put(tmp_path, TRAINED[0], 100)
    assert find_model(tmp_path) == quick
    os.utime(own, (300, 300))
    assert find_model(tmp_path) == own
    assert not is_boxed(tmp_path, own)
