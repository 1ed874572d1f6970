"""Labelled drawings as a data set: what hands draw, in the form that a network reads, with the truth beside it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.errors import DataError
from pipeline.labels import labels_of, with_none
from pipeline.recognise.evaluate import evaluate, refused_among
from pipeline.recognise.kinds import shape_read_from
from pipeline.recognise.number import in_training_range
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.rasterize import render_all
from pipeline.recognise.strokes.stroke_files import read_entries
from pipeline.rules import shown
from pipeline.types import AnyDataset, Artifact, Bytes, Dataset, Metrics
from pipeline.words import listed

Labelled: TypeAlias = tuple[Dataset, tuple[DataError, ...]]
"""Drawings as rows, and what is wrong with the lines that hold none."""
Read: TypeAlias = Callable[[Sequence[Path]], Iterable[Labelled]]
"""Reads files as `read_labelled` does, in their order."""


class FileCounts(NamedTuple):
    """What a network gets right of a file's drawings."""

    path: Path
    metrics: Metrics
    left_out: int  # lines that hold no drawing


class Counts(NamedTuple):
    """What a network gets right."""

    metrics: Metrics  # of all digits
    rows: AnyDataset  # what was counted, as the network read it
    files: tuple[FileCounts, ...] = ()  # where the rows are drawings
    faults: tuple[DataError, ...] = ()  # what is wrong with each line that was left out


def evaluate_strokes(artifact: Artifact, paths: Sequence[Path], read: Read | None = None) -> Counts:
    """Return what a network gets right of the drawings in stroke files, one file at least; `read` reads them all.

    Raises DataError if a file can't be read, a drawing has no label or one that the network doesn't know, or there is
    no drawing.
    """
    found = list(read(paths)) if read else [read_labelled(path, artifact) for path in paths]
    datasets = [dataset for dataset, _ in found]
    drawings = datasets[0]._replace(
        features=np.concatenate([each.features for each in datasets]),
        labels=np.concatenate([each.labels for each in datasets]),
    )
    faults = tuple(fault for _, wrong in found for fault in wrong)
    if not drawings.labels.size:
        first = f" The first thing wrong: {faults[0]}" if faults else ""
        raise DataError(f"{listed([str(path) for path in paths])}: expected drawings, found none.{first}")
    files = tuple(
        FileCounts(path, _evaluated(artifact, dataset), len(wrong))
        for path, (dataset, wrong) in zip(paths, found, strict=True)
    )
    return Counts(_evaluated(artifact, drawings), _some(drawings, _are_digits(drawings)), files, faults)


def _are_digits(drawings: Dataset) -> npt.NDArray[np.bool_]:
    """Tell which drawings are of a class, and not labelled as no digit."""
    return drawings.labels < len(drawings.class_names)


def _some(drawings: Dataset, chosen: npt.NDArray[np.bool_]) -> Dataset:
    """Return some of the drawings."""
    return drawings._replace(features=drawings.features[chosen], labels=drawings.labels[chosen])


def _evaluated(artifact: Artifact, drawings: Dataset) -> Metrics:
    """Return what a network gets right of the digits, and how many of the others it refuses."""
    digits = _are_digits(drawings)
    metrics, others = evaluate(artifact, _some(drawings, digits)), drawings.features[~digits]
    return metrics._replace(others=(len(others), refused_among(artifact, others))) if len(others) else metrics


def read_labelled(path: Path, artifact: Artifact) -> Labelled:
    """Return the drawings of a stroke file as rows for a network, and what is wrong with lines that hold none.

    Labels of what is no digit, which networks know that have a score, are one more than those of the classes.

    Raises DataError if the network reads no images, the file can't be read, or a drawing has no label or an unknown
    one.
    """
    shape, names = shape_read_from(path, artifact), artifact.class_names
    known = names if artifact.threshold is None else with_none(names)
    entries = list(read_entries(path))
    images = iter(render_all([entry.drawing for entry in entries if isinstance(entry, Entry)], shape))
    items = [_item(entry, images, known) for entry in entries]
    good = [item for item in items if not isinstance(item, DataError)]
    pixels = np.array([image for image, _ in good], np.uint8).reshape(len(good), shape[0] * shape[1])
    labels = labels_of([label for _, label in good], len(known))
    dataset = Dataset(in_training_range(pixels, artifact), labels, shape, names)
    return dataset, tuple(item for item in items if isinstance(item, DataError))


def _item(
    entry: Entry | DataError, images: Iterator[Bytes | None], names: Sequence[str]
) -> tuple[Bytes, int] | DataError:
    """Return image, which is the next one, and class of a drawing, or what is wrong with it."""
    if isinstance(entry, DataError):
        return entry
    image = next(images)
    if image is None:
        return DataError(f"{entry.where}: expected ink in the drawing; found none.")
    return image, class_of(entry, names)


def class_of(entry: Entry, names: Sequence[str]) -> int:
    """Return the index of the class that a drawing's label names.

    Raises DataError if there is no label, or none of these names.
    """
    label, where = entry.label, entry.where
    if label is None:
        raise DataError(
            f"{where}: expected a label beside the strokes, {entry.labelled_as}, found none; only labelled ones count."
        )
    name = str(label) if type(label) is int else label
    if name not in names:
        raise DataError(f"{where}: expected a label that the model knows ({listed(names)}), found {shown(label)}.")
    return names.index(name)
