"""`arrays.npz`: the prepared rows in the layout that Keras made common, and the way back into memory."""

import math
from pathlib import Path
from typing import IO, Generic, NamedTuple, TypeAlias

import numpy as np

from pipeline.errors import ArtifactError
from pipeline.files import sha256_of
from pipeline.labels import label_type
from pipeline.prepare.store.manifest import AGAIN, read_manifest
from pipeline.prepare.store.npz import Array, Member, read_npz, write_npz
from pipeline.prepare.table import Table
from pipeline.rows import Features, Rows, StoredRows, in_memory, pieces
from pipeline.staging import settled
from pipeline.types import AnyDataset, Dataset, ImageShape, Json, Labelled, R_co, Strokes

ARRAYS = "arrays.npz"
NAMES = ("x_train", "y_train", "x_test", "y_test")


class Prepared(NamedTuple, Generic[R_co]):
    """Prepared rows."""

    train: Labelled[R_co]  # (n, d) features, images flattened row by row
    test: Labelled[R_co]  # of the same classes
    data_hash: str  # SHA-256 of `arrays.npz`
    source: str  # where the rows came from, as `prepare` said it
    transposed: bool = False  # whether the images were turned over on the way in: rows of the same kind must be, too
    drawn: Dataset | None = None  # drawings that a person has put right, to be learned as well
    strokes: Strokes | None = None  # those of these drawings, where they were kept


PreparedData: TypeAlias = Prepared[Rows]
"""Prepared rows in memory or in a file."""


def write_arrays(file: IO[bytes], train: Table, test: Table) -> None:
    """Write `x_train, y_train, x_test, y_test`: images (n, height, width), other rows (n, d).

    Labels are (n,) uint8, or uint16 for more than 256 classes. Raises OSError if the file can't be written.
    """
    members = {}
    for name, table in (("train", train), ("test", test)):
        row = table.image_shape or (len(table.feature_names),)
        members[f"x_{name}"] = Member((table.labels.size, *row), table.dtype, table.batches())
        members[f"y_{name}"] = Member(table.labels.shape, table.labels.dtype, [table.labels])
    write_npz(file, members)


def load_arrays(folder: Path | str) -> Prepared[Features]:
    """Read what `prepare` left in a folder; raise ArtifactError if it is missing or not as its manifest says."""
    data = open_arrays(folder, None)
    return Prepared(read(data.train), read(data.test), *data[2:])


def read(dataset: AnyDataset) -> Dataset:
    """Return a data set that is in memory."""
    return Dataset(in_memory(dataset.features), *dataset[1:])


def open_arrays(folder: Path | str, most: int | None) -> PreparedData:
    """Return what `prepare` left in a folder; features of more than `most` bytes stay in their file, if it is set.

    Raises ArtifactError if it is missing or not as its manifest says.
    """
    folder = Path(folder)
    with settled(folder):
        return _loaded(folder, most)


def _loaded(folder: Path, most: int | None) -> PreparedData:
    """Return what is in a folder in which nobody moves anything."""
    manifest = read_manifest(folder)
    path = folder / ARRAYS
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ArtifactError(f"{path}: can't be read: {error.strerror}; {AGAIN}") from error
    expected = manifest["outputs"].get(ARRAYS)
    if found != expected:
        raise ArtifactError(f"{path}: expected the sha256 {expected} that the manifest names, found {found}; {AGAIN}")
    try:
        arrays = read_npz(path, NAMES, most)
        train, test = (_dataset(path, arrays[f"x_{name}"], arrays[f"y_{name}"], manifest) for name in ("train", "test"))
    except ArtifactError as error:
        raise ArtifactError(f"{error}; {AGAIN}") from error
    return PreparedData(train, test, found, manifest["source"], manifest["transposed"])


def _dataset(path: Path, features: Array | StoredRows, labels: Array | StoredRows, manifest: Json) -> AnyDataset:
    """Return features and labels as a data set, if they are what the manifest says."""
    class_names = tuple(manifest["class_names"])
    shape: ImageShape | None = tuple(manifest["image_shape"]) if manifest["image_shape"] else None
    row = shape or (manifest["train"]["features"],)
    stored = (math.prod(row),) if isinstance(features, StoredRows) else row
    if features.shape[1:] != stored or features.dtype != np.dtype(manifest["dtype"]):
        found = f"{features.shape[1:]} of {features.dtype}"
        raise ArtifactError(f"{path}: expected rows {row} of {manifest['dtype']} as in the manifest, found {found}")
    kind = label_type(len(class_names))
    assert not isinstance(labels, StoredRows)  # noqa: S101 -- a column is always read
    if labels.dtype != kind or labels.shape != features.shape[:1] or labels.size == 0:
        raise ArtifactError(
            f"{path}: expected {len(features)} labels of {kind}, found {labels.shape} of {labels.dtype}"
        )
    if labels.max() >= len(class_names):
        raise ArtifactError(f"{path}: expected labels below {len(class_names)}, found {labels.max()}")
    flat: Rows = features if isinstance(features, StoredRows) else features.reshape(len(features), -1)
    _check_finite(path, flat)
    names = None if manifest["feature_names"] is None else tuple(manifest["feature_names"])
    if names is not None and len(names) != flat.shape[1]:
        raise ArtifactError(f"{path}: expected {len(names)} features as named, found rows {features.shape[1:]}")
    return Labelled(flat, labels, shape, class_names, names)


def _check_finite(path: Path, features: Rows) -> None:
    """Raise if one of the numbers is none."""
    for piece in pieces(features) if features.dtype != np.uint8 else ():
        if not (finite := np.isfinite(features[piece])).all():
            first = piece.start + int(np.flatnonzero(~finite.all(axis=1))[0])
            raise ArtifactError(f"{path}: expected finite numbers, found others in row {first + 1}")
