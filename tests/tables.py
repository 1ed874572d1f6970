"""Tables and IDX files made for the tests of `prepare`."""

import gzip
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt

from pipeline.prepare.batches import Spool
from pipeline.prepare.csv.table import Expected, read_rows
from pipeline.prepare.sources.idx import PARTS
from pipeline.prepare.table import Table
from pipeline.rows import Features

Array = npt.NDArray[Any]


def table_of(
    features: Array,
    labels: Array,
    class_names: tuple[str, ...] = ("0", "1", "2"),
    image_shape: tuple[int, int] | None = None,
    batch_rows: int = 100,
) -> Table:
    """Return a table in memory, that hands its rows out so many at a time."""

    def batches() -> Iterator[Features]:
        return (features[start : start + batch_rows] for start in range(0, len(labels), batch_rows))

    names = tuple(f"feature{j}" for j in range(features.shape[1]))
    return Table("table", labels, names, class_names, features.dtype, image_shape, batches)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw small tables: images and others, bytes and floats, cut anyhow."""
    height, width = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    rows = draw(st.integers(1, 30))
    dtype = draw(st.sampled_from((np.uint8, np.float32)))
    classes = draw(st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True))
    names = draw(
        st.lists(st.text(max_size=5) | st.just("label"), min_size=height * width, max_size=height * width, unique=True)
    )
    features = draw(hnp.arrays(dtype, (rows, height * width)))
    labels = draw(hnp.arrays(np.uint8, rows, elements=st.integers(0, len(classes) - 1)))
    shape = (height, width) if draw(st.booleans()) else None
    table = table_of(features, labels, tuple(classes), shape, draw(st.integers(1, 40)))
    return table._replace(feature_names=tuple(names))


def rows_of(table: Table) -> tuple[Array, Array]:
    """Return all features and labels of a table."""
    return np.concatenate(list(table.batches())), table.labels


def assert_same(found: Table, expected: Table) -> None:
    """Compare all of two tables but their source and how they are cut; NaN equals NaN, bit by bit."""
    for name in ("feature_names", "class_names", "dtype", "image_shape"):
        assert getattr(found, name) == getattr(expected, name), name
    for ours, theirs in zip(rows_of(found), rows_of(expected), strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        assert ours.tobytes() == theirs.tobytes()


def idx_images(images: Array) -> bytes:
    """Return (n, height, width) uint8 as the bytes of an IDX images file."""
    return struct.pack(">4I", 2051, *images.shape) + images.tobytes()


def idx_labels(labels: Array) -> bytes:
    """Return (n,) uint8 as the bytes of an IDX labels file."""
    return struct.pack(">2I", 2049, len(labels)) + labels.tobytes()


def digits(rows: int, seed: int = 0) -> tuple[Array, Array]:
    """Return (rows, 28, 28) uint8 of noise and labels that go round the ten classes."""
    images = np.random.default_rng(seed).integers(0, 256, (rows, 28, 28), dtype=np.uint8)
    return images, (np.arange(rows) % 10).astype(np.uint8)


def idx_files(train_rows: int = 50, test_rows: int = 20) -> dict[str, bytes]:
    """Return name and bytes of a small set of four gzipped IDX files, always the same."""
    train, test = digits(train_rows), digits(test_rows, seed=1)
    contents = (idx_images(train[0]), idx_labels(train[1]), idx_images(test[0]), idx_labels(test[1]))
    ends = ("-idx3-ubyte.gz", "-idx1-ubyte.gz") * 2
    return {
        part + end: gzip.compress(content, mtime=0) for part, end, content in zip(PARTS, ends, contents, strict=True)
    }


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files to a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def write_csv(path: Path, features: Array, labels: Array, header: Callable[[int], str] = "pixel{}".format) -> Path:
    """Write a CSV file with a header and the label first; Kaggle's layout if `labels` is empty."""
    columns = [header(j) for j in range(features.shape[1])]
    rows = features if len(labels) == 0 else np.column_stack([labels, features])
    names = columns if len(labels) == 0 else ["label", *columns]
    np.savetxt(path, rows, fmt="%g", delimiter=",", header=",".join(names), comments="")
    return path


def rows_in(path: Path, features: int, **reading: Any) -> Features:  # noqa: ANN401 -- as `read_rows` takes them
    """Return the rows to be classified of a file."""
    with tempfile.TemporaryFile(buffering=0) as file:
        count, batches = read_rows(path, Expected(features, **reading), Spool(file, path.parent))
        rows: Features = np.concatenate(list(batches))
    assert len(rows) == count
    return rows
