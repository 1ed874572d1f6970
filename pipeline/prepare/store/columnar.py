"""Tables as Parquet, written and read batch by batch: the same bytes for the same rows, and a checksum on each page.

Images are one column of fixed-size binary values, which writes ten times faster than a column a pixel and is smaller;
rows of other features get a column each, under their own names. The labels come first in either. Rows that are drawings
have a column of their strokes, too.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ArtifactError
from pipeline.files import open_plain
from pipeline.labels import MAX_CLASSES, label_type, labels_of
from pipeline.prepare.batches import BYTES, FLOATS, Dtype, group_rows, recut
from pipeline.prepare.store.manifest import AGAIN
from pipeline.prepare.store.strokes import KIND, NO_STROKES, STROKES, column_of, drawings_in
from pipeline.prepare.table import Table
from pipeline.rows import Features
from pipeline.rules import IMAGE_SHAPE, Rule, check, check_fields, integer, one_of, texts
from pipeline.types import ImageShape

ArrowArray: TypeAlias = Any
ArrowSchema: TypeAlias = Any
ParquetFile: TypeAlias = Any
"""pyarrow ships no type information."""

TRAIN, TEST = "train.parquet", "test.parquet"

SCHEMA = 1
"""Version of the layout; rises when older code could not read what is written."""

DTYPES: dict[str, Dtype] = {"uint8": BYTES, "float32": FLOATS}
FIELDS: Mapping[str, Rule] = {
    "class_names": texts(1, MAX_CLASSES, unlike=True),
    "dtype": one_of(tuple(DTYPES)),
    "feature_names": texts(1),
    "image_shape": IMAGE_SHAPE,
    "scrawl_schema": integer(SCHEMA, SCHEMA),
}
"""What the description holds."""


def write_parquet(file: IO[bytes], table: Table) -> None:
    """Write all rows of a table; raise OSError if that is not possible."""
    schema, drawings = _schema(table), column_of(table.strokes) if table.strokes else None
    step, start = group_rows(len(table.feature_names), table.dtype.itemsize), 0
    with pq.ParquetWriter(
        file, schema, compression="zstd", use_dictionary=[schema.names[0]], write_page_checksum=True
    ) as writer:
        for batch in recut(table.batches(), step):
            labels = pa.array(table.labels[start : start + len(batch)])
            columns = [labels, *_columns(batch, table.image_shape)]
            columns += [drawings.slice(start, len(batch))] if drawings else []
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=step)
            start += len(batch)


def read_parquet(path: Path) -> Table:
    """Return the rows of a file that `write_parquet` wrote.

    The description, labels and strokes are read at once, the features as the batches are gone through. Both may raise
    ArtifactError: if the file is missing, damaged, or not one of ours.
    """
    with _opened(path) as file:
        table = _described(path, file.schema_arrow)
        names = [file.schema_arrow.names[0], *([STROKES] if table.strokes else [])]
        groups = [file.read_row_group(g, columns=names, use_threads=False) for g in range(file.num_row_groups)]
        if table.strokes and groups:
            table = table._replace(strokes=drawings_in(pa.concat_tables(groups).column(STROKES)))
    labels = np.concatenate([table.labels, *(group.column(0).to_numpy() for group in groups)])
    if labels.size and labels.max() >= len(table.class_names):
        raise _damaged(path, f"expected labels below {len(table.class_names)}, found {labels.max()}")
    return table._replace(labels=labels)


def _schema(table: Table) -> ArrowSchema:
    """Return the columns' names and types, with a description of the rows as sorted metadata."""
    value = pa.from_numpy_dtype(table.dtype)
    width = len(table.feature_names)
    label = "label"
    while label in table.feature_names:
        label += "_"
    names = ("image",) if table.image_shape else table.feature_names
    kind = pa.binary(width * table.dtype.itemsize) if table.image_shape else value
    number = pa.from_numpy_dtype(label_type(len(table.class_names)))
    fields = [pa.field(label, number, nullable=False), *(pa.field(name, kind, nullable=False) for name in names)]
    fields += [pa.field(STROKES, KIND, nullable=False)] if table.strokes else []
    description = {
        "class_names": table.class_names,
        "dtype": table.dtype.name,
        "feature_names": table.feature_names,
        "image_shape": table.image_shape,
        "scrawl_schema": SCHEMA,
    }
    return pa.schema(fields, metadata={key: json.dumps(value) for key, value in sorted(description.items())})


def _columns(features: Features, image_shape: ImageShape | None) -> list[ArrowArray]:
    """Return a batch of features as columns; images without a copy."""
    if image_shape is None:
        return [pa.array(np.ascontiguousarray(column)) for column in features.T]
    kind = pa.binary(features.shape[1] * features.itemsize)
    return [pa.Array.from_buffers(kind, len(features), [None, pa.py_buffer(np.ascontiguousarray(features))])]


def _described(path: Path, schema: ArrowSchema) -> Table:
    """Return the table that the metadata describes, without its labels."""
    description = {key.decode(): json.loads(value) for key, value in (schema.metadata or {}).items()}
    if description.get("scrawl_schema") != SCHEMA:
        raise _damaged(path, f"expected metadata of schema {SCHEMA}, found {description.get('scrawl_schema')}")
    check_fields(FIELDS, description)
    shape, width = description["image_shape"], len(description["feature_names"])
    check(shape is None or shape[0] * shape[1] == width, f"image_shape is {shape}, but there are {width} features")
    table = Table(
        source=str(path),
        labels=labels_of([], len(description["class_names"])),
        feature_names=tuple(description["feature_names"]),
        class_names=tuple(description["class_names"]),
        dtype=DTYPES[description["dtype"]],
        image_shape=None if shape is None else (shape[0], shape[1]),
        batches=lambda: _batches(path, table),
        strokes=NO_STROKES if shape is not None and schema.names[-1] == STROKES else None,
    )
    if not schema.equals(_schema(table), check_metadata=True):
        raise _damaged(path, "expected the columns that its metadata describes, found others")
    return table


def _batches(path: Path, table: Table) -> Iterator[Features]:
    """Go through the features, a row group at a time."""
    with _opened(path) as file:
        for group in range(file.num_row_groups):
            columns = file.read_row_group(group, use_threads=False).combine_chunks().columns
            yield _features(columns[1:], table)


def _features(columns: list[ArrowArray], table: Table) -> Features:
    """Return the feature columns of a row group as (k, d)."""
    if table.image_shape is None:
        return np.stack([column.to_numpy() for column in columns], axis=1)
    (values,), width = columns[0].chunks, len(table.feature_names)
    start = values.offset * width * table.dtype.itemsize
    flat: npt.NDArray[Any] = np.frombuffer(values.buffers()[1], table.dtype, len(values) * width, start)
    return flat.reshape(-1, width)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[ParquetFile]:
    """Open a Parquet file with its checksums verified, and tell of its faults in our own words."""
    try:
        with open_plain(path) as raw, pq.ParquetFile(raw, pre_buffer=False, page_checksum_verification=True) as file:
            yield file
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, getattr(error, "strerror", None) or str(error) or type(error).__name__) from error


def _damaged(path: Path, reason: str) -> ArtifactError:
    """Return the error for a file that can't be used."""
    return ArtifactError(f"{path}: can't be read as prepared data: {reason.rstrip('.')}; {AGAIN}.")
