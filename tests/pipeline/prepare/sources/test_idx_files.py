"""The four files by their many names."""

from pathlib import Path

import pytest

from pipeline.prepare.sources.idx_files import PARTS, find_idx, idx_source, missing_idx
from tests.tables import idx_files, write_files


@pytest.mark.parametrize("joint", ["-", "."])
@pytest.mark.parametrize("zipped", [".gz", ""])
def test_names_in_the_wild(tmp_path: Path, joint: str, zipped: str) -> None:
    for part in PARTS:
        (tmp_path / f"{part}{joint}{'idx3' if 'images' in part else 'idx1'}-ubyte{zipped}").touch()
    found = find_idx(tmp_path)
    assert tuple(found) == PARTS
    assert missing_idx(found) == ""


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").touch()
    (tmp_path / "t10k-labels-idx1-ubyte").mkdir()
    found = find_idx(tmp_path)
    assert tuple(found) == ("train-images",)
    assert missing_idx(found) == "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz"
    assert len(missing_idx(find_idx(tmp_path / "nowhere")).split(", ")) == 4


def test_both_splits(tmp_path: Path) -> None:
    source = idx_source("here", find_idx(write_files(tmp_path, idx_files(50, 20))))
    assert source.name == "here"
    assert source.train.table.labels.size == 50
    assert source.test.table.labels.size == 20
    assert [path.name for path in source.test.files] == ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    assert source.train.table.class_names == source.test.table.class_names
