"""How compiling and training go: a bar on a terminal, plain lines anywhere else; both on stderr."""

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TimeRemainingColumn

from pipeline.types import EpochReport

if TYPE_CHECKING:
    from pipeline.compiling import Progress as Compiled

History: TypeAlias = tuple[EpochReport, ...]

PERIOD = 3600.0
"""Seconds by which speed and time left are estimated: rounds of a cluster end seldom, and many at once. Rich looks at a
thousand changes at most, which in one process are less than two minutes."""
NOTHING = 1e-9
"""A change that nobody sees, in epochs."""


class TrainingProgress(NamedTuple):
    """What a training run calls as it goes."""

    tick: Callable[[int, float], None]  # now and then, with the running epoch, from 1, and what share of it is done
    epoch_ended: Callable[[History], None]  # after each epoch, with the history so far


@contextlib.contextmanager
def training_progress(
    epochs: int, images: int, done: int = 0, ahead: float = 0.0, console: Console | None = None
) -> Iterator[TrainingProgress]:
    """Show how training goes for as long as the block lasts, on stderr or the console given.

    There are `epochs` in all, of so many `images` each; `done` epochs were complete before, and are not shown again.
    `ahead` is what the bar has behind it besides, in epochs.
    """
    console = console or Console(stderr=True)
    if not console.is_interactive:
        yield _lines(epochs, done, console)
        return
    columns = "epoch {task.fields[epoch]}", BarColumn(None), "{task.fields[figures]}", "{task.fields[speed]}"
    left = TimeRemainingColumn(compact=True)
    with Progress(*columns, left, console=console, expand=True, speed_estimate_period=PERIOD) as bar:
        task = bar.add_task("", total=epochs, completed=done, epoch=f"{done}/{epochs}", figures="", speed="")
        # Rich reckons from the first change on. Where several end at once, all but the first would count, and no time.
        bar.advance(task, ahead + NOTHING)
        yield _on_bar(bar, task, epochs, images)


@contextlib.contextmanager
def compiling_progress(console: Console | None = None) -> Iterator[Callable[["Compiled"], None]]:
    """Show how compiling goes for as long as the block lasts; nothing, if there is nothing to compile."""
    console = console or Console(stderr=True)
    bar = Progress("{task.description}", BarColumn(bar_width=None), console=console, expand=True, transient=True)
    task = bar.add_task("", total=None)
    quarters = set[int]()

    def show(compiled: "Compiled") -> None:
        quarter, is_first = 4 * compiled.done // compiled.total, not quarters
        if console.is_interactive:
            if is_first:
                bar.start()
            bar.update(task, description=compiling_line(compiled), completed=compiled.done, total=compiled.total)
        elif quarter not in quarters:
            print(compiling_line(compiled), file=console.file, flush=True)
        quarters.add(quarter)

    try:
        yield show
    finally:
        if quarters and console.is_interactive:
            bar.stop()


def compiling_line(compiled: "Compiled") -> str:
    """Return how far compiling is, why it is done, and how long it takes."""
    return (
        f"compiling kernels for this processor, which happens once: {compiled.done} of {compiled.total}, "
        f"about {math.ceil(compiled.seconds_left)} s left"
    )


def epoch_line(report: EpochReport, epochs: int) -> str:
    """Return one epoch as a line: `epoch 3/12  loss 0.0512  validation accuracy 98.12 %  1.02 s`."""
    return f"epoch {report.epoch}/{epochs}  {_figures(report, 'validation accuracy')}  {report.seconds:.2f} s"


def _figures(report: EpochReport, name: str) -> str:
    """Return an epoch's loss and, if there are rows held out, its accuracy by a name."""
    accuracy = report.validation_accuracy
    shown = "" if accuracy is None else f"  {name} {accuracy:.2%}".replace("%", " %")
    return f"loss {report.loss:.4f}{shown}"


def _lines(epochs: int, done: int, console: Console) -> TrainingProgress:
    """Return progress as plain lines, of which each appears when its epoch is over."""
    shown = done

    def epoch_ended(history: History) -> None:
        nonlocal shown
        for report in history:
            if report.epoch > shown:
                # Around rich, which would break the line at a width that no terminal has.
                print(epoch_line(report, epochs), file=console.file, flush=True)
                shown = report.epoch

    return TrainingProgress(lambda _epoch, _share: None, epoch_ended)


def _on_bar(bar: Progress, task: TaskID, epochs: int, images: int) -> TrainingProgress:
    """Return progress on a bar, which counts epochs and parts of them."""

    def speed() -> str:
        # Rich's own estimate, of late; none before the second tick.
        epochs_per_second = bar.tasks[task].speed
        return f"{images * epochs_per_second:,.0f} images/s" if epochs_per_second else ""

    def tick(epoch: int, share: float) -> None:
        bar.update(task, completed=epoch - 1 + share, epoch=f"{epoch}/{epochs}", speed=speed())

    def epoch_ended(history: History) -> None:
        if history:
            # A run that was stopped within an epoch stays where it is.
            reached = max(bar.tasks[task].completed, history[-1].epoch)
            bar.update(task, completed=reached, figures=_figures(history[-1], "validation"), speed=speed())

    return TrainingProgress(tick, epoch_ended)
