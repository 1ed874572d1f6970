"""`drawn.parquet`: drawings that a person has put right, as rows beside the prepared ones."""

import hashlib
from pathlib import Path

import numpy as np

from pipeline.errors import ArtifactError
from pipeline.files import sha256_of
from pipeline.labels import with_none
from pipeline.prepare.store.arrays import PreparedData, open_arrays
from pipeline.prepare.store.columnar import read_parquet
from pipeline.staging import settled
from pipeline.types import Dataset

DRAWN = "drawn.parquet"
AGAIN = "run `python cli.py prepare --drawn`."


def open_with_drawn(folder: Path, most: int | None) -> PreparedData:
    """Return what `prepare` and `prepare --drawn` left in a folder; see `open_arrays` and `with_drawn`."""
    with settled(folder):
        return with_drawn(open_arrays(folder, most), folder)


def with_drawn(data: PreparedData, folder: Path) -> PreparedData:
    """Return prepared data with the drawings that lie beside them; their hash then stands for both.

    Raises ArtifactError if there are none, or they are not of the data's kind.
    """
    path = folder / DRAWN
    if not path.exists():
        raise ArtifactError(f"{path}: expected drawings, found no such file; {AGAIN}")
    table, train = read_parquet(path), data.train
    known = train.class_names, with_none(train.class_names)
    alike = table.image_shape == train.image_shape and table.class_names in known
    if not alike or not table.dtype == train.features.dtype == np.uint8:
        raise ArtifactError(f"{path}: expected images and classes like those beside it, found others; {AGAIN}")
    if not table.labels.size:
        raise ArtifactError(f"{path}: expected drawings, found no row; {AGAIN}")
    features = np.concatenate(list(table.batches()))
    drawn = Dataset(features, table.labels, table.image_shape, table.class_names)
    return data._replace(drawn=drawn, strokes=table.strokes, data_hash=joint_hash(data.data_hash, path))


def joint_hash(data_hash: str, drawn: Path) -> str:
    """Return the fingerprint of prepared data together with a file of drawings."""
    return hashlib.sha256(f"{data_hash} {sha256_of(drawn)}".encode()).hexdigest()
