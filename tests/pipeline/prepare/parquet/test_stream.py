"""Parquet batch by batch: a fault is found in its row and column, and a damaged file is a sentence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.errors import DataError
from pipeline.prepare.csv.table import CsvOptions, read_csv
from pipeline.prepare.parquet import stream
from pipeline.prepare.parquet.stream import is_parquet
from tests.pipeline.prepare.parquet.test_layout import LABELS, PIXELS, ROWS, images, numbers, put
from tests.tables import rows_of


def changed(values: list[Any], place: int, value: object) -> list[Any]:
    return [*values[:place], value, *values[place + 1 :]]


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"a": changed(numbers(), 20, None)}, r"row 21, column 2 \('a'\): expected a number, found an empty value"),
        ({"a": changed(numbers(0.5), 3, float("nan"))}, r"row 4, column 2 \('a'\): expected a finite number"),
        ({"a": changed(numbers(), 3, 1e39)}, r"row 4, column 2 \('a'\): expected a number of at most"),
        ({"a": numbers(), "label": changed(LABELS, 11, None)}, r"row 12, column 1 \('label'\): expected a label"),
        ({f"pixel{i}": changed(numbers(), 5, 256 + i) for i in range(64)}, r"row 6, .*pixel between 0 and 255, found"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_row_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: Mapping[str, Any], fault: str
) -> None:
    monkeypatch.setattr(stream, "group_rows", lambda *_: 4)
    monkeypatch.setattr(stream, "TEXT_ROWS", 3)
    with pytest.raises(DataError, match=rf"a.parquet, {fault}.*remove the row\.$"):
        read_csv(put(tmp_path, {"label": LABELS, **columns}), CsvOptions())


def test_an_image_that_is_missing(tmp_path: Path) -> None:
    values = changed([row.tobytes() for row in PIXELS], 7, None)
    with pytest.raises(DataError, match=r"a.parquet: expected an image in each row, found none in row 8"):
        images(tmp_path, values)


def test_batches_are_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "group_rows", lambda *_: 7)
    table = images(tmp_path, [row.tobytes() for row in PIXELS])
    np.testing.assert_array_equal(rows_of(table)[0], PIXELS)
    table = read_csv(put(tmp_path, {"label": LABELS, "a": pa.array(numbers()).slice(0), "b": numbers()}), CsvOptions())
    np.testing.assert_array_equal(rows_of(table)[0][:, 0], numbers())


def test_fractions_that_come_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "group_rows", lambda *_: 4)
    values = changed(numbers(), ROWS - 1, 0.5)
    table = read_csv(put(tmp_path, {"label": LABELS, "a": values, "b": numbers()}), CsvOptions())
    assert table.dtype == np.float32
    np.testing.assert_array_equal(rows_of(table)[0][:, 0], values)


def test_damage(tmp_path: Path) -> None:
    path = put(tmp_path, {"label": LABELS, "a": numbers()})
    content = path.read_bytes()
    assert is_parquet(path)
    for damaged in (content[:-10], content[: len(content) // 2], b"PAR1" + b"x" * 100):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"a.parquet: the Parquet file is damaged or can't be read \("):
            read_csv(path, CsvOptions())
    path.write_bytes(b"PAR1" + bytes(60) + content[64:])
    with pytest.raises(DataError, match=r"a.parquet: the Parquet file is damaged or can't be read"):
        read_csv(path, CsvOptions())


def test_what_is_no_parquet(tmp_path: Path) -> None:
    assert not is_parquet(tmp_path / "none.parquet")
    (tmp_path / "a.parquet").write_text("label,a\n" + "0,1\n1,2\n" * ROWS)
    assert not is_parquet(tmp_path / "a.parquet")
    assert read_csv(tmp_path / "a.parquet", CsvOptions()).labels.size == 2 * ROWS
