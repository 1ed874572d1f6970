"""How a sweep goes: a table that changes on a terminal, a line for each trial anywhere else; both on stderr."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import monotonic
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.live import Live

from pipeline.report.tables import NOTHING, pairs, percent
from pipeline.sweep.results import Trial, best_of, counted, described
from pipeline.sweep.space import Value

MINUTE = 60
AN_HOUR = 60 * MINUTE


class Running(NamedTuple):
    """A trial that is at work."""

    parameters: Mapping[str, Value]
    epochs: int  # that it may have
    epoch: int = 0  # that it has had
    accuracy: float | None = None  # after that, on the validation rows


class Snapshot(NamedTuple):
    """A sweep at a moment."""

    trials: int  # that there are to be
    done: tuple[Trial, ...]
    running: Mapping[int, Running]  # by their numbers
    seconds_left: float | None  # None as long as nobody can tell


class SweepProgress(NamedTuple):
    """What a sweep calls as it goes, with the number of the trial that is meant."""

    began: Callable[[int, Running], None]
    epoch_ended: Callable[[int, int, float], None]  # with the epoch, from 1, and the validation accuracy
    ended: Callable[[Trial], None]


@contextlib.contextmanager
def sweep_progress(trials: int, done: Sequence[Trial], console: Console | None = None) -> Iterator[SweepProgress]:
    """Show how a sweep of so many trials goes for as long as the block lasts, on stderr or the console given."""
    console = console or Console(stderr=True)
    ended, running, started, before = list(done), dict[int, Running](), monotonic(), len(done)

    def taken() -> Snapshot:
        here = len(ended) - before
        left = (monotonic() - started) / here * (trials - len(ended)) if here else None
        return Snapshot(trials, tuple(ended), dict(running), left)

    def epoch_ended(number: int, epoch: int, accuracy: float) -> None:
        running[number] = running[number]._replace(epoch=epoch, accuracy=accuracy)

    def end(trial: Trial) -> None:
        running.pop(trial.number)
        ended.append(trial)
        if not console.is_interactive:
            print(trial_line(trial, taken()), file=console.file, flush=True)

    progress = SweepProgress(running.__setitem__, epoch_ended, end)
    if not console.is_interactive:
        yield progress
        return
    with Live(console=console, get_renderable=lambda: snapshot_table(taken()), transient=True):
        yield progress


def snapshot_table(snapshot: Snapshot) -> RenderableType:
    """Return a sweep at a moment, for a terminal."""
    best = best_of(snapshot.done)
    found = (
        NOTHING if best is None else f"{percent(best.accuracy or 0)}, trial {best.number}: {described(best.parameters)}"
    )
    return pairs(
        ("trials", f"{len(snapshot.done)} of {snapshot.trials}{counted(snapshot.done, ': ')}"),
        ("best so far", found),
        *((f"trial {number}", _running(trial)) for number, trial in sorted(snapshot.running.items())),
        ("time left", _time_left(snapshot.seconds_left)),
    )


def trial_line(trial: Trial, snapshot: Snapshot) -> str:
    """Return one trial as a line: `trial 7 (8 of 30): 98.91 %, the best so far; 12 epochs, 4.2 s; hidden 128`."""
    how = "failed" if trial.accuracy is None else percent(trial.accuracy)
    if trial.reason is not None:
        how += f", {trial.reason}"
    elif trial.state == "pruned":
        how = f"pruned at {how}"
    elif trial == best_of(snapshot.done):
        how += ", the best so far"
    lasted = f"{trial.epochs} epoch{'s' * (trial.epochs != 1)}, {trial.seconds:.1f} s"
    return (
        f"trial {trial.number} ({len(snapshot.done)} of {snapshot.trials}): {how}; {lasted}; "
        f"{described(trial.parameters)}"
    )


def _running(trial: Running) -> str:
    """Return how far a trial is, and what it tries."""
    accuracy = "" if trial.accuracy is None else f", {percent(trial.accuracy)}"
    return f"epoch {trial.epoch} of {trial.epochs}{accuracy}: {described(trial.parameters)}"


def _time_left(seconds: float | None) -> str:
    """Return how long it takes, as exactly as anybody can tell."""
    if seconds is None:
        return NOTHING
    if seconds < 2 * MINUTE:
        return f"about {seconds:.0f} s"
    return f"about {seconds / MINUTE:.0f} min" if seconds < 2 * AN_HOUR else f"about {seconds / AN_HOUR:.1f} h"
