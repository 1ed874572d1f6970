"""Labelled rows on their way in: gone through batch by batch, however many there are."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.prepare.batches import Dtype
from pipeline.rows import Features
from pipeline.rules import shown
from pipeline.types import ImageShape, Labels, Strokes


class Table(NamedTuple):
    """What is known of an input after one look at all of it, and a way to go through its rows again."""

    source: str  # the file, as messages name it
    labels: Labels  # (n,) uint8 or uint16: all labels, in order; index into `class_names`
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    dtype: Dtype  # uint8 if every value is an integer in 0..255, else float32
    image_shape: ImageShape | None  # None if the rows are no images
    batches: Callable[[], Iterator[Features]]  # starts a new pass over the features, (k, d) at a time
    label: str = ""  # name of the label column; empty where there is no such thing
    left: tuple[str, ...] = ()  # names of columns that are neither learned nor the label
    notes: tuple[str, ...] = ()  # what a person should know about how the rows are read
    strokes: Strokes | None = None  # where the rows are drawings: they, with coordinates from 0 to 1


def identifying_names(names: tuple[str, ...], shape: ImageShape | None) -> tuple[str, ...] | None:
    """Return the feature names if later files can be held to them; else None.

    Numbers in sequence identify nothing, and the names of pixels differ from file to file.
    """
    return None if shape is not None or all(name.isdecimal() for name in names) else names


def misplaced(expected: tuple[str, ...], found: tuple[str, ...]) -> str | None:
    """Return, for a message, the first name that is not where it is expected; None if all are."""
    pairs = enumerate(zip(expected, found, strict=True), start=1)
    return next(
        (f"{shown(ours)} as feature {i}, found {shown(theirs)}" for i, (ours, theirs) in pairs if ours != theirs), None
    )
