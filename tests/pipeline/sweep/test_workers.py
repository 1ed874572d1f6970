"""Who trains the trials: one after the other, until a signal comes."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.signals import Signalled
from pipeline.sweep.workers import Proposal, in_turn
from tests.digits import TINY
from tests.pipeline.sweep.test_trial import job_of

LONG = TINY._replace(epochs=100_000)


def test_each_trial_is_proposed_when_the_one_before_is_over(data: Path) -> None:
    order: list[str] = []
    job = job_of(data)

    def proposals() -> Iterator[Proposal]:
        for number in range(2):
            order.append(f"asked {number}")
            yield Proposal(number, job, lambda _epoch, _accuracy: False)

    for proposal, outcome in in_turn(proposals()):
        order.append(f"{outcome.state} {proposal.trial}")
    assert order == ["asked 0", "complete 0", "asked 1", "complete 1"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_of_it(data: Path, number: signal.Signals) -> None:
    job = job_of(data, LONG)

    def kill(_epoch: int, _accuracy: float) -> bool:
        os.kill(os.getpid(), number)
        return False

    with pytest.raises(Signalled) as caught:
        next(in_turn(iter([Proposal(0, job, kill), Proposal(1, job, kill)])))
    assert caught.value.signal == number


def test_a_signal_after_the_last_epoch_lets_the_trial_count(data: Path) -> None:
    job = job_of(data, LONG)

    def kill(_epoch: int, _accuracy: float) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return True

    trials = in_turn(iter([Proposal(0, job, kill), Proposal(1, job, kill)]))
    _, outcome = next(trials)
    assert (outcome.state, outcome.epochs) == ("pruned", 1)
    with pytest.raises(Signalled):
        next(trials)
