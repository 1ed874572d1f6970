"""A training run from where it stands to the files that it leaves behind, told to a person as it goes."""

import shlex
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from pipeline.errors import told
from pipeline.prepare.store.manifest import versions
from pipeline.report.documents import training_json
from pipeline.report.progress import compiling_progress, training_progress
from pipeline.signals import Signalled
from pipeline.train.ensemble import epochs_in_all, members_of
from pipeline.train.finetune import standing
from pipeline.train.loop import is_finished
from pipeline.train.run import CURVES, MODEL, Run, finish, write_curves
from pipeline.train.session import follow
from pipeline.train.warm_up import warm_up
from pipeline.types import Json

TRAINED_BY = ("numpy", "numba", "llvmlite", "pyarrow")
"""Packages whose versions decide a network's bits: arithmetic, its compilers, and what read the data."""

Say = Callable[[str], None]
T = TypeVar("T")


class Stopped(NamedTuple):
    """A run that can be gone on with."""

    signal: int  # the number of the signal that stopped it


def train_to_the_end(run: Run, options: Sequence[str], say: Say) -> Json | Stopped:
    """Train, and leave everything in the run's folder; return the result, or what stopped it.

    Raises TrainingDiverged if the numbers run away; the last checkpoint is kept. Raises OutputError if a file can't be
    written.

    Parameters
    ----------
    run : Run
    options : sequence of str
        What `train` was given that it has to be given again to go on, besides the run's folder.
    say : callable
        Takes the lines for people.
    """
    try:
        result = _trained(run, say)
    except (KeyboardInterrupt, Signalled) as error:
        # While mini-batches run, a signal is only a wish; this one came before the first or after the last.
        say("nothing is lost.")
        result = Stopped(error.signal if isinstance(error, Signalled) else signal.SIGINT)
    if isinstance(result, Stopped):
        again = ["python", "cli.py", "train", "--resume", *options, "--out", str(run.folder)]
        again += ["--drawn"] if run.data.drawn else []
        say(f"Go on with: {shlex.join(again)}")
    return result


def _trained(run: Run, say: Say) -> Json | Stopped:
    """Do what `train_to_the_end` is for, as long as nobody interrupts it."""
    started = time.perf_counter()
    with compiling_progress() as show:
        compile_seconds = warm_up(run.training_set, run.config, show)
    signals: list[int] = []
    run = _followed(run, signals.append)
    if not is_finished(run.state, run.config):
        say(f"stopped in epoch {run.state.epoch + 1}, after step {run.state.step}; nothing is lost.")
        return Stopped(signals[0])
    kept = run.state.epoch
    if run.config.patience and run.state.best:
        kept = run.state.best.epoch
        say(f"kept epoch {kept}, the best of {run.state.epoch} by its validation loss")
    test = finish(run, versions(*TRAINED_BY))
    document = training_json(
        run.folder / MODEL, run.state.history, test, time.perf_counter() - started, compile_seconds
    )
    attempted(CURVES, partial(write_curves, run), say)
    return document | {"kept": kept} | (attempted("comparison", partial(_standings, run), say) or {})


def attempted(what: str, make: Callable[[], T], say: Say) -> T | None:
    """Make something that a finished run can go without; whatever goes wrong is a note, and None comes of it."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 -- nothing may fail a run whose model is there already
        say(f"note: no {what}: {told(error)}")
        return None


def _standings(run: Run) -> Json:
    """Return how a run that goes on from a network, or learns drawings, has changed what it gets right."""
    if not run.start and run.data.drawn is None:
        return {}
    now = standing(members_of(run.state, run.config), run.training_set, run.config, run.data)
    return {"before": standing(run.start, run.training_set, run.config, run.data) if run.start else None, "after": now}


def _followed(run: Run, heard: Callable[[int], object]) -> Run:
    """Return the run after its last epoch, or where it was stopped; show how far it is."""
    with training_progress(epochs_in_all(run.config), run.training_set.rows.size, run.state.epoch) as progress:
        for reached in follow(run, progress.tick, heard):
            run = reached
            progress.epoch_ended(run.state.history)
    return run
