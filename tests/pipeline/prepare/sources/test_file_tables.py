"""CSV files as a source: a pair, a single one, and Kaggle's test file without labels."""

import itertools
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import DataError
from pipeline.files import sha256_of
from pipeline.prepare.csv.table import CsvOptions
from pipeline.prepare.sources import file_tables
from pipeline.prepare.sources.file_tables import Division, Reading, _workers, files_source
from pipeline.prepare.sources.inputs import Input, expanded
from pipeline.prepare.sources.source import Source
from tests.tables import Array, rows_of, write_csv

FEATURES = np.random.default_rng(0).integers(0, 256, (30, 784), dtype=np.uint8)
LABELS = (np.arange(30) % 3).astype(np.uint8)
NO_LABELS = LABELS[:0]
OPTIONS = CsvOptions()
DIVISION = Division(1 / 5, 0)


def files(folder: Path, train: str, test: str, test_labels: Array = LABELS) -> tuple[Path, Path]:
    return write_csv(folder / train, FEATURES, LABELS), write_csv(folder / test, FEATURES, test_labels)


def csv_source(train: Path, test: Path | None, options: CsvOptions, division: Division) -> Source:
    """Return the source that one or two files of this machine are."""
    reading = Reading(options, lambda: pytest.fail("a folder was made"))
    tests = [] if test is None else [Input(str(test), test)]
    return files_source([Input(str(train), train)], tests, reading, division)


def test_a_pair(tmp_path: Path) -> None:
    train, test = files(tmp_path, "a.csv", "b.csv")
    source = csv_source(train, test, OPTIONS, DIVISION)
    assert (source.train.files, source.test.files) == ((train,), (test,))
    assert source.notes == ()
    assert str(train) in source.name
    assert str(test) in source.name
    for split in (source.train, source.test):
        np.testing.assert_array_equal(rows_of(split.table)[0], FEATURES)
        np.testing.assert_array_equal(split.table.labels, LABELS)


def test_a_single_file_is_divided(tmp_path: Path) -> None:
    train = write_csv(tmp_path / "a.csv", FEATURES, LABELS)
    source = csv_source(train, None, OPTIONS, DIVISION)
    assert (source.train.table.labels.size, source.test.table.labels.size) == (24, 6)
    (note,) = source.notes
    assert "24 of its rows are for training and 6 are held out for the test, drawn by class with seed 0" in note


def test_a_named_test_file_without_labels(tmp_path: Path) -> None:
    train, test = files(tmp_path, "a.csv", "b.csv", NO_LABELS)
    with pytest.raises(DataError, match=r"b.csv: expected the features of a.csv and a label, found no label"):
        csv_source(train, test, OPTIONS, DIVISION)


@pytest.mark.parametrize("text", ["0,1,2\n1,3,4\n", "0,1,2,3,4\n0,5,6,7,8\n1,9,8,7,6\n"], ids=["no header", "counted"])
def test_a_guessed_label_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "train.csv"
    path.write_text(text + text.splitlines()[-1] + "\n")
    source = csv_source(path, path, OPTIONS, DIVISION)
    (note,) = source.notes
    assert "train.csv says which column is the label: the first is taken for it" in note
    assert not csv_source(path, path, CsvOptions(label="1" if text[2] == "1" else "0"), DIVISION).notes


def test_columns_in_another_order(tmp_path: Path) -> None:
    train = write_csv(tmp_path / "a.csv", FEATURES[:, :4], LABELS, "abcd".__getitem__)
    test = write_csv(tmp_path / "b.csv", FEATURES[:, :4], LABELS, "abdc".__getitem__)
    with pytest.raises(DataError, match=r"b.csv, line 1: .* 'c' as feature 3, found 'd'"):
        csv_source(train, test, OPTIONS, DIVISION)


