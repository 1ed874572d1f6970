"""CSV files as a source: a pair, a single one, and Kaggle's test file without labels."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.prepare.csv.table import CsvOptions
from pipeline.prepare.sources.csv_files import Division, csv_folder, csv_source, find_csv, find_test_csv
from tests.tables import Array, rows_of, write_csv

FEATURES = np.random.default_rng(0).integers(0, 256, (30, 784), dtype=np.uint8)
LABELS = (np.arange(30) % 3).astype(np.uint8)
NO_LABELS = LABELS[:0]
OPTIONS = CsvOptions()
DIVISION = Division(1 / 5, 0)


def files(folder: Path, train: str, test: str, test_labels: Array = LABELS) -> tuple[Path, Path]:
    return write_csv(folder / train, FEATURES, LABELS), write_csv(folder / test, FEATURES, test_labels)


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


@pytest.mark.parametrize(("train", "test"), [("mnist_train.csv", "mnist_test.csv"), ("train.csv", "test.csv")])
def test_pairs_in_a_folder(tmp_path: Path, train: str, test: str) -> None:
    paths = files(tmp_path, train, test)
    source = csv_folder(tmp_path, OPTIONS, DIVISION)
    assert source is not None
    assert (*source.train.files, *source.test.files) == paths
    assert source.notes == ()


def test_a_training_file_alone_in_a_folder(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", FEATURES, LABELS)
    source = csv_folder(tmp_path, OPTIONS, DIVISION)
    assert source is not None
    assert source.test.table.labels.size == 6


@pytest.mark.parametrize("text", ["0,1,2\n1,3,4\n", "0,1,2,3,4\n0,5,6,7,8\n1,9,8,7,6\n"], ids=["no header", "counted"])
def test_a_guessed_label_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "train.csv"
    path.write_text(text + text.splitlines()[-1] + "\n")
    source = csv_source(path, path, OPTIONS, DIVISION)
    (note,) = source.notes
    assert "train.csv says which column is the label: the first is taken for it" in note
    assert not csv_source(path, path, CsvOptions(label="1" if text[2] == "1" else "0"), DIVISION).notes


def test_kaggle(tmp_path: Path) -> None:
    _, test = files(tmp_path, "train.csv", "test.csv", NO_LABELS)
    source = csv_folder(tmp_path, OPTIONS, DIVISION)
    assert source is not None
    assert f"{test} has no labels and is left aside" in source.notes
    assert source.train.table.labels.size + source.test.table.labels.size == 30


@pytest.mark.parametrize("test_labels", [None, LABELS, NO_LABELS], ids=["alone", "pair", "kaggle"])
def test_it_is_remembered_that_images_were_turned_over(tmp_path: Path, test_labels: Array | None) -> None:
    write_csv(tmp_path / "train.csv", FEATURES, LABELS)
    if test_labels is not None:
        write_csv(tmp_path / "test.csv", FEATURES, test_labels)
    for transpose in (False, True):
        source = csv_folder(tmp_path, CsvOptions(transpose=transpose), DIVISION)
        assert source is not None
        assert source.transposed is transpose


def test_an_empty_folder(tmp_path: Path) -> None:
    assert csv_folder(tmp_path, OPTIONS, DIVISION) is None
    assert find_test_csv(tmp_path) is None


def test_names_and_their_order(tmp_path: Path) -> None:
    def touched(name: str) -> Path:
        (tmp_path / name).touch()
        return tmp_path / name

    test = touched("test.csv")
    assert find_csv(tmp_path) is None
    assert find_test_csv(tmp_path) == test
    for name in ("train.zip", "train.csv.zip", "train.csv.gz", "train.csv"):
        train = touched(name)
        assert find_csv(tmp_path) == (train, test)
    for name in ("mnist_train.zip", "mnist_train.csv.zip", "mnist_train.csv.gz", "mnist_train.csv"):
        train = touched(name)
        assert find_csv(tmp_path) == (train, None)


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
