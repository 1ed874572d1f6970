"""Members ahead of their turn, on disk: they come back if they belong to the run, and go when they are of no use."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kernels.network.epoch import new_stop_token
from pipeline.errors import OutputError
from pipeline.train.ahead import ahead_at, discard_ahead, keep_ahead, with_ahead
from pipeline.train.checkpoint import load_checkpoint, save_checkpoint
from pipeline.train.ensemble import begun, member_of
from pipeline.train.loop import initial_state, train
from pipeline.train.run import CHECKPOINT, begin, finish, keep, resume
from pipeline.train.training_set import TrainingSet, training_set_of
from pipeline.types import TrainState
from tests.digits import TINY, blobs
from tests.pipeline.train.test_loop import all_bytes
from tests.pipeline.train.test_run import DATA, followed

THREE = TINY._replace(members=3, epochs=2)
HASH = DATA.data_hash


@pytest.fixture
def training_set() -> TrainingSet:
    return training_set_of(blobs(), THREE)


def with_third_ahead(training_set: TrainingSet) -> tuple[TrainState, TrainState]:
    """Return a state before its first step, whose third member has an epoch behind it, and that member's."""
    state = initial_state(training_set, THREE)
    second, third = (begun(state, training_set, THREE, index) for index in (1, 2))
    third = next(train(third, training_set, member_of(THREE, 2), new_stop_token()))
    return state._replace(ahead=(second, third)), third


def test_what_is_ahead_comes_back(tmp_path: Path, training_set: TrainingSet) -> None:
    state, third = with_third_ahead(training_set)
    bare = state._replace(ahead=())
    assert with_ahead(tmp_path, bare, training_set, THREE, HASH) is bare
    keep_ahead(tmp_path, state, bare, THREE, HASH)
    assert [path.name for path in tmp_path.iterdir()] == ["ahead-3.npz"], "the second one has nothing to keep"
    found = with_ahead(tmp_path, bare, training_set, THREE, HASH)
    assert [each.epoch for each in found.ahead] == [0, 1]
    assert all_bytes(found.ahead[0]) == all_bytes(state.ahead[0])
    assert all_bytes(found.ahead[1]) == all_bytes(third)
    assert found.ahead[1].history == third.history


def test_what_is_kept_is_not_written_again(tmp_path: Path, training_set: TrainingSet) -> None:
    state, _ = with_third_ahead(training_set)
    keep_ahead(tmp_path, state, state._replace(epoch=1), THREE, HASH)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.unlink(),
        lambda path: save_checkpoint(path, load_checkpoint(path)._replace(data_hash="1" * 64)),
        lambda path: save_checkpoint(path, load_checkpoint(path)._replace(config=member_of(THREE, 1))),
        lambda path: save_checkpoint(
            path,
            (found := load_checkpoint(path))._replace(state=found.state._replace(step=found.state.step + 1000)),
        ),
    ],
    ids=["damaged", "missing", "of other rows", "another member", "more steps than there are"],
)
def test_what_does_not_belong_to_the_run_is_passed_over(
    tmp_path: Path, training_set: TrainingSet, spoil: Callable[[Path], object]
) -> None:
    state, _ = with_third_ahead(training_set)
    keep_ahead(tmp_path, state, state._replace(ahead=()), THREE, HASH)
    spoil(ahead_at(tmp_path, 2))
    assert not with_ahead(tmp_path, state._replace(ahead=()), training_set, THREE, HASH).ahead


def test_files_go_with_their_turn_and_with_the_run(tmp_path: Path, training_set: TrainingSet) -> None:
    names = {"ahead-1.npz", "ahead-2.npz", "ahead-3.npz"}

    def left(state: TrainState | None) -> set[str]:
        for name in (*names, "ahead-x.npz"):
            (tmp_path / name).touch()
        discard_ahead(tmp_path, state)
        return {path.name for path in tmp_path.iterdir()} - {"ahead-x.npz"}

    state = initial_state(training_set, THREE)
    assert left(state) == {"ahead-2.npz", "ahead-3.npz"}
    assert left(state._replace(finished=(state.params,))) == {"ahead-3.npz"}
    assert left(None) == set()
    assert (tmp_path / "ahead-x.npz").exists(), "nobody wrote that here"


def test_what_can_not_be_removed_is_named(tmp_path: Path) -> None:
    (tmp_path / "ahead-2.npz").mkdir()
    with pytest.raises(OutputError, match="can't be written"):
        discard_ahead(tmp_path)


def test_a_run_that_is_overwritten_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    run = begin(tmp_path, DATA, THREE, overwrite=False)
    state, third = with_third_ahead(run.training_set)
    keep(run, state)
    assert all_bytes(resume(tmp_path, DATA, None, None, {}).state.ahead[1]) == all_bytes(third)
    begin(tmp_path, DATA, THREE, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]


def test_a_run_that_is_finished_leaves_none(tmp_path: Path) -> None:
    run = followed(begin(tmp_path, DATA, TINY, overwrite=False), [])
    ahead_at(tmp_path, 1).touch()  # whoever was to remove it had been killed
    finish(run, {})
    assert not ahead_at(tmp_path, 1).exists()


def test_members_without_anything_ahead_start_from_what_waits(training_set: TrainingSet) -> None:
    state = initial_state(training_set, THREE)
    waiting = tuple(begun(state, training_set, THREE, index).params for index in (2, 1))
    taught = state._replace(waiting=waiting)
    for index, params in enumerate(waiting, 1):
        assert begun(taught, training_set, THREE, index).params is params
