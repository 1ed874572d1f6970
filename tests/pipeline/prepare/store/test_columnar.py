"""Parquet: what was written is read, the same rows are the same bytes, and damage is noticed."""

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import ArtifactError
from pipeline.prepare.store.columnar import read_parquet, write_parquet
from pipeline.prepare.table import Table
from tests.tables import assert_same, digits, rows_of, table_of, tables

IMAGES, LABELS = digits(40)
DIGITS = table_of(IMAGES.reshape(40, 784), LABELS, tuple("0123456789"), (28, 28))
TINY = table_of(IMAGES[:5, :4, :4].reshape(5, 16), LABELS[:5], tuple("0123456789"), (4, 4))
FLOATS = table_of(np.linspace(-1, 1, 60, dtype=np.float32).reshape(20, 3), LABELS[:20] % 3)


def encoded(table: Table) -> bytes:
    file = io.BytesIO()
    write_parquet(file, table)
    return file.getvalue()


def stored(folder: Path, table: Table) -> Path:
    path = folder / "rows.parquet"
    path.write_bytes(encoded(table))
    return path


@given(table=tables())
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, table: Table) -> None:
    assert_same(read_parquet(stored(tmp_path_factory.mktemp("rows"), table)), table)


@given(table=tables(), rows=st.integers(1, 40))
def test_bytes_depend_on_the_rows_and_not_on_how_they_come(table: Table, rows: int) -> None:
    features, labels = rows_of(table)
    cut_anew = table_of(features, labels, table.class_names, table.image_shape, rows)
    cut_anew = cut_anew._replace(feature_names=table.feature_names, source="elsewhere")
    assert encoded(cut_anew) == encoded(table)


def test_row_groups_are_fixed_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.prepare.batches.GROUP_ROWS", 16)
    path = stored(tmp_path, DIGITS)
    file = pq.ParquetFile(path)
    assert [file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)] == [16, 16, 8]
    assert_same(read_parquet(path), DIGITS)


def test_any_reader_of_parquet_can_read_it(tmp_path: Path) -> None:
    images = pq.read_table(stored(tmp_path, DIGITS))
    assert images.column_names == ["label", "image"]
    assert images.column("image")[3].as_py() == IMAGES[3].tobytes()
    assert json.loads(images.schema.metadata[b"image_shape"]) == [28, 28]
    assert list(images.schema.metadata) == sorted(images.schema.metadata)
    others = pq.read_table(stored(tmp_path, FLOATS))
    assert others.column_names == ["label", "feature0", "feature1", "feature2"]
    np.testing.assert_array_equal(others.column("feature1").to_numpy(), rows_of(FLOATS)[0][:, 1])


def test_a_feature_may_be_called_label(tmp_path: Path) -> None:
    table = FLOATS._replace(feature_names=("label", "label_", "label.x"))
    path = stored(tmp_path, table)
    assert pq.read_schema(path).names[0] == "label__"
    assert_same(read_parquet(path), table)


@pytest.mark.parametrize("table", [TINY, FLOATS], ids=["images", "features"])
def test_no_flipped_bit_in_the_pages_gives_other_rows(tmp_path: Path, table: Table) -> None:
    path = stored(tmp_path, table)
    content = path.read_bytes()
    footer = int.from_bytes(content[-8:-4], "little") + 8
    noticed = 0
    for position in range(4, len(content) - footer):
        damaged = bytearray(content)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(bytes(damaged))
        try:
            found = read_parquet(path)
            assert_same(found, table)
        except ArtifactError:
            noticed += 1
    assert noticed > (len(content) - footer) / 3  # what goes unnoticed are statistics in the pages' headers


def test_truncation_is_noticed(tmp_path: Path) -> None:
    path = stored(tmp_path, FLOATS)
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(ArtifactError, match="again"):
            read_parquet(path)


def forged(path: Path, **metadata: object) -> Path:
    """Write a file with columns as they should be and metadata as given."""
    description = {
        "class_names": ["a", "b"],
        "dtype": "float32",
        "feature_names": ["width"],
        "image_shape": None,
        "scrawl_schema": 1,
        **metadata,
    }
    fields = [pa.field("label", pa.uint8(), nullable=False), pa.field("width", pa.float32(), nullable=False)]
    schema = pa.schema(fields, metadata={key: json.dumps(value) for key, value in sorted(description.items())})
    columns = [pa.array([0, 1], pa.uint8()), pa.array([1.5, 2.5], pa.float32())]
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), path, write_page_checksum=True)
    return path


def test_the_forged_file_would_be_read_with_the_right_metadata(tmp_path: Path) -> None:
    assert read_parquet(forged(tmp_path / "rows.parquet")).class_names == ("a", "b")


IMAGE = "image_shape must be height and width, of 1,048,576 pixels at most, or null; "


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"scrawl_schema": 2}, "expected metadata of schema 1, found 2"),
        ({"class_names": ["a"]}, "expected labels below 1, found 1"),
        ({"dtype": "float64"}, "float64"),
        ({"feature_names": ["height"]}, "expected the columns that its metadata describes"),
        ({"feature_names": 3}, "feature_names must be a list of texts; found 3"),
        ({"image_shape": [1, 1]}, "expected the columns that its metadata describes"),
        ({"image_shape": 3}, f"{IMAGE}found 3"),
        ({"image_shape": [1.0, 1.0]}, f"{IMAGE}found"),
        ({"image_shape": [2, 2]}, r"image_shape is \[2, 2\], but there are 1 features"),
        ({"class_names": ["a", "a"]}, "class_names must be a list of texts, no two of them alike"),
        ({"colour": "red"}, "unknown fields: colour"),
    ],
)
def test_forged_metadata(tmp_path: Path, metadata: dict[str, object], reason: str) -> None:
    with pytest.raises(ArtifactError, match=reason):
        read_parquet(forged(tmp_path / "rows.parquet", **metadata))


def test_a_parquet_file_of_others(tmp_path: Path) -> None:
    pq.write_table(pa.table({"label": [1], "x": [2]}), tmp_path / "rows.parquet")
    with pytest.raises(ArtifactError, match="expected metadata of schema 1, found None"):
        read_parquet(tmp_path / "rows.parquet")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"rows.parquet: can't be read as prepared data"):
        read_parquet(tmp_path / "rows.parquet")
