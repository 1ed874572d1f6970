"""`prepare --drawn`: drawings with a label, such as those taught at the board, as rows beside the prepared ones.

Their strokes are kept with them, so that training can draw them anew.
"""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import ArtifactError, ConfigError, DataError
from pipeline.files import output_errors
from pipeline.labels import labels_of, with_none
from pipeline.prepare.store.columnar import TRAIN, read_parquet, write_parquet
from pipeline.prepare.store.drawn import DRAWN
from pipeline.prepare.store.manifest import read_manifest
from pipeline.prepare.table import Table
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.rasterize import as_strokes, render_all
from pipeline.recognise.strokes.stroke_files import read_entries
from pipeline.staging import settled, staged, write_synced
from pipeline.types import Bytes, Drawing, Json


class _Row(NamedTuple):
    """A drawing that is a row."""

    pixels: Bytes
    label: int  # its class; after the last one, what is no digit
    drawing: Drawing


def prepare_drawn(sources: Sequence[Path], folder: Path) -> Json:
    """Turn labelled drawings into rows of the kind that a folder of prepared images holds, in `drawn.parquet` there.

    Return what `prepare --drawn --json` prints, with notes of what is wrong with what became no row. The sources
    are stroke files whose drawings have labels; see `pipeline.recognise.strokes.lessons`.

    Raises ArtifactError if nothing is prepared, or somebody has prepared something else in the meantime; ConfigError if
    what is prepared is no images of grey levels; DataError if a file can't be read, or nothing in them is a labelled
    drawing; OutputError if the rows can't be written; what was there is untouched.
    """
    start = time.perf_counter()
    with settled(folder):
        manifest, table = read_manifest(folder), read_parquet(folder / TRAIN)
    if table.image_shape is None or table.dtype != np.uint8:
        raise ConfigError(f"{folder}: --drawn: expected images of grey levels, found rows of other features.")
    for source in sources:
        if not source.exists():
            raise DataError(f"{source}: can't be read: no such file. Teach something at the drawing board.")
    entries = [entry for source in sources for entry in read_entries(source)]
    drawings = [entry.drawing for entry in entries if isinstance(entry, Entry)]
    images = iter(render_all(drawings, table.image_shape))
    found = [_row(entry, images, table) for entry in entries]
    names = ", ".join(map(str, sources))
    rows = [row for row in found if not isinstance(row, DataError)]
    faults = [str(row) for row in found if isinstance(row, DataError)]
    if not rows:
        reason = faults[0] if faults else "found an empty file"
        raise DataError(f"{names}: expected drawings with a label; {reason}. Teach some at the drawing board first.")
    features = np.stack([row.pixels for row in rows])
    is_any_none = any(row.label == len(table.class_names) for row in rows)
    classes = with_none(table.class_names) if is_any_none else table.class_names
    labels = labels_of([row.label for row in rows], len(classes))
    strokes = as_strokes([row.drawing for row in rows])
    drawn = table._replace(
        source=names, labels=labels, batches=lambda: iter((features,)), strokes=strokes, class_names=classes
    )

    def check(_: Path) -> None:
        if read_manifest(folder) != manifest:
            raise ArtifactError(
                f"{folder}: other rows were prepared while the drawings became rows; do this once more."
            )

    with output_errors(folder / DRAWN), staged(folder, check) as stage:
        write_synced(stage / DRAWN, lambda file: write_parquet(file, drawn))
    seconds = time.perf_counter() - start
    return {"source": names, "out": str(folder / DRAWN), "rows": len(rows), "notes": faults, "seconds": seconds}


def _row(entry: Entry | DataError, images: Iterator[Bytes | None], table: Table) -> _Row | DataError:
    """Return a drawing, whose image is the next one, as a row, or what is wrong with it."""
    if isinstance(entry, DataError):
        return entry
    pixels, names = next(images), with_none(table.class_names)
    if pixels is None or str(entry.label) not in names:
        known, found = ", ".join(names), json.dumps(entry.label)
        return DataError(f"{entry.where}: expected ink, and a label that is one of {known}; found {found}.")
    return _Row(pixels, names.index(str(entry.label)), entry.drawing)
