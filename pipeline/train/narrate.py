"""A training run from where it stands to the files that it leaves behind, told to a person as it goes."""

import shlex
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from kernels.network.epoch import new_stop_token
from pipeline.errors import told
from pipeline.prepare.store.manifest import versions
from pipeline.report.documents import training_json
from pipeline.report.progress import compiling_progress, training_progress
from pipeline.signals import Signalled
from pipeline.train.at_once import train_at_once
from pipeline.train.ensemble import epochs_in_all, members_of
from pipeline.train.finetune import standing
from pipeline.train.interruptible import on_a_thread, stopping_on_signals
from pipeline.train.loop import batches_per_epoch, is_finished, train
from pipeline.train.run import CURVES, MODEL, Run, finish, keep, write_curves
from pipeline.train.shuffle import note_on
from pipeline.train.warm_up import warm_up
from pipeline.types import Json

TRAINED_BY = ("numpy", "numba", "llvmlite", "pyarrow")
"""Packages whose versions decide a network's bits: arithmetic, its compilers, and what read the data."""

WRITING = 0.1
"""Share of the time that checkpoints may take: one that is safe on the disk costs as much as many epochs of a table."""

Say = Callable[[str], None]
T = TypeVar("T")


class Stopped(NamedTuple):
    """A run that can be gone on with."""

    signal: int  # the number of the signal that stopped it


def train_to_the_end(run: Run, options: Sequence[str], say: Say) -> Json | Stopped:
    """Train, and leave everything in the run's folder; return what `train` prints as JSON, or what stopped it.

    Besides the run's folder, `options` are what `train` has to be given again to go on; `say` takes lines for people.

    Raises TrainingDiverged if the numbers run away; the last checkpoint is kept. Raises OutputError if a file can't be
    written.
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
    if note := note_on(run.config, run.training_set.rows.size):
        say(note)
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
    seconds = time.perf_counter() - started
    document = training_json(run.folder / MODEL, run.state.history, test, seconds, compile_seconds)
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
    rows, more = run.training_set.rows.size, _untold(run) / batches_per_epoch(run.training_set, run.config)
    with training_progress(epochs_in_all(run.config), rows, run.state.epoch, more) as progress:
        for reached in follow(run, progress.tick, heard):
            run = reached
            progress.epoch_ended(run.state.history)
    return run


def progress_of(run: Run, done: int) -> tuple[int, float]:
    """Return how far a run is, `done` mini-batches after its state: the epoch, from 1, and what share of it is done.

    All shards' mini-batches count, as one trains after the other.

    Of a finished run, that is the last epoch's end. The state may lie in mid-epoch, where an earlier process was
    stopped: what that one did counts as well. So do epochs of members that are ahead of their turn, or their turn would
    come as a leap, and nobody could tell how long the rest takes.
    """
    if is_finished(run.state, run.config):
        return run.state.epoch, 1.0
    batches = batches_per_epoch(run.training_set, run.config)
    more, before = divmod(_untold(run), batches)
    return run.state.epoch + more + 1, (before + done / run.config.shards) / batches


def _untold(run: Run) -> int:
    """Return how many mini-batches are complete besides those of the epochs that can be told."""
    ended = run.state.epoch * batches_per_epoch(run.training_set, run.config)
    return run.state.step - ended + sum(member.step for member in run.state.ahead)


def follow(run: Run, tick: Callable[[int, float], None], heard: Callable[[int], object]) -> Iterator[Run]:
    """Yield the run after every epoch; call `tick` with its progress now and then in between.

    With a crew, that is whenever one of the members has got further. A checkpoint is written each time, unless that
    would take more than a tenth of the time, and after the last epoch in any case.

    Ctrl-C and SIGTERM end the run after the mini-batch that is being worked on, or where a crew's last round ended; the
    run that is yielded last then stands there, and `heard` has been called with the signal's number.

    Raises TrainingDiverged if the numbers run away; the last checkpoint is kept. Raises OutputError if a checkpoint
    can't be written.
    """
    stop_token = new_stop_token()
    going = run.state, run.training_set, run.config, stop_token
    states = train_at_once(*going, run.crew) if run.crew else train(*going)

    def look() -> None:
        tick(*progress_of(run, int(stop_token.done[0])))

    kept, due = run, time.monotonic()
    with stopping_on_signals(stop_token, heard):
        for state in on_a_thread(states, look):
            run = run._replace(state=state)
            if (began := time.monotonic()) >= due:
                kept = keep(kept, state)
                ended = time.monotonic()
                due = ended + (ended - began) * (1 / WRITING - 1)
            stop_token.done[0] = 0  # nobody trains while we are here: what was counted is in the state now
            yield run
        if kept.state is not run.state:
            keep(kept, run.state)
