"""The way through CSV changes no pixel: Kaggle's layout, written from the original files, gives their very arrays."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.types import Dataset
from tests.conftest import MNIST_FILES, mnist_folder
from tests.tables import write_files

ROWS = 12_000
"""Of the original files: all of them take ten seconds and show no more."""


def write_kaggle(path: Path, dataset: Dataset) -> None:
    """Write rows as Kaggle does: `label,pixel0,…,pixel783`."""
    columns = [dataset.labels, *np.ascontiguousarray(dataset.features.T)]
    names = ["label", *(f"pixel{i}" for i in range(dataset.features.shape[1]))]
    pa_csv.write_csv(pa.table(dict(zip(names, columns, strict=True))), path)


def begun(path: Path) -> bytes:
    """Return an IDX file with the first rows of another, as many as it has if they are fewer."""
    content = gzip.decompress(path.read_bytes())
    axes = np.frombuffer(content, ">u4", count=content[3], offset=4).copy()
    axes[0] = min(axes[0], ROWS)
    start = 4 + axes.nbytes
    return gzip.compress(content[:4] + axes.tobytes() + content[start : start + int(axes.prod())], 1)


def test_digits_survive_csv(in_tmp_path: Path) -> None:
    folder = mnist_folder()
    environ = {"SCRAWL_MIRRORS": ""}  # without the original files: the bundled sample, at once
    if folder is not None:
        environ["SCRAWL_MNIST"] = str(write_files(Path("some"), {name: begun(folder / name) for name in MNIST_FILES}))
    first = prepare(PrepareRequest(out=Path("first")), environ)
    assert first.train.rows == (4_000 if folder is None else ROWS)
    digits = load_arrays(Path("first"))
    write_kaggle(Path("train.csv"), digits.train)
    write_kaggle(Path("test.csv"), digits.test)
    prepare(PrepareRequest(out=Path("second"), train=Path("train.csv"), test=Path("test.csv")), environ)
    assert (in_tmp_path / "second/arrays.npz").read_bytes() == (in_tmp_path / "first/arrays.npz").read_bytes()
    again = load_arrays(Path("second"))
    for ours, theirs in ((digits.train, again.train), (digits.test, again.test)):
        np.testing.assert_array_equal(ours.features, theirs.features)
        np.testing.assert_array_equal(ours.labels, theirs.labels)
    with np.load("second/arrays.npz") as arrays:
        assert arrays["x_train"].shape == (first.train.rows, 28, 28)
