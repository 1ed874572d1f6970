"""Results as tables for a terminal: drawn by rich, and readable without colour.

Names of classes and files go in as `Text`, never as markup: a class may well be called `[red]`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from pipeline.report.metrics import ClassFigures, commonest_mistakes, figures_by_class, wilson_interval
from pipeline.types import Json, Metrics
from pipeline.words import JOINERS, visible

MATRIX_CLASSES = 12
"""A confusion matrix of more classes does not fit a terminal of 80 columns; one of long names, not even of fewer."""
MISTAKES = 10
"""So many of the commonest mistakes are listed in its stead."""
MAX_NAME = 20
"""Characters of a class's name: with more, the figures beside it would have no room."""
ANY_WIDTH = 1000
"""More columns than any table needs."""
NOTHING = "–"  # noqa: RUF001 -- a dash for a figure that is not there


class Visible(NamedTuple):
    """A result of which nothing steers the terminal but rich's own styles, and nothing in brackets is taken for one."""

    result: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render as rich asks for it."""
        for segment in console.render(self.result, options.update(markup=False)):
            yield segment if segment.control else segment._replace(text=visible(segment.text, keep="\n" + JOINERS))


def show(result: RenderableType, console: Console | None = None) -> None:
    """Print a result on a console, stdout by default, without cutting off what is too wide for it."""
    (console or Console(emoji=False)).print(Visible(result), crop=False)


class Whole(NamedTuple):
    """A table never narrower than its numbers: a terminal that is narrower breaks the lines, and nothing is lost."""

    table: Table
    instead: RenderableType | None = None  # shown in its place where it is wider than the terminal
    wraps: bool = False  # whether its lines may be broken between words

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render as rich asks for it."""
        measured = Measurement.get(console, options.update(width=ANY_WIDTH), self.table)
        needed = measured.minimum if self.wraps else measured.maximum
        if self.instead is not None and needed > options.max_width:
            yield self.instead
        else:
            yield from console.render(self.table, options.update(width=max(needed, options.max_width)))


def prepare_table(document: Json) -> RenderableType:
    """Return what `prepare` did, from what it prints as JSON."""
    table = new_table("", "rows", "features", "classes", "sha256 of the input")
    for split in ("train", "test"):
        summary = document[split]
        counts = (f"{summary[name]:,}" for name in ("rows", "features", "classes"))
        table.add_row(split, *counts, f"{summary['sha256'][:16]}…")
    return Group(
        Text(f"From {document['source']}"),
        Whole(table),
        Text(f"In {document['out']}, after {document['seconds']:.1f} s"),
    )


def training_table(document: Json) -> RenderableType:
    """Return what a training run led to, from what `train` prints as JSON."""
    epochs, test = document["epochs"], document["test"]
    last, kept = epochs[-1], next(each for each in epochs if each["epoch"] == document["kept"])
    validated, note = kept["validation_accuracy"], "" if kept is last else f"; kept epoch {kept['epoch']}"
    # What going on from a network has changed.
    before, after, changes = document.get("before"), document.get("after") or {}, []
    for name, what in (("test", "right of the test rows"), ("drawn", "right of the drawings")):
        if now := after.get(name):
            then = f"{before[name]['correct']:,} before, " if before else ""
            changes.append((what, f"{then}{now['correct']:,} after, of {now['n']:,}"))
    return pairs(
        ("epochs", f"{last['epoch']}, {last['seconds']:.2f} s the last{note}"),
        ("loss", f"{kept['loss']:.4f}"),
        ("validation accuracy", NOTHING if validated is None else percent(validated)),
        ("test accuracy", _accuracy(test["correct"], test["n"])),
        *changes,
        ("time", f"{document['seconds']:.1f} s, {document['compile_seconds']:.1f} s of it to load or compile kernels"),
        ("model", document["model"]),
    )


def augment_table(document: Json) -> RenderableType:
    """Return what `augment` did, from what it prints as JSON."""
    strengths = ", ".join(f"{name} {value:g}" for name, value in document["strength"].items())
    rate = f"{document['images']:,} in {duration(document['seconds'])}, an epoch of the training rows"
    return pairs(("strengths", strengths), ("distorted", rate), ("drawn", document["sheet"]))


def drawn_table(document: Json) -> RenderableType:
    """Return what `prepare --drawn` did, from what it prints as JSON."""
    rows = f"{document['rows']:,}"
    return pairs(("drawings", document["source"]), ("rows", rows), ("in", document["out"]))


def sketch_table(document: Json) -> RenderableType:
    """Return what `sketch` did, from what it prints as JSON."""
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in document["kinds"].items())
    drawings = f"{document['drawings']:,}, of {', '.join(map(str, document['labels']))}"
    return pairs(("sketches", document["sketches"]), ("drawings", drawings), ("kinds", kinds))


