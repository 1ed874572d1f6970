"""Several files of one table: each must have the columns of the first one."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import DataError
from pipeline.prepare.csv.header import UNNAMED
from pipeline.prepare.csv.layout import Layout
from pipeline.rules import shown


def like(path: Path, layout: Layout, first: Layout, source: str) -> Layout:
    """Return the layout of one more file of the table that begins with the file `source`, whose layout is `first`.

    Columns are found by their names where both files have a header: those that the first file lacks are refused, but
    for one without a name. Where one has none, as the parts of a file that was split, they are found by their places.

    Raises DataError if the columns are not those of the first file.
    """
    if layout.has_header and first.has_header:
        if fault := next(_faults(layout, first, source), None):
            raise DataError(f"{path}{_place(layout)}{fault}")
        places = {name: i for i, name in enumerate(layout.names)}
        features = tuple(places[first.names[i]] for i in first.features)
        label = None if first.label is None else places[first.names[first.label]]
        left = tuple(sorted({*range(len(layout.names))} - {*features, label}))
        return layout._replace(label=label, features=features, left=left, is_guess=False)
    if len(layout.names) != len(first.names):
        raise DataError(
            f"{path}{_place(layout)}: expected {len(first.names)} columns as in {source}, found {len(layout.names)}; "
            "use files of one table."
        )
    return layout._replace(
        names=first.names, label=first.label, features=first.features, left=first.left, is_guess=False
    )


def _place(layout: Layout) -> str:
    """Name the line of the header, or the first row, of a CSV file."""
    return "" if layout.parquet else f", line {max(1, layout.line - layout.has_header)}"


def _faults(layout: Layout, first: Layout, source: str) -> Iterator[str]:
    """Yield in what the header of a file is unlike that of the first one, as ends of a sentence."""
    names = [first.names[i] for i in first.features]
    known = {*first.names, UNNAMED}
    for name in [*names, *([] if first.label is None else [first.names[first.label]])]:
        if name not in layout.names:
            yield f": expected the columns of {source}, found no column {shown(name)}; use files of one table."
    for i, name in enumerate(layout.names):
        if name not in known:
            yield f", column {i + 1}: expected the columns of {source}, found {shown(name)} beside them; remove it."
    own = [(i, name) for i, name in enumerate(layout.names) if name in names]
    for expected, (i, name) in zip(names, own, strict=True):
        if name != expected:
            yield (
                f", column {i + 1}: expected the columns in the order of {source}, with {shown(expected)} here, found "
                f"{shown(name)}; reorder them."
            )
