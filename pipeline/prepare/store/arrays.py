"""`arrays.npz`: the prepared rows in the layout that Keras made common, and the way back into memory."""

from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import ArtifactError
from pipeline.files import sha256_of
from pipeline.labels import label_type
from pipeline.prepare.store.manifest import AGAIN, read_manifest
from pipeline.prepare.store.npz import Member, read_npz, write_npz
from pipeline.prepare.table import Table
from pipeline.staging import settled
from pipeline.types import Dataset, ImageShape, Json

ARRAYS = "arrays.npz"
NAMES = ("x_train", "y_train", "x_test", "y_test")


class PreparedData(NamedTuple):
    """Prepared rows in memory."""

    train: Dataset  # (n, d) features, images flattened row by row
    test: Dataset  # of the same classes
    data_hash: str  # SHA-256 of `arrays.npz`
    source: str  # where the rows came from, as `prepare` said it
    transposed: bool = False  # whether the images were turned over on the way in: rows of the same kind must be, too
    drawn: Dataset | None = None  # drawings that a person has put right, to be learned as well


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


def load_arrays(folder: Path | str) -> PreparedData:
    """Read what `prepare` left in a folder; raise ArtifactError if it is missing or not as its manifest says."""
    folder = Path(folder)
    with settled(folder):
        return _loaded(folder)


def _loaded(folder: Path) -> PreparedData:
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
        arrays = read_npz(path, NAMES)
        train, test = (_dataset(path, arrays[f"x_{name}"], arrays[f"y_{name}"], manifest) for name in ("train", "test"))
    except ArtifactError as error:
        raise ArtifactError(f"{error}; {AGAIN}") from error
    return PreparedData(train, test, found, manifest["source"], manifest["transposed"])


def _dataset(path: Path, features: npt.NDArray[Any], labels: npt.NDArray[Any], manifest: Json) -> Dataset:
    """Return features and labels as a data set, if they are what the manifest says."""
    class_names = tuple(manifest["class_names"])
    shape: ImageShape | None = tuple(manifest["image_shape"]) if manifest["image_shape"] else None
    row = shape or (manifest["train"]["features"],)
    if features.shape[1:] != row or features.dtype != np.dtype(manifest["dtype"]):
        found = f"{features.shape[1:]} of {features.dtype}"
        raise ArtifactError(f"{path}: expected rows {row} of {manifest['dtype']} as in the manifest, found {found}")
    kind = label_type(len(class_names))
    if labels.dtype != kind or labels.shape != features.shape[:1] or labels.size == 0:
        raise ArtifactError(
            f"{path}: expected {len(features)} labels of {kind}, found {labels.shape} of {labels.dtype}"
        )
    if labels.max() >= len(class_names):
        raise ArtifactError(f"{path}: expected labels below {len(class_names)}, found {labels.max()}")
    flat = features.reshape(len(features), -1)
    if flat.dtype != np.uint8 and not np.isfinite(flat).all():
        first = int(np.flatnonzero(~np.isfinite(flat).all(axis=1))[0])
        raise ArtifactError(f"{path}: expected finite numbers, found others in row {first + 1}")
    names = None if manifest["feature_names"] is None else tuple(manifest["feature_names"])
    if names is not None and (len(names),) != features.shape[1:]:
        raise ArtifactError(f"{path}: expected {len(names)} features as named, found rows {features.shape[1:]}")
    return Dataset(flat, labels, shape, class_names, names)
