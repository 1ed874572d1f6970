"""Drawings as a column: what was written is read, and what no drawing can be is refused."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import ArtifactError
from pipeline.prepare.store.columnar import read_parquet
from pipeline.prepare.store.strokes import KIND
from pipeline.types import Strokes
from tests.pipeline.prepare.store.test_columnar import TINY, stored

DRAWN = Strokes(
    np.linspace(0, 1, 20, dtype=np.float32).reshape(10, 2),
    np.array([0, 1, 4, 5, 7, 8, 10], np.int64),
    np.array([0, 1, 3, 4, 5, 6], np.int64),
)


def test_strokes_are_a_column_of_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.prepare.batches.GROUP_ROWS", 2)
    path = stored(tmp_path, TINY._replace(strokes=DRAWN))
    found = read_parquet(path)
    assert found.strokes is not None
    for name in DRAWN._fields:
        read = getattr(found.strokes, name)
        np.testing.assert_array_equal(read, getattr(DRAWN, name), strict=True)
        assert read.flags.writeable
    first = pq.read_table(path).column("strokes")[0].as_py()
    np.testing.assert_array_equal(first, [DRAWN.points[:1]])
    assert read_parquet(stored(tmp_path, TINY)).strokes is None


@pytest.mark.parametrize(
    ("drawing", "reason"),
    [
        ([], "found an empty list"),
        ([[]], "found an empty list"),
        ([None], "found none"),
        ([[None]], "found none"),
        ([[[0.5, None]]], "found none"),
        ([[[0.5, 1.5]]], "expected coordinates from 0 to 1, found others"),
        ([[[0.5, float("nan")]]], "expected coordinates from 0 to 1, found others"),
    ],
)
def test_what_no_drawing_can_be(tmp_path: Path, drawing: object, reason: str) -> None:
    path = stored(tmp_path, TINY._replace(strokes=DRAWN))
    rows = pq.read_table(path)
    forged = pa.array([drawing, *rows.column("strokes").to_pylist()[1:]], KIND)
    pq.write_table(rows.set_column(2, rows.schema.field(2), forged), path, write_page_checksum=True)
    with pytest.raises(ArtifactError, match=f"can't be read as prepared data: .*{re.escape(reason)}"):
        read_parquet(path)
