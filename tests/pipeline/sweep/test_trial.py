"""One trial: how it learns, and how it ends."""

import os
from pathlib import Path

import pytest

from kernels.network.epoch import new_stop_token
from pipeline.errors import ArtifactError
from pipeline.prepare.store.arrays import ARRAYS
from pipeline.sweep.trial import Job, States, prepared, rows_for, trained
from pipeline.train.loop import initial_state, train
from pipeline.train.run import training_set_for
from pipeline.types import TrainConfig
from tests.digits import TINY

ROOM = 10**6


def job_of(data: Path, config: TrainConfig = TINY) -> Job:
    return Job(data, prepared(data, ROOM).data_hash, config, ROOM)


def never(_epoch: int, _accuracy: float) -> bool:
    return False


def test_a_trial_is_the_training_that_the_command_does(data: Path) -> None:
    training_set = training_set_for(prepared(data, ROOM), TINY)
    *_, last = train(initial_state(training_set, TINY), training_set, TINY, new_stop_token())
    told: list[tuple[int, float]] = []

    def report(epoch: int, accuracy: float) -> bool:
        told.append((epoch, accuracy))
        return False

    outcome = trained(job_of(data), report, new_stop_token())
    assert outcome
    assert told == [(each.epoch, each.validation_accuracy) for each in last.history]
    assert outcome[:3] == ("complete", told[-1][1], 3)
    assert outcome.seconds > 0


def test_of_early_stopping_the_best_epoch_counts(data: Path) -> None:
    config = TINY._replace(epochs=30, patience=1, learning_rate=0.5)
    training_set = training_set_for(prepared(data, ROOM), config)
    *_, last = train(initial_state(training_set, config), training_set, config, new_stop_token())
    assert last.best
    assert last.best.epoch < last.epoch
    outcome = trained(job_of(data, config), never, new_stop_token())
    assert outcome
    assert outcome.accuracy == last.history[last.best.epoch - 1].validation_accuracy


def test_of_shards_that_meet_within_an_epoch_only_its_end_is_told(data: Path) -> None:
    told: list[int] = []

    def report(epoch: int, _accuracy: float) -> bool:
        told.append(epoch)
        return False

    outcome = trained(job_of(data, TINY._replace(shards=2, average_every=1)), report, new_stop_token())
    assert outcome
    assert told == [1, 2, 3]
    assert outcome.epochs == 3


def test_a_trial_can_be_ended(data: Path) -> None:
    outcome = trained(job_of(data), lambda epoch, _: epoch == 2, new_stop_token())
    assert outcome
    assert (outcome.state, outcome.epochs) == ("pruned", 2)
    whole = trained(job_of(data), lambda epoch, _: epoch == 3, new_stop_token())
    assert whole
    assert whole.state == "complete", "after its last epoch nothing is left to be saved"


def test_a_trial_that_is_stopped_is_no_outcome(data: Path) -> None:
    token = new_stop_token()

    def stopping(states: States) -> States:
        token.limit[0] = 0
        yield from states

    def stopped_after_an_epoch(states: States) -> States:
        for state in states:
            token.limit[0] = 0
            yield state

    assert trained(job_of(data), never, token, stopping) is None
    token = new_stop_token()
    assert trained(job_of(data), never, token, stopped_after_an_epoch) is None


@pytest.mark.filterwarnings("ignore:.*encountered")  # by NumPy, in what compiled code does in silence
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"learning_rate": 1e30, "optimizer": "sgd"}, "diverged in epoch 1: the loss or a weight was no finite number"),
        ({"hidden": (65_536,) * 3}, "a network of layers 16x65536, 65536x65536, 65536x65536, 65536x3 has 8,5"),
    ],
)
def test_a_trial_that_nothing_comes_of_has_failed(data: Path, change: dict[str, object], reason: str) -> None:
    outcome = trained(job_of(data, TINY._replace(**change)), never, new_stop_token())  # type: ignore[arg-type]
    assert outcome
    assert outcome[:3] == ("failed", None, 0)
    assert outcome.reason
    assert outcome.reason.startswith(reason)


def test_a_trial_that_memory_does_not_suffice_for_has_failed(data: Path) -> None:
    def full(states: States) -> States:
        yield next(states)
        raise MemoryError

    outcome = trained(job_of(data), never, new_stop_token(), full)
    assert outcome
    assert (outcome.state, outcome.epochs, outcome.reason) == ("failed", 1, "not enough memory in epoch 2")


def test_rows_are_those_of_the_command_and_read_once(data: Path) -> None:
    config = TINY._replace(distortion=0.5, hidden=(5, 4))
    rows, expected = rows_for(job_of(data, config)), training_set_for(prepared(data, ROOM), config)
    assert rows.shapes == expected.shapes == ((16, 5), (5, 4), (4, 3))
    assert rows.images
    assert expected.images
    assert (rows.images.strength, rows.table) == (expected.images.strength, False)
    assert (rows.rows == expected.rows).all()
    assert rows_for(job_of(data, config._replace(hidden=(7,), learning_rate=0.5))).features is rows.features
    assert prepared(data, ROOM) is prepared(data, ROOM)


def test_other_rows_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"arrays.npz: other rows than the sweep began with \(sha256 abc…, here "):
        rows_for(Job(data, "abc", TINY, ROOM))
    with pytest.raises(ArtifactError, match="no prepared data in"):
        rows_for(Job(tmp_path, "abc", TINY, ROOM))


def test_rows_that_are_prepared_anew_are_read_anew(data: Path) -> None:
    before = prepared(data, ROOM)
    os.utime(data / ARRAYS, ns=(1, 1))
    assert prepared(data, ROOM) is not before
