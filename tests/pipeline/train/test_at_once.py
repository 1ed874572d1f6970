"""Members at the same time: whoever is first, and whatever is cut, it is the run of one after the other."""

import random
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kernels.network.epoch import EpochResult, StopToken, new_stop_token
from pipeline.errors import TrainingDiverged
from pipeline.train.ahead import ahead_at
from pipeline.train.at_once import Crew, Part, train_at_once
from pipeline.train.ensemble import members_of
from pipeline.train.loop import initial_state, train
from pipeline.train.narrate import Stopped, follow, progress_of, train_to_the_end
from pipeline.train.run import MODEL, Run, begin, resume
from pipeline.train.shards import run_shard
from pipeline.train.training_set import TrainingSet, training_set_of
from pipeline.types import EpochReport, TrainConfig, TrainState
from tests.digits import TINY, blobs
from tests.pipeline.train.test_loop import all_bytes, bytes_of, cut_short
from tests.pipeline.train.test_run import DATA
from tests.strategies import examples

THREE = TINY._replace(members=3, epochs=2, seed=5)


def crew_here(training_set: TrainingSet, seed: int = 0, last: int | None = None) -> Crew:
    """Return a crew in this process, whose parts are done in an order of chance; but those of a member always last."""
    chance, given = random.Random(seed), list[tuple[Part, TrainState, TrainConfig]]()  # noqa: S311 -- no secret

    def take(stop_token: StopToken) -> tuple[Part, EpochResult] | None:
        if stop_token.limit[0] <= 0:
            return None
        most = [each for each in given if each[0].member != last] or given
        chosen = chance.choice(most)
        given.remove(chosen)
        part, state, config = chosen
        return part, run_shard(state, training_set, config, part.shard, new_stop_token())

    return Crew(lambda *each: given.append(each), take, given.clear)


def told(state: TrainState) -> list[EpochReport]:
    return [report._replace(seconds=0.0) for report in state.history]


def same(found: TrainState, expected: TrainState, config: TrainConfig) -> bool:
    networks = [[bytes_of(params) for params in members_of(state, config)] for state in (found, expected)]
    return networks[0] == networks[1] and told(found) == told(expected) and all_bytes(found) == all_bytes(expected)


def some_of(states: Iterator[Run], count: int, run: Run) -> Run:
    """Return the run after so many of its states, the rest of which is never asked for."""
    for _, reached in zip(range(count), states, strict=False):
        run = reached
    return run


@settings(examples(5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 3), st.sampled_from([(1, 0), (2, 0), (2, 2)]), st.integers(0, 1), st.integers(0, 99), st.data())
def test_killed_anywhere_it_leads_to_the_same_bytes(
    tmp_path: Path, members: int, shards: tuple[int, int], taught: int, seed: int, data: st.DataObject
) -> None:
    config = THREE._replace(members=members, shards=shards[0], average_every=shards[1])
    prepared = DATA._replace(train=blobs(rows=60))
    run = begin(tmp_path, prepared, config, overwrite=True)
    run = run._replace(state=run.state._replace(waiting=(run.state.params,) * (members - 1) * taught))
    *_, whole = train(run.state, run.training_set, config, new_stop_token())
    for kills in (2, 1):
        crew, count = crew_here(run.training_set, seed + kills), data.draw(st.integers(1, 6))
        with mock.patch("pipeline.train.narrate.WRITING", 1):  # every state is kept
            reached = some_of(follow(run._replace(crew=crew), lambda *_: None, lambda _: None), count, run)
        run = resume(tmp_path, prepared, None, None, {})
        assert sum(member.step for member in run.state.ahead) == sum(member.step for member in reached.state.ahead)
    *_, state = [run.state, *train(run.state, run.training_set, config, new_stop_token())]
    assert same(state, whole, config)


