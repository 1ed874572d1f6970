"""A run followed from its first step to its last, with checkpoints on its way, Ctrl-C welcome at any time."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kernels.network.epoch import new_stop_token
from pipeline.train.interruptible import on_a_thread, stopping_on_signals
from pipeline.train.loop import batches_per_epoch, is_finished, train
from pipeline.train.run import Run, keep

WRITING = 0.1
"""Share of the time that checkpoints may take: one that is safe on the disk costs as much as many epochs of a table."""


class Progress(NamedTuple):
    """How far the running epoch is."""

    epoch: int  # from 1
    fraction: float  # of the epoch's mini-batches, 0 to 1


def progress_of(run: Run, done: int) -> Progress:
    """Return how far a run is, `done` mini-batches after its state; of a finished run, its last epoch's end.

    The state may lie in mid-epoch, where an earlier process was stopped: what that one did counts as well.
    """
    if is_finished(run.state, run.config):
        return Progress(run.state.epoch, 1.0)
    batches = batches_per_epoch(run.training_set, run.config)
    before = run.state.step - run.state.epoch * batches
    return Progress(run.state.epoch + 1, (before + done) / batches)


def follow(run: Run, tick: Callable[[Progress], None], heard: Callable[[int], object]) -> Iterator[Run]:
    """Yield the run after every epoch; call `tick` now and then in between.

    A checkpoint is written after each epoch, unless that would take more than a tenth of the time, and after the last
    one in any case.

    Ctrl-C and SIGTERM end the run after the mini-batch that is being worked on; the run that is yielded last then
    stands in the middle of an epoch, and `heard` has been called with the signal's number.

    Raises TrainingDiverged if the numbers run away; the last checkpoint is kept. Raises OutputError if a checkpoint
    can't be written.
    """
    stop_token = new_stop_token()
    states = train(run.state, run.training_set, run.config, stop_token)

    def look() -> None:
        tick(progress_of(run, int(stop_token.done[0])))

    written, due = run.state, time.monotonic()
    with stopping_on_signals(stop_token, heard):
        for state in on_a_thread(states, look):
            run = run._replace(state=state)
            if time.monotonic() >= due:
                written, due = state, _kept_until(run)
            stop_token.done[0] = 0  # nobody trains while we are here: what was counted is in the state now
            yield run
        if written is not run.state:
            keep(run, run.state)


def _kept_until(run: Run) -> float:
    """Write a run's checkpoint, and return when the next one may be written, in seconds of the monotonic clock."""
    began = time.monotonic()
    keep(run, run.state)
    ended = time.monotonic()
    return ended + (ended - began) * (1 / WRITING - 1)
