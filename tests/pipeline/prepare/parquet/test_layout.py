"""Parquet files are looked at by the rules for CSV: which column is the label, which are images, which number rows."""

import datetime as dt
import decimal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import DataError
from pipeline.prepare.csv.table import CsvOptions, is_unlabelled, read_csv
from pipeline.prepare.parquet.layout import sniff_parquet
from pipeline.prepare.store.columnar import write_parquet
from pipeline.prepare.table import Table
from tests.tables import assert_same, rows_of, table_of, write_csv

ROWS = 30
LABELS = [i % 3 for i in range(ROWS)]
PIXELS = np.random.default_rng(0).integers(0, 256, (ROWS, 64), dtype=np.uint8)


def put(folder: Path, columns: Mapping[str, Any], name: str = "a.parquet") -> Path:
    pq.write_table(pa.table(dict(columns)), folder / name)
    return folder / name


def read(folder: Path, columns: Mapping[str, Any], options: CsvOptions = CsvOptions()) -> Table:  # noqa: B008 -- immutable
    return read_csv(put(folder, columns), options)


def numbers(scale: float = 1) -> list[float]:
    return [i * 7 % 11 * scale for i in range(ROWS)]


@pytest.mark.parametrize("kind", ["uint8", "int64", "float16", "float32", "float64", "bool_", "decimal128(5, 1)"])
def test_every_type_of_numbers(tmp_path: Path, kind: str) -> None:
    values: list[Any] = [decimal.Decimal(i % 2) if "decimal" in kind else i % 2 for i in range(ROWS)]
    dtype = pa.decimal128(5, 1) if "decimal" in kind else getattr(pa, kind)()
    column = pa.array(np.array(values, np.float16)) if kind == "float16" else pa.array(values).cast(dtype)
    table = read(tmp_path, {"label": LABELS, "a": column, "b": numbers()})
    assert table.dtype == np.uint8
    np.testing.assert_array_equal(rows_of(table)[0], np.column_stack([np.arange(ROWS) % 2, numbers()]))


def test_fractions(tmp_path: Path) -> None:
    table = read(tmp_path, {"a": numbers(0.5), "b": pa.array([2**60] * ROWS), "class": LABELS})
    assert table.dtype == np.float32
    np.testing.assert_array_equal(rows_of(table)[0], np.column_stack([numbers(0.5), [2.0**60] * ROWS]))
    assert (table.label, table.feature_names, table.class_names) == ("class", ("a", "b"), ("0", "1", "2"))


WORDS = ["setosa", "virginica", "versicolor"]


@pytest.mark.parametrize(
    "label",
    [
        pa.array([WORDS[i] for i in LABELS]),
        pa.array([WORDS[i] for i in LABELS]).dictionary_encode(),
        pa.array([WORDS[i] for i in LABELS], pa.large_string()),
    ],
)
def test_the_only_words_are_the_label(tmp_path: Path, label: pa.Array) -> None:
    table = read(tmp_path, {"a": numbers(), "kind": label, "b": numbers(0.5)})
    assert table.label == "kind"
    assert table.class_names == tuple(sorted(WORDS))
    assert [table.class_names[i] for i in table.labels] == [WORDS[i] for i in LABELS]


def test_a_label_that_is_named_and_classes_that_are_floats(tmp_path: Path) -> None:
    columns = {"a": numbers(), "Kind": [float(i) for i in LABELS], "label": numbers(0.5)}
    table = read(tmp_path, columns, CsvOptions(label="kind"))
    assert (table.label, table.class_names, table.feature_names) == ("Kind", ("0", "1", "2"), ("a", "label"))
    with pytest.raises(DataError, match=r"--label none names no column; expected one of these: a, Kind, label\.$"):
        read(tmp_path, columns, CsvOptions(label="none"))


def test_columns_that_only_number_the_rows(tmp_path: Path) -> None:
    columns = {"Id": range(5, 5 + ROWS), "n": range(ROWS), "label": LABELS, "a": numbers()}
    table = read(tmp_path, {name: list(values) for name, values in columns.items()})
    assert (table.left, table.feature_names) == (("Id", "n"), ("a",))
    kept = read(tmp_path, {name: list(values) for name, values in columns.items()}, CsvOptions(keep=("n",)))
    assert kept.feature_names == ("n", "a")


def test_the_index_of_pandas(tmp_path: Path) -> None:
    columns = {"label": LABELS, "a": numbers(), "__index_level_0__": [f"row {i}" for i in range(ROWS)]}
    table = read(tmp_path, columns)
    assert table.feature_names == ("a",)
    assert table.notes == (f"{tmp_path / 'a.parquet'}: pandas' index, __index_level_0__, is left aside",)