def export_table(document: Json) -> RenderableType:
    """Return what was written, from what `export` prints as JSON."""
    return pairs(
        ("model", document["model"]),
        ("size", f"{document['bytes']:,} bytes"),
        ("parameters", f"{document['parameters']:,}, of {document['bits']} bits"),
        ("temperature", f"{document['temperature']:.3f}"),
    )


def evaluation_table(
    metrics: Metrics, class_names: Sequence[str], files: Iterable[tuple[Path, Metrics, int]] = ()
) -> RenderableType:
    """Return what a network gets right and what it takes for what.

    `class_names` are in the order of the confusion matrix; `files` are those that the rows come from if they are
    drawings, each with its metrics and how many of its lines were left out.
    """
    summary = [
        ("accuracy", _accuracy(metrics.correct, metrics.n)),
        ("wrong", f"{metrics.n - metrics.correct:,}"),
        ("loss", f"{metrics.loss:.4f}"),
    ]
    if found := metrics.calibration:
        certainty = f"{percent(found.ece)} expected error (temperature {found.temperature:.3f})"
        summary.append(("calibration", certainty))
    if metrics.refused is not None:
        summary.append(("digits refused", f"{percent(metrics.refused / max(metrics.n, 1))} ({metrics.refused:,})"))
    if metrics.others is not None:
        n, refused = metrics.others
        summary.append(("others refused", f"{percent(refused / n)} ({refused:,} of {n:,} that are no digits)"))
    confused = _mistakes(metrics.confusion, class_names)
    if len(class_names) <= MATRIX_CLASSES:
        confused = Whole(_matrix(metrics.confusion, class_names), confused)
    rows = _files(files)
    classes = Whole(_classes(figures_by_class(metrics.confusion), class_names))
    return Group(pairs(*summary), *([Whole(rows)] if rows.row_count else []), classes, confused)


def percent(share: float, digits: int = 2) -> str:
    """Return a share in percent, such as "98.31 %"."""
    return f"{share:.{digits}%}".replace("%", " %")


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it, such as "12.3 µs"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def _accuracy(correct: int, n: int) -> str:
    """Return an accuracy with its interval and its counts."""
    low, high = wilson_interval(correct, n)
    share = percent(correct / max(n, 1))
    return f"{share} ({correct:,} of {n:,}; 95 % interval {percent(low)} to {percent(high)})"


def _files(files: Iterable[tuple[Path, Metrics, int]]) -> Table:
    """Return the figures of each file of drawings."""
    table = new_table("file", "drawings", "right", "accuracy", "expected error", "left out")
    for path, each, left_out in files:
        share = percent(each.correct / each.n) if each.n else NOTHING
        error = percent(each.calibration.ece) if each.n and each.calibration else NOTHING
        table.add_row(_name(path.name), f"{each.n:,}", f"{each.correct:,}", share, error, f"{left_out:,}")
    return table


def _classes(figures: Iterable[ClassFigures], names: Sequence[str]) -> Table:
    """Return the figures of each class."""
    table = new_table("class", "rows", "right", "precision", "recall", "F1")
    for name, figure in zip(names, figures, strict=True):
        shares = (NOTHING if share is None else percent(share) for share in figure[3:])
        table.add_row(_name(name), f"{figure.rows:,}", f"{figure.correct:,}", *shares)
    return table


def _matrix(confusion: npt.NDArray[np.int64], names: Sequence[str]) -> Table:
    """Return the confusion matrix: a row for each true class, a column for each answer."""
    table = new_table("true", *names)
    table.title, table.title_justify = Text("What was taken for what: a column for each answer", "bold"), "left"
    for i, (name, row) in enumerate(zip(names, confusion.tolist(), strict=True)):
        styles = ("dim" if not count else "bold" if i == j else "red" for j, count in enumerate(row))
        cells = (Text(str(count) if count else "·", style) for count, style in zip(row, styles, strict=True))
        table.add_row(_name(name), *cells)
    return table


def _mistakes(confusion: npt.NDArray[np.int64], names: Sequence[str]) -> RenderableType:
    """Return the commonest mistakes."""
    table = new_table("true", "answer", "times")
    for true, answer, times in commonest_mistakes(confusion, MISTAKES):
        table.add_row(_name(names[true]), _name(names[answer]), f"{times:,}")
    return Group(Text("The commonest mistakes", "bold"), Whole(table))


def new_table(first: str, *others: str) -> Table:
    """Return an empty table: its first column to the left, figures to the right."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(_name(name), justify="right")
    return table


def _name(name: str) -> Text:
    """Return a name that came from outside: never markup, and cut if it is too long for a table."""
    text = Text(visible(name))
    text.truncate(MAX_NAME, overflow="ellipsis")
    return text


def pairs(*pairs: tuple[str, str]) -> RenderableType:
    """Return names with their values, one a line."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, min_width=max((len(name) for name, _ in pairs), default=0))
    table.add_column()
    for name, value in pairs:
        table.add_row(Text(name, "bold"), Text(visible(value)))
    return Whole(table, wraps=True)
