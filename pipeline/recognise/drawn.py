"""`prepare --drawn`: what a person has taught at the drawing board, as rows beside the prepared ones."""

import json
import time
from pathlib import Path

import numpy as np

from pipeline.errors import ArtifactError, ConfigError, DataError
from pipeline.files import output_errors
from pipeline.labels import labels_of
from pipeline.prepare.store.columnar import TRAIN, read_parquet, write_parquet
from pipeline.prepare.store.drawn import DRAWN
from pipeline.prepare.store.manifest import read_manifest
from pipeline.prepare.table import Table
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.rasterize import render
from pipeline.recognise.strokes.stroke_files import read_entries
from pipeline.staging import settled, staged, write_synced
from pipeline.types import Bytes, Json


def prepare_drawn(source: Path, folder: Path) -> Json:
    """Turn labelled drawings into rows of the kind that a folder of prepared images holds, in `drawn.parquet` there.

    Return what `prepare --drawn --json` prints, with notes of what is wrong with what became no row. The source
    is a stroke file whose drawings have labels; see `pipeline.recognise.strokes.lessons`.

    Raises ArtifactError if nothing is prepared, or somebody has prepared something else in the meantime; ConfigError if
    what is prepared is no images of grey levels; DataError if the file can't be read, or nothing in it is a labelled
    drawing; OutputError if the rows can't be written; what was there is untouched.
    """
    start = time.perf_counter()
    with settled(folder):
        manifest, table = read_manifest(folder), read_parquet(folder / TRAIN)
    if table.image_shape is None or table.dtype != np.uint8:
        raise ConfigError(f"{folder}: --drawn: expected images of grey levels, found rows of other features.")
    if not source.exists():
        raise DataError(f"{source}: can't be read: no such file. Teach something at the drawing board.")
    found = [_row(entry, table) for entry in read_entries(source)]
    rows = [row for row in found if not isinstance(row, DataError)]
    faults = [str(row) for row in found if isinstance(row, DataError)]
    if not rows:
        reason = faults[0] if faults else "found an empty file"
        raise DataError(f"{source}: expected drawings with a label; {reason}. Teach some at the drawing board first.")
    features = np.stack([pixels for pixels, _ in rows])
    labels = labels_of([label for _, label in rows], len(table.class_names))
    drawn = table._replace(source=str(source), labels=labels, batches=lambda: iter((features,)))

    def check(_: Path) -> None:
        if read_manifest(folder) != manifest:
            raise ArtifactError(
                f"{folder}: other rows were prepared while the drawings became rows; do this once more."
            )

    with output_errors(folder / DRAWN), staged(folder, check) as stage:
        write_synced(stage / DRAWN, lambda file: write_parquet(file, drawn))
    seconds = time.perf_counter() - start
    return {"source": str(source), "out": str(folder / DRAWN), "rows": len(rows), "notes": faults, "seconds": seconds}


def _row(entry: Entry | DataError, table: Table) -> tuple[Bytes, int] | DataError:
    """Return image and class of a drawing, or what is wrong with it."""
    if isinstance(entry, DataError):
        return entry
    pixels = render(entry.drawing, table.image_shape or (0, 0))
    if pixels is None or str(entry.label) not in table.class_names:
        known, found = ", ".join(table.class_names), json.dumps(entry.label)
        return DataError(f"{entry.where}: expected ink, and a label that is one of {known}; found {found}.")
    return pixels, table.class_names.index(str(entry.label))