def test_names_that_only_count(tmp_path: Path) -> None:
    table = read(tmp_path, {str(i): LABELS if i == 0 else numbers(i / 3) for i in range(5)})
    assert (table.label, table.class_names) == ("0", ("0", "1", "2"))
    assert "the first is taken for it" in table.notes[0]


def images(folder: Path, values: Sequence[bytes | None], options: CsvOptions = CsvOptions()) -> Table:  # noqa: B008 -- as above
    return read(folder, {"image": pa.array(values, pa.binary(64)), "label": LABELS}, options)


def test_images_in_one_column(tmp_path: Path) -> None:
    table = images(tmp_path, [row.tobytes() for row in PIXELS])
    assert (table.image_shape, table.label) == ((8, 8), "label")
    assert table.dtype == np.uint8
    np.testing.assert_array_equal(rows_of(table)[0], PIXELS)
    np.testing.assert_array_equal(table.labels, LABELS)
    assert images(tmp_path, [row.tobytes() for row in PIXELS], CsvOptions(image_shape=(4, 16))).image_shape == (4, 16)


def test_a_column_a_pixel_is_as_csv(tmp_path: Path) -> None:
    columns = {"label": LABELS, **{f"pixel{i}": PIXELS[:, i] for i in range(64)}}
    options = CsvOptions(transpose=True)
    path = write_csv(tmp_path / "a.csv", PIXELS, np.array(LABELS), "pixel{}".format)
    assert_same(read(tmp_path, columns, options), read_csv(path, options))


@pytest.mark.parametrize("shape", [(2, 32), None])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_what_prepare_wrote_is_read_as_what_it_was(
    tmp_path: Path, shape: tuple[int, int] | None, dtype: type[np.uint8 | np.float32]
) -> None:
    features = (PIXELS * np.float32(0.5)).astype(dtype)
    table = table_of(features, np.array(LABELS, np.uint8), ("10", "9", "words"), shape)
    with (tmp_path / "a.parquet").open("wb") as file:
        write_parquet(file, table)
    found = read_csv(tmp_path / "a.parquet", CsvOptions())
    expected = table._replace(image_shape=shape or found.image_shape)
    assert_same(found, expected._replace(class_names=found.class_names))
    assert found.class_names == ("10", "9", "words")
    with pytest.raises(DataError, match="--label kind names no column"):
        sniff_parquet(tmp_path / "a.parquet", "kind")


def test_what_prepare_wrote_and_somebody_changed(tmp_path: Path) -> None:
    with (tmp_path / "a.parquet").open("wb") as file:
        write_parquet(file, table_of(PIXELS, np.array(LABELS, np.uint8)))
    whole = pq.read_table(tmp_path / "a.parquet")
    changed = whole.rename_columns({"feature0": "other"}).replace_schema_metadata(whole.schema.metadata)
    pq.write_table(changed, tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"a.parquet: can't be read as prepared data: expected the columns"):
        sniff_parquet(tmp_path / "a.parquet")


def test_rows_without_labels_are_known_as_such(tmp_path: Path) -> None:
    train = read(tmp_path, {"label": LABELS, "a": numbers(), "b": numbers(2)})
    assert is_unlabelled(put(tmp_path, {"a": numbers(), "b": numbers()}, "b.parquet"), train)
    assert not is_unlabelled(put(tmp_path, {"a": [1], "b": [2], "label": [0]}, "b.parquet"), train)


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"a": pa.array([], pa.int8()), "label": pa.array([], pa.int8())}, r"expected rows, found none"),
        ({"label": [1, 2]}, r"expected a label and features, found a single column \(label\)"),
        ({"label": [1, 2], " ": [1, 2]}, r"names of their own, found one without a name; rename it"),
        ({"a": [1, 2], "b": [1, 2]}, r"expected a label column named label, .* found these columns: a, b"),
        ({"label": [1, 2], "a": [dt.date(2026, 1, 1)] * 2}, r"column 2 \('a'\): .* found values of the type date32"),
        ({"label": [1, 2], "a": [1, 2], "b": [[1], [2]]}, r"column 3 \('b'\): .* of the type list"),
        ({"label": [1, 2], "a": ["x", "y"], "b": [1, 2]}, r"column 2 \('a'\): .* of the type string; write them as"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_numbers(tmp_path: Path, columns: Mapping[str, Any], fault: str) -> None:
    with pytest.raises(DataError, match=f"a.parquet.*{fault}"):
        read(tmp_path, columns)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array([1])] * 3, names=["label", "a", "a"]), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"found one with the name 'a', which another has too; rename it"):
        sniff_parquet(tmp_path / "a.parquet")