@pytest.mark.parametrize("fractional", ["train", "test"])
def test_one_dtype_for_both(tmp_path: Path, fractional: str) -> None:
    whole, half = FEATURES[:, :4], (FEATURES[:, :4] / 2).astype(np.float32)
    parts: tuple[Array, Array] = (half, whole) if fractional == "train" else (whole, half)
    paths = [write_csv(tmp_path / f"{i}.csv", part, LABELS, "abcd".__getitem__) for i, part in enumerate(parts)]
    source = csv_source(paths[0], paths[1], OPTIONS, DIVISION)
    for split, part in zip((source.train, source.test), parts, strict=True):
        assert split.table.dtype == np.float32
        features = rows_of(split.table)[0]
        assert features.dtype == np.float32
        np.testing.assert_array_equal(features, part)


def test_the_test_rows_are_described_as_the_training_rows_are(tmp_path: Path) -> None:
    train = write_csv(tmp_path / "a.csv", FEATURES[:, :64], LABELS, "a{}".format)
    test = write_csv(tmp_path / "b.csv", FEATURES[:, :64] * 2.5, LABELS, "b{}".format)
    source = csv_source(train, test, OPTIONS, DIVISION)
    assert source.test.table.image_shape == source.train.table.image_shape == (8, 8)
    assert source.test.table.feature_names == source.train.table.feature_names


def several(
    folder: Path, named: str, test: str | None = None, options: CsvOptions = OPTIONS, workers: int | None = None
) -> Source:
    """Return the source that the files are which patterns name."""
    kept = folder / "scratch"
    kept.mkdir(exist_ok=True)
    reading = Reading(options, lambda: Path(tempfile.mkdtemp(dir=kept)), workers)
    train, tests = (() if name is None else expanded([str(folder / name)], "--train") for name in (named, test))
    return files_source(train, tests, reading, DIVISION)


def parts(folder: Path, counts: tuple[int, ...], features: Array = FEATURES, labels: Array = LABELS) -> None:
    """Write rows to files, so many to each."""
    for i, (start, stop) in enumerate(itertools.pairwise(itertools.accumulate(counts, initial=0))):
        write_csv(folder / f"part-{i + 8}.csv", features[start:stop], labels[start:stop])


@pytest.mark.parametrize("workers", [None, 1, 2])
def test_several_files_are_one_table(tmp_path: Path, workers: int | None) -> None:
    parts(tmp_path, (10, 7, 13))
    write_csv(tmp_path / "test.csv", FEATURES, LABELS)
    source = several(tmp_path, "part-*.csv", "test.csv", workers=workers)
    features, labels = rows_of(source.train.table)
    np.testing.assert_array_equal(features, FEATURES)
    np.testing.assert_array_equal(labels, LABELS)
    assert labels.dtype == np.uint8
    assert source.notes == ()
    assert source.name == f"CSV files {tmp_path}/part-8.csv to {tmp_path}/part-10.csv (3 files) and {tmp_path}/test.csv"
    assert source.train.sums == {f"part-{i}.csv": sha256_of(tmp_path / f"part-{i}.csv") for i in (8, 9, 10)}
    assert source.test.sums is None, "a single file needs no folder"


def test_several_files_alone_are_divided(tmp_path: Path) -> None:
    parts(tmp_path, (15, 15))
    source = several(tmp_path, "part-*.csv")
    assert (source.train.table.labels.size, source.test.table.labels.size) == (24, 6)
    (note,) = source.notes
    assert "(2 files) are the only labelled files: 24 of their rows are for training and 6 are held out" in note
    assert source.name == f"CSV files {tmp_path}/part-8.csv to {tmp_path}/part-9.csv (2 files)"
    assert source.train.sums == source.test.sums


def test_classes_may_be_in_one_file_and_not_in_another(tmp_path: Path) -> None:
    labels = np.repeat(np.array([10, 2, 33]), 10)
    parts(tmp_path, (10, 10, 10), labels=labels)
    for i in (8, 9):
        shutil.copy(tmp_path / f"part-{i}.csv", tmp_path / f"other-{i}.csv")
    source = several(tmp_path, "part-*.csv", "other-*.csv", workers=1)
    assert source.train.table.class_names == source.test.table.class_names == ("2", "10", "33")
    np.testing.assert_array_equal(source.train.table.labels, np.repeat([1, 0, 2], 10))
    np.testing.assert_array_equal(source.test.table.labels, np.repeat([1, 0], 10))
    write_csv(tmp_path / "test-2.csv", FEATURES, LABELS * 11)
    with pytest.raises(DataError, match=r"test-2.csv, line 2, .* label '0' is missing from training"):
        several(tmp_path, "part-*.csv", "test-*.csv")