def test_members_that_are_ahead_are_told_in_their_turn_and_kept_beside_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.train.narrate.WRITING", 1)  # every state is kept
    run = begin(tmp_path, DATA, THREE, overwrite=False)
    crew, reached = crew_here(run.training_set, last=0), list[Run]()
    for each in follow(run._replace(crew=crew), lambda *_: None, lambda _: None):
        reached.append(each)
        assert {path.name for path in tmp_path.glob("ahead-*")} == {
            ahead_at(tmp_path, index).name
            for index, member in enumerate(each.state.ahead, len(each.state.finished) + 1)
            if member.step
        }
    assert [len(each.state.history) for each in reached] == [0, 0, 0, 0, 1, 6]
    assert [progress_of(each, 0) for each in reached] == [(2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (6, 1)]
    assert [report.epoch for report in reached[-1].state.history] == [1, 2, 3, 4, 5, 6]
    *_, whole = train(run.state, run.training_set, THREE, new_stop_token())
    assert same(reached[-1].state, whole, THREE)
    # Killed before their turn, nothing of them is lost, to a crew as to who goes on alone.
    again = begin(tmp_path, DATA, THREE, overwrite=True)
    some_of(follow(again._replace(crew=crew), lambda *_: None, lambda _: None), 4, again)
    resumed = resume(tmp_path, DATA, None, None, {})
    going = resumed.state, resumed.training_set, THREE, new_stop_token()
    for states in (list(train(*going)), list(train_at_once(*going, crew))):
        assert [len(state.history) for state in states] == [1, 6]
        assert same(states[-1], whole, THREE)


def test_a_run_that_was_stopped_in_mid_epoch_is_gone_on_with(tmp_path: Path) -> None:
    run = begin(tmp_path, DATA, THREE, overwrite=False)
    state = cut_short(run.state, run.training_set, THREE, 2)
    assert state.loss_sum > 0
    going = run.training_set, THREE, new_stop_token()
    *_, whole = train(run.state, *going)
    *_, reached = train_at_once(state, *going, crew_here(run.training_set))
    assert same(reached, whole, THREE)


def test_a_stop_gives_up_what_is_running(tmp_path: Path) -> None:
    run, stop_token = begin(tmp_path, DATA, THREE, overwrite=False), new_stop_token()
    dropped = list[bool]()
    crew = crew_here(run.training_set)
    states = train_at_once(
        run.state, run.training_set, THREE, stop_token, crew._replace(drop=lambda: dropped.append(True))
    )
    assert next(states).ahead
    stop_token.limit[0] = 0
    assert not list(states)
    assert dropped == [True]


def test_a_run_is_finished_by_a_crew(tmp_path: Path) -> None:
    def finished(folder: Path, crew: Crew | None) -> bytes:
        run = begin(folder, DATA, THREE, overwrite=False)
        assert not isinstance(train_to_the_end(run._replace(crew=crew), [], lambda _: None), Stopped)
        return (folder / MODEL).read_bytes()

    crew = crew_here(training_set_of(DATA.train, THREE))
    assert finished(tmp_path / "crew", crew) == finished(tmp_path / "alone", None)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # without the JIT, NumPy warns of what is tested here
def test_numbers_that_run_away_ahead_are_told_in_their_turn() -> None:
    training_set = training_set_of(blobs(), THREE)
    state = initial_state(training_set, THREE)
    # So large that a step leads out of float32.
    wild = tuple(layer._replace(weight=layer.weight + 1e30) for layer in state.params)
    state = state._replace(waiting=(wild, state.params))
    alone, at_once = list[TrainState](), list[TrainState]()
    with pytest.raises(TrainingDiverged) as expected:
        alone.extend(train(state, training_set, THREE, new_stop_token()))
    with pytest.raises(TrainingDiverged) as found:
        at_once.extend(train_at_once(state, training_set, THREE, new_stop_token(), crew_here(training_set, last=0)))
    assert str(found.value) == str(expected.value)
    assert "epoch 3, step " in str(found.value)
    assert len(at_once[-1].finished) == 1
    assert at_once[-1].ahead[0].epoch == THREE.epochs, "the third one was not held up"
