"""`prepare --drawn`: what a person has taught at the drawing board, as rows beside the prepared ones."""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import ConfigError, DataError
from pipeline.files import write_bytes
from pipeline.prepare.store.columnar import read_parquet, write_parquet
from pipeline.prepare.store.drawn import DRAWN
from pipeline.prepare.table import Batch, Table
from pipeline.recognise.ink import render
from pipeline.recognise.stroke_files import parse_drawing
from pipeline.types import Bytes, Json


class DrawnReport(NamedTuple):
    """What became of the drawings.

    Attributes
    ----------
    source, out : Path
        The stroke file and the Parquet file.
    rows : int
    notes : tuple of str
        What is wrong with the lines that became no row.
    seconds : float
    """

    source: Path
    out: Path
    rows: int
    notes: tuple[str, ...]
    seconds: float


def prepare_drawn(source: Path, folder: Path) -> DrawnReport:
    """Turn labelled drawings into rows of the kind that a folder of prepared images holds, in `drawn.parquet` there.

    Parameters
    ----------
    source : Path
        A stroke file whose lines have a `label`; see `pipeline.recognise.lessons`.
    folder : Path
        What `prepare` has filled.

    Raises
    ------
    ArtifactError
        If nothing is prepared.
    ConfigError
        If what is prepared is no images of grey levels.
    DataError
        If the file can't be read, or no line of it is a labelled drawing.
    OutputError
        If the rows can't be written; what was there is untouched.
    """
    start = time.perf_counter()
    table = read_parquet(folder / "train.parquet")
    if table.image_shape is None or table.dtype != np.uint8:
        raise ConfigError(f"{folder}: --drawn: expected images of grey levels, found rows of other features.")
    found = list(_rows(source, table))
    rows = [row for row in found if not isinstance(row, DataError)]
    faults = tuple(str(row) for row in found if isinstance(row, DataError))
    if not rows:
        reason = faults[0] if faults else "found an empty file"
        raise DataError(f"{source}: expected drawings with a label; {reason}. Teach some at the drawing board first.")
    features, labels = np.stack([pixels for pixels, _ in rows]), np.array([label for _, label in rows], np.uint8)
    drawn = table._replace(source=str(source), labels=labels, batches=lambda: iter((Batch(features, labels),)))
    file = io.BytesIO()
    write_parquet(file, drawn)
    write_bytes(folder / DRAWN, file.getvalue())
    return DrawnReport(source, folder / DRAWN, len(rows), faults, time.perf_counter() - start)


def drawn_to_json(report: DrawnReport) -> Json:
    """Return what `prepare --drawn --json` prints."""
    return {**report._asdict(), "source": str(report.source), "out": str(report.out), "notes": list(report.notes)}


def _rows(source: Path, table: Table) -> Iterator[tuple[Bytes, int] | DataError]:
    """Yield image and class of each drawing of a file, or what is wrong with it."""
    try:
        lines = source.read_bytes().splitlines()
    except OSError as error:
        raise DataError(
            f"{source}: can't be read: {error.strerror}. Teach something at the drawing board, which writes it."
        ) from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _row(line, f"{source}, line {number}", table)
            except DataError as error:
                yield error


def _row(line: bytes, where: str, table: Table) -> tuple[Bytes, int]:
    """Return image and class of a drawing."""
    pixels = render(parse_drawing(line, where), table.image_shape or (0, 0))
    label = json.loads(line).get("label")
    if pixels is None or str(label) not in table.class_names:
        known = ", ".join(table.class_names)
        raise DataError(f"{where}: expected ink, and a label that is one of {known}; found {json.dumps(label)}.")
    return pixels, table.class_names.index(str(label))
