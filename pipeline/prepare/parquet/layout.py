"""What a Parquet file holds, told from its schema and first rows by the rules for a CSV file with a header."""

import collections
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ArtifactError, DataError
from pipeline.files import open_plain
from pipeline.prepare.csv.header import is_counting
from pipeline.prepare.csv.layout import Layout, ParquetForm, Sample, counted_columns, find_label
from pipeline.prepare.csv.records import SAMPLE_ROWS
from pipeline.prepare.parquet.stream import damaged, stored_batches, texts
from pipeline.prepare.store.columnar import read_parquet
from pipeline.rules import shown
from pipeline.words import MAX_NAME, line, listed

INDEX = "__index_level_"
"""How pandas names an index without a name that it writes as a column."""
OURS = b"scrawl_schema"
"""What the metadata of a file that `prepare` wrote has among them."""


def sniff_parquet(path: Path, label_name: str | None = None) -> Layout:
    """Look at a file; `label_name` is the label column that the user named.

    Raises DataError if it is damaged, has no rows, a single column, columns without a name of their own, no column
    `label_name`, or something other than numbers beside the label.
    """
    schema, rows = _schema(path)
    if not rows:
        raise DataError(f"{path}: expected rows, found none; is the file complete?")
    _check_names(path, schema.names)
    if label_name is not None and label_name.strip().casefold() not in map(str.casefold, schema.names):
        raise DataError(
            f"{path}: --label {line(label_name, MAX_NAME)} names no column; expected one of these: "
            f"{listed(schema.names)}."
        )
    if OURS in (schema.metadata or {}):
        return _prepared(path, schema)
    layout = _table(path, schema, label_name)
    binary = [i for i in layout.features if pa.types.is_fixed_size_binary(schema.field(layout.names[i]).type)]
    if len(layout.features) == len(binary) == 1 and layout.label is not None:
        size = schema.field(layout.names[binary[0]]).type.byte_width
        return _of_images(layout, layout.names[binary[0]], tuple(f"pixel{i}" for i in range(size)))
    _check_numbers(path, schema, layout)
    return layout


def _schema(path: Path) -> tuple[pa.Schema, int]:
    """Return the schema of a file, and how many rows there are."""
    try:
        with open_plain(path) as raw, pq.ParquetFile(raw) as file:
            return file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(path, error) from error


def _check_names(path: Path, names: Sequence[str]) -> None:
    """Refuse a file of one column, and names that are missing or alike."""
    if len(names) < 2:  # noqa: PLR2004 -- a label and a feature
        raise DataError(f"{path}: expected a label and features, found a single column ({listed(names)}).")
    for name, count in collections.Counter(names).items():
        if count > 1 or not name.strip():
            what = "without a name" if not name.strip() else f"with the name {shown(name)}, which another has too"
            raise DataError(f"{path}: expected columns with names of their own, found one {what}; rename it.")


def _table(path: Path, schema: pa.Schema, label_name: str | None) -> Layout:
    """Return the layout of a table with a column for each feature."""
    names, index = tuple(schema.names), tuple(i for i, name in enumerate(schema.names) if name.startswith(INDEX))
    sample = Sample(names, _sample(path), True, ".")  # noqa: FBT003 -- the names are a header
    label, notes = find_label(path, sample, label_name)
    is_guess = label is None and is_counting(names)
    label = 0 if is_guess else label
    features = tuple(i for i in range(len(names)) if i != label and i not in index)
    counted = tuple(i for i in counted_columns(sample) if i not in index)
    left = f"{path}: pandas' index, {listed([names[i] for i in index])}, is left aside"
    return Layout(
        "", names, True, label, is_guess, features, 1, 0, 0, counted=counted, left=index,  # noqa: FBT003 -- likewise
        notes=(*notes, *([left] if index else [])), parquet=ParquetForm(names),
    )  # fmt: skip


def _sample(path: Path) -> list[list[str]]:
    """Return the first rows as texts; values that are neither numbers nor words as what Python shows of them."""
    batch = next(stored_batches(path)).slice(0, SAMPLE_ROWS)

    def shown_texts(array: pa.Array) -> list[str]:
        try:
            return [*map(str, texts(array).to_pylist())]
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return [*map(str, array.to_pylist())]

    return [[*row] for row in zip(*map(shown_texts, batch.columns), strict=True)]


def _check_numbers(path: Path, schema: pa.Schema, layout: Layout) -> None:
    """Refuse features that are no numbers by their type."""
    for i in layout.features:
        kind = schema.field(layout.names[i]).type
        if not any(is_so(kind) for is_so in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean,
                                             pa.types.is_decimal)):  # fmt: skip
            raise DataError(
                f"{path}, column {i + 1} ({shown(layout.names[i])}): expected numbers, found values of the type "
                f"{line(str(kind), MAX_NAME)}; write them as numbers or leave the column out, or, if it is the label, "
                "name it with --label NAME."
            )


def _of_images(layout: Layout, image: str, pixels: tuple[str, ...]) -> Layout:
    """Return the layout of images that are one column, as if each pixel were one."""
    label = layout.names[layout.label or 0]
    return layout._replace(
        names=(label, *pixels), label=0, features=tuple(range(1, len(pixels) + 1)), counted=(), left=(),
        parquet=ParquetForm((label, image), np.dtype(np.uint8)),
    )  # fmt: skip


def _prepared(path: Path, schema: pa.Schema) -> Layout:
    """Return the layout of a file that `prepare` wrote, whose metadata say what is in it."""
    try:
        table = read_parquet(path)
    except ArtifactError as error:
        raise DataError(f"{error}") from error
    names = (schema.names[0], *table.feature_names)
    pixel = table.dtype if table.image_shape else None
    form = ParquetForm(tuple(schema.names), pixel, table.class_names, table.image_shape)
    features = tuple(range(1, len(names)))
    return Layout("", names, True, 0, False, features, 1, 0, 0, parquet=form)  # noqa: FBT003 -- as above
