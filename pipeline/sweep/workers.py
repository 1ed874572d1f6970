"""Who trains the trials: this process, one after the other."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from kernels.network.epoch import new_stop_token
from pipeline.sweep.trial import Job, Outcome, Report, States, trained
from pipeline.train.interruptible import on_a_thread, stopping_on_signals


class Proposal(NamedTuple):
    """A trial that is to be trained."""

    trial: Any  # Optuna's
    job: Job
    report: Report


Ended = tuple[Proposal, Outcome]


def in_turn(proposals: Iterable[Proposal], heard: Callable[[int], object]) -> Iterator[Ended]:
    """Train one proposal after the other, each before the next one is asked for, and yield how it ended.

    Ctrl-C and SIGTERM end the trial that is at work after its mini-batch, and all with it; `heard` takes the signal's
    number. See `trained` for errors.
    """
    for proposal in proposals:
        stop_token, signals = new_stop_token(), list[int]()

        def follow(states: States) -> States:
            with stopping_on_signals(stop_token, signals.append):  # noqa: B023 -- called within this turn
                yield from on_a_thread(states, lambda: None)

        outcome = trained(proposal.job, proposal.report, stop_token, follow)
        if outcome is not None:
            yield proposal, outcome
        if signals:
            heard(signals[0])
            return
