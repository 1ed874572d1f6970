"""One file of several: fetched if need be, read, and left in a folder as features and labels that fit together."""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import ScrawlError
from pipeline.files import output_errors, sha256_of
from pipeline.labels import label_type, labels_of
from pipeline.prepare.batches import Dtype, Spool, spooled_rows
from pipeline.prepare.csv.agreement import like
from pipeline.prepare.csv.faults import Rules
from pipeline.prepare.csv.layout import Layout
from pipeline.prepare.csv.survey import Survey, survey
from pipeline.prepare.csv.table import Part, look
from pipeline.prepare.sources.inputs import Input
from pipeline.prepare.sources.remote import fetch
from pipeline.rows import Features


class Local(NamedTuple):
    """A file on this machine, be it a copy."""

    name: str  # as messages call it
    path: Path
    sha256: str | None = None  # of a copy


class Job(NamedTuple):
    """A file to be read, and all that takes: it travels to other processes."""

    file: Input | Local
    number: int  # of the file among those of its table, from 0
    folder: Path  # what comes of it lies there
    layout: Layout  # of the first file of the table
    source: str  # the first file's name
    rules: Rules


class Read(NamedTuple):
    """What is known of a file that was read, besides what lies in the folder."""

    rows: int
    class_names: tuple[str, ...]
    spooled: Dtype
    dtype: Dtype
    notes: tuple[str, ...]
    sha256: str


def localised(file: Input, folder: Path, number: int) -> Local:
    """Return a file as it lies on this machine, after fetching what does not; raise DataError as `fetch` does."""
    if file.path is not None:
        return Local(file.name, file.path)
    # The ending stays, as it may say how a file is packed.
    path = folder / f"{number}{Path(file.name).suffix}"
    return Local(file.name, path, fetch(file.url, path))


@contextlib.contextmanager
def naming(file: Local) -> Iterator[None]:
    """Let errors speak of a copy by the name of what it is a copy of."""
    try:
        yield
    except ScrawlError as error:
        raise type(error)(str(error).replace(str(file.path), file.name)) from error


def read_part(job: Job) -> Read:
    """Read a file; what can be wrong raises as with `read_csv`, and if the columns are not those of the first file."""
    file = job.file if isinstance(job.file, Local) else localised(job.file, job.folder, job.number)
    place = job.folder.parent  # what messages say can't be written, if it is full
    with naming(file):
        layout = job.layout if job.number == 0 else like(file.path, look(file.path), job.layout, job.source)
        with output_errors(place):
            features = _features(job).open("wb+", buffering=0)
        with features:
            seen = survey(file.path, layout, job.rules, Spool(features, place))
        with output_errors(place):
            _labels(job).write_bytes(seen.labels.tobytes())
        sha256 = file.sha256 or sha256_of(file.path)
    if file.sha256:
        file.path.unlink()
    notes = tuple(note.replace(str(file.path), file.name) for note in layout.notes)
    return Read(seen.rows, seen.class_names, seen.spooled, seen.dtype, notes, sha256)


def part_of(job: Job, read: Read) -> Part:
    """Return a file that was read as a part of a table."""
    classes = len(read.class_names)
    labels = labels_of(np.fromfile(_labels(job), label_type(classes)), classes)
    seen = Survey(read.rows, labels, read.class_names, read.spooled, read.dtype)
    return Part(seen, functools.partial(_rows, _features(job), len(job.layout.features), read.spooled))


def _rows(path: Path, width: int, dtype: Dtype) -> Iterator[Features]:
    """Go through the features of a file that was read."""
    with path.open("rb", buffering=0) as file:
        yield from spooled_rows(Spool(file, path), width, dtype)


def _features(job: Job) -> Path:
    """Return where the features lie, once the file is read."""
    return job.folder / f"{job.number}.features"


def _labels(job: Job) -> Path:
    """Return where the labels lie, once the file is read."""
    return job.folder / f"{job.number}.labels"
