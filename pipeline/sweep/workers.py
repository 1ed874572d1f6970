"""Who trains the trials: this process, one after the other."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from kernels.network.epoch import new_stop_token
from pipeline.signals import Signalled
from pipeline.sweep.trial import Job, Outcome, Report, States, trained
from pipeline.train.interruptible import on_a_thread, stopping_on_signals


class Proposal(NamedTuple):
    """A trial that is to be trained."""

    trial: Any  # Optuna's
    job: Job
    report: Report


Ended: TypeAlias = tuple[Proposal, Outcome]
Crew: TypeAlias = Callable[[Iterator[Proposal]], Iterator[Ended]]
"""Trains proposals, which it asks for when it has somebody to train them, and yields how each ended."""


def in_turn(proposals: Iterator[Proposal]) -> Iterator[Ended]:
    """Train one proposal after the other, each before the next one is asked for, and yield how it ended.

    Raises Signalled after Ctrl-C or SIGTERM, which end the trial that is at work after its mini-batch; and what
    `trained` raises.
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
            raise Signalled(signals[0])
