"""CSV files that are looked for in a folder: a pair, a single one, and Kaggle's test file without labels."""

from pathlib import Path

import pytest

from pipeline.prepare.csv.table import CsvOptions
from pipeline.prepare.sources.csv_files import csv_folder as csv_folder_, find_csv, find_test_csv
from pipeline.prepare.sources.file_tables import Division, Reading
from pipeline.prepare.sources.source import Source
from tests.pipeline.prepare.sources.test_file_tables import DIVISION, FEATURES, LABELS, NO_LABELS, OPTIONS, files
from tests.tables import Array, write_csv


def csv_folder(folder: Path, options: CsvOptions, division: Division) -> Source | None:
    return csv_folder_(folder, Reading(options, lambda: pytest.fail("a folder was made")), division)


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
