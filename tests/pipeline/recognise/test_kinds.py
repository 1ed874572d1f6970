"""Which networks read which files."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.recognise.kinds import has_rows, has_strokes, reads
from tests.digits import blobs, trained


def test_a_network_reads_files_of_its_kind(tmp_path: Path) -> None:
    images = trained(blobs(rows=60))
    table = images._replace(image_shape=None, feature_names=tuple("abcdefghijklmnop"))
    rows, named, broken = tmp_path / "rows.csv", tmp_path / "named.TSV", tmp_path / "broken.csv"
    np.savetxt(rows, blobs(rows=3).features, fmt="%d", delimiter=",")
    np.savetxt(named, blobs(rows=3).features, fmt="%d", delimiter=",", header=",".join("bacdefghijklmnop"), comments="")
    broken.write_bytes(b"\0\0\0")
    drawing, picture = tmp_path / "a.jsonl", tmp_path / "a.png"
    reads([rows, named, broken, drawing, picture, tmp_path / "none.csv"])(images)
    reads([rows, broken])(table)
    for files, fault in (
        ([rows, drawing], "a.jsonl: the model was trained on rows of 16 features that are no images"),
        ([rows, picture], "a.png: the model was"),
        ([named], "named.TSV, line 1: expected the columns that the network was trained on, with 'a' as feature 1"),
    ):
        with pytest.raises(DataError, match=fault):
            reads(files)(table)
    (tmp_path / "short.csv").write_text("1,2\n3,4\n")
    with pytest.raises(DataError, match=r"short.csv: expected 16 features as the network was trained on, found 2"):
        reads([tmp_path / "short.csv"])(images)


def test_what_drawings_are_called_matters_little(tmp_path: Path) -> None:
    for name, is_drawn in (("pendigits.tra", True), ("a.txt", False), ("a.UNIPEN", True), ("none.inkml", True)):
        (tmp_path / name).write_text(".SEGMENT DIGIT 0 ? 7")
        assert has_strokes(tmp_path / name) == is_drawn


def test_the_name_tells_the_kind() -> None:
    assert has_rows(Path("a.CSV.gz"))
    assert has_strokes(Path("a.JSONL"))
    assert not has_rows(Path("a.png"))
    assert not has_strokes(Path("jsonl"))
