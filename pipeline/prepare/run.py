"""`prepare`: from wherever the rows are to Parquet, NPZ and a manifest, all of them or none."""

import contextlib
import functools
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigError, DataError
from pipeline.files import output_errors, sha256_of
from pipeline.prepare.batches import spool_in
from pipeline.prepare.earlier import earlier_in, losses, refusal
from pipeline.prepare.sources.find import PrepareRequest, find_source
from pipeline.prepare.sources.source import Source, Split
from pipeline.prepare.store.arrays import ARRAYS, write_arrays
from pipeline.prepare.store.columnar import TEST, TRAIN, read_parquet, write_parquet
from pipeline.prepare.store.manifest import MANIFEST, SplitSummary, encode_manifest
from pipeline.prepare.table import identifying_names
from pipeline.rules import shown
from pipeline.staging import recover, scratch_in, staged, write_synced
from pipeline.types import Json

OUTPUTS = TRAIN, TEST, ARRAYS


class PrepareReport(NamedTuple):
    """What was prepared."""

    out: Path
    source: str  # where the rows came from
    notes: tuple[str, ...]  # what a person should know about that
    train: SplitSummary
    test: SplitSummary
    seconds: float  # wall time of it all


def prepare(request: PrepareRequest, environ: Mapping[str, str] = os.environ) -> PrepareReport:
    """Find the rows and write `train.parquet`, `test.parquet`, `arrays.npz` and `manifest.json` to `request.out`.

    All four are made out of sight and moved into place together: after an error those of an earlier run are as before.
    `SCRAWL_MNIST` and `SCRAWL_MIRRORS` are looked up in `environ`.

    Raises DataError if the rows can't be read, or there are none; ConfigError if the request contradicts itself, or
    would replace rows of another source, label or shape without being told; OutputError if it can't be written.
    """
    start = time.perf_counter()
    with contextlib.ExitStack() as stack:
        source = find_source(
            request,
            environ,
            lambda: stack.enter_context(scratch_in(request.out)),
            lambda: stack.enter_context(spool_in(request.out)),
        )
        return _written(request, source, start)


def _written(request: PrepareRequest, source: Source, start: float) -> PrepareReport:
    """Write rows to a folder, unless others there are to stay; `start` is when the work began."""
    _check_classes(source)
    files = {file for split in (source.train, source.test) if split.sums is None for file in split.files}
    sums = {path: sha256_of(path) for path in files}
    train, test = (_summary(split, sums) for split in (source.train, source.test))
    content, notes = _content(request, source, train, test), list(source.notes)

    def check(folder: Path) -> None:
        if not request.overwrite and (reason := refusal(request.out, content)):
            raise ConfigError(reason)
        notes.extend(losses(request.out, content, folder))

    recover(request.out)
    if not request.overwrite and (reason := refusal(request.out, content)):
        return _kept(request, reason, start)

    with output_errors(request.out), staged(request.out, check) as folder:
        _write_data(folder, source)
        content["outputs"] = {name: sha256_of(folder / name) for name in OUTPUTS}
        manifest = encode_manifest(content)
        write_synced(folder / MANIFEST, lambda file: file.write(manifest))
    return PrepareReport(request.out, source.name, tuple(notes), train, test, time.perf_counter() - start)


def _kept(request: PrepareRequest, reason: str, start: float) -> PrepareReport:
    """Return what is told of rows that stay where they are, if that is what is wanted; else raise the reason."""
    there = earlier_in(request.out) if request.keep_prepared else None
    if there is None:
        raise ConfigError(reason)
    notes, seconds = (f"nothing new is prepared: {reason}",), time.perf_counter() - start
    return PrepareReport(request.out, there.manifest["source"], notes, there.train, there.test, seconds)


def report_to_json(report: PrepareReport) -> Json:
    """Return what `prepare --json` prints."""
    splits = {
        name: {key: value for key, value in summary._asdict().items() if key != "inputs"}
        for name, summary in (("train", report.train), ("test", report.test))
    }
    return {**report._asdict(), "out": str(report.out), "notes": list(report.notes), **splits}


def _check_classes(source: Source) -> None:
    """Raise if there is nothing to tell apart."""
    table = source.train.table
    if len(table.class_names) < 2:  # noqa: PLR2004 -- one class is no choice
        raise DataError(
            f"{table.source}: expected labels of two classes or more, found only {shown(table.class_names[0])}; "
            "is it the right label column?"
        )


def _write_data(folder: Path, source: Source) -> None:
    """Write both Parquet files, and the arrays from what they hold."""
    paths = folder / TRAIN, folder / TEST
    for path, split in zip(paths, (source.train, source.test), strict=True):
        write_synced(path, functools.partial(write_parquet, table=split.table))
    train, test = (read_parquet(path) for path in paths)
    write_synced(folder / ARRAYS, lambda file: write_arrays(file, train, test))


def _summary(split: Split, sums: Mapping[Path, str]) -> SplitSummary:
    """Return what is told of a split, whose files have these SHA-256 sums."""
    table, inputs = split.table, split.sums or {path.name: sums[path] for path in split.files}
    return SplitSummary(
        rows=table.labels.size,
        features=len(table.feature_names),
        classes=len(table.class_names),
        sha256=next(iter(inputs.values())),
        inputs={**inputs},
    )


def _content(request: PrepareRequest, source: Source, train: SplitSummary, test: SplitSummary) -> Json:
    """Return what the manifest says, apart from what is yet to be written."""
    table = source.train.table
    return {
        "class_names": table.class_names,
        "dtype": table.dtype.name,
        "feature_names": identifying_names(table.feature_names, table.image_shape),
        "image_shape": table.image_shape,
        "label": table.label,
        "notes": source.notes,
        "seed": request.seed,
        "source": source.name,
        "test": test._asdict(),
        "train": train._asdict(),
        "transposed": source.transposed,
    }