def test_one_file_of_fractions_makes_all_of_them_numbers(tmp_path: Path) -> None:
    parts(tmp_path, (10, 10))
    write_csv(tmp_path / "part-10.csv", FEATURES[20:] / 2, LABELS[20:])
    write_csv(tmp_path / "test.csv", FEATURES, LABELS)
    table = several(tmp_path, "part-*.csv", "test.csv").train.table
    np.testing.assert_array_equal(rows_of(table)[0], np.concatenate([FEATURES[:20], FEATURES[20:] / 2]))
    assert table.dtype == np.float32
    assert table.image_shape == (28, 28), "784 columns are images, whatever is in them"


def test_a_fault_names_the_first_file_with_one(tmp_path: Path) -> None:
    parts(tmp_path, (10, 10, 10))
    for name, line in (("part-10.csv", 3), ("part-9.csv", 5)):
        lines = (tmp_path / name).read_text().splitlines()
        lines[line] = lines[line].replace(",", ",?", 1)
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    for workers in (1, 2):
        with pytest.raises(DataError, match=r"part-9.csv, line 6, column 2"):
            several(tmp_path, "part-*.csv", workers=workers)


def test_notes_on_files_and_on_all_of_them(tmp_path: Path) -> None:
    parts(tmp_path, (10, 10), labels=np.arange(30) % 3 / 2)
    (tmp_path / "part-9.csv").write_text((tmp_path / "part-9.csv").read_text(), encoding="utf-16")
    read, classes, *_ = several(tmp_path, "part-*.csv").notes
    assert read == f"{tmp_path / 'part-9.csv'} is UTF-16 and read as such"
    assert "part-9.csv (2 files), column 1 ('label'): each of the 3 different numbers" in classes


def test_several_test_files_without_labels(tmp_path: Path) -> None:
    parts(tmp_path, (10, 10))
    write_csv(tmp_path / "test-1.csv", FEATURES, NO_LABELS)
    write_csv(tmp_path / "test-2.csv", FEATURES, NO_LABELS)
    with pytest.raises(DataError, match=r"test-1.csv: expected the features of part-8.csv and a label, found no label"):
        several(tmp_path, "part-*.csv", "test-*.csv")


def test_how_many_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts(tmp_path, (10, 10))
    inputs = expanded([str(tmp_path / "part-*.csv")], "--train")
    monkeypatch.setattr(file_tables, "cores", lambda: 8)
    assert _workers(inputs, None) == 1, "so little is read before a process has started"
    assert _workers(inputs, 5) == 2
    assert _workers([*inputs, Input("https://host/a.csv")], None) == 3
    monkeypatch.setattr(file_tables, "SMALL", 1000)
    assert _workers(inputs, None) == 2


def test_csv_and_parquet_may_be_one_table(tmp_path: Path) -> None:
    parts(tmp_path, (10, 10))
    columns = {"label": LABELS[20:], **{f"pixel{i}": FEATURES[20:, i] for i in range(784)}}
    pq.write_table(pa.table(columns), tmp_path / "part-10.parquet")
    source = several(tmp_path, "part-*.*")
    features = np.concatenate([rows_of(split.table)[0] for split in (source.train, source.test)])
    np.testing.assert_array_equal(np.sort(features.sum(axis=1)), np.sort(FEATURES.sum(axis=1)))
    assert source.name == f"files {tmp_path}/part-8.csv to {tmp_path}/part-10.parquet (3 files)"
    pq.write_table(pa.table(columns).rename_columns({"pixel3": "other"}), tmp_path / "part-10.parquet")
    with pytest.raises(DataError, match=r"part-10.parquet: expected the columns of .*, found no column 'pixel3'"):
        several(tmp_path, "part-*.*")
