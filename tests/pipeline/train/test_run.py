"""A run followed from its folder: checkpoints, progress, and what it leaves behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from kernels.network.epoch import new_stop_token
from pipeline.errors import ArtifactError, ConfigError, TrainingDiverged
from pipeline.model.artifact import load_model
from pipeline.prepare.store.arrays import PreparedData
from pipeline.train.checkpoint import load_checkpoint
from pipeline.train.loop import advance
from pipeline.train.narrate import follow, progress_of
from pipeline.train.run import (
    CHECKPOINT,
    HISTORY,
    MODEL,
    Run,
    begin,
    certainty_of,
    finish,
    keep,
    resume,
    write_curves,
)
from pipeline.types import TrainState
from tests.digits import TINY, blobs
from tests.pipeline.train.test_loop import all_bytes, cut_short

DATA = PreparedData(blobs(), blobs(seed=0, rows=60), "0" * 64, "made up")


def followed(run: Run, ticks: list[tuple[int, float]]) -> Run:
    *_, last = follow(run, lambda *position: ticks.append(position), lambda _number: None)
    return last


def test_every_epoch_leaves_a_checkpoint_if_there_is_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.train.narrate.WRITING", 1)
    run = begin(tmp_path, DATA, TINY, overwrite=False)
    for reached in follow(run, lambda *_: None, lambda _number: None):
        stored = load_checkpoint(tmp_path / CHECKPOINT)
        assert all_bytes(stored.state) == all_bytes(reached.state)
        assert stored.state.history == reached.state.history


@pytest.mark.jit  # slow without it
def test_quick_epochs_do_not_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []

    def counting(run: Run, state: TrainState) -> Run:
        kept.append(state.epoch)
        return keep(run, state)

    monkeypatch.setattr("pipeline.train.narrate.keep", counting)
    monkeypatch.setattr("pipeline.train.narrate.WRITING", 1e-9)  # the next one would be due in years
    run = begin(tmp_path, DATA, TINY._replace(epochs=9), overwrite=False)
    reached = followed(run, [])
    assert kept == [1, 9]
    stored = load_checkpoint(tmp_path / CHECKPOINT)
    assert all_bytes(stored.state) == all_bytes(reached.state)
    assert stored.state.history == reached.state.history


def test_progress_counts_what_an_earlier_process_did(tmp_path: Path) -> None:
    config = TINY._replace(epochs=2, batch_size=1)  # 120 mini-batches an epoch
    run = begin(tmp_path, DATA, config, overwrite=False)
    keep(run, cut_short(run.state, run.training_set, config, 60))
    again = resume(tmp_path, DATA, None, None, {})
    assert progress_of(run, 30) == (1, 0.25)
    assert progress_of(again, 30) == (1, 0.75)
    last = followed(again, [])
    assert progress_of(last, 0) == (2, 1.0)


def test_every_look_sees_the_running_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def looking_after_every_epoch(states: Iterator[TrainState], tick: Callable[[], None]) -> Iterator[TrainState]:
        for state in states:
            tick()
            yield state

    monkeypatch.setattr("pipeline.train.narrate.on_a_thread", looking_after_every_epoch)
    ticks: list[tuple[int, float]] = []
    followed(begin(tmp_path, DATA, TINY, overwrite=False), ticks)
    assert ticks == [(epoch, 1.0) for epoch in (1, 2, 3)]


def test_a_finished_run_can_be_loaded_and_read(tmp_path: Path) -> None:
    run = followed(begin(tmp_path, DATA, TINY, overwrite=False), [])
    test = finish(run, {"numpy": np.__version__})
    artifact = load_model(tmp_path / MODEL)
    assert artifact.temperature == certainty_of(artifact.members, run.training_set, run.config)[0]
    assert artifact.metrics == {"n": 60, "correct": test.correct}
    assert artifact.config == TINY
    assert artifact.params[0].weight.tobytes() == run.state.params[0].weight.tobytes()
    table = pq.read_table(tmp_path / HISTORY)
    assert table.column("loss").to_pylist() == [report.loss for report in run.state.history]
    assert table.column("validation_accuracy").to_pylist()[-1] == run.state.history[-1].validation_accuracy


def test_going_on_in_mid_epoch_reaches_the_same_state(tmp_path: Path) -> None:
    whole = followed(begin(tmp_path / "whole", DATA, TINY, overwrite=False), [])
    run = begin(tmp_path / "cut", DATA, TINY, overwrite=False)
    keep(run, cut_short(advance(run.state, run.training_set, TINY, new_stop_token()), run.training_set, TINY, 3))
    again = followed(resume(tmp_path / "cut", DATA, None, None, {"epochs": TINY.epochs}), [])
    assert all_bytes(again.state) == all_bytes(whole.state)


@pytest.mark.jit  # slow without it
def test_curves_are_drawn(tmp_path: Path) -> None:
    write_curves(followed(begin(tmp_path, DATA, TINY, overwrite=False), []))
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_an_overwritten_run_is_never_gone_on_with(tmp_path: Path) -> None:
    followed(begin(tmp_path, DATA, TINY, overwrite=False), [])
    begun = begin(tmp_path, DATA, TINY._replace(seed=9), overwrite=True)  # and killed in its first epoch
    again = resume(tmp_path, DATA, None, None, {})
    assert again.config.seed == 9
    assert (again.state.epoch, again.state.step, again.state.history) == (0, 0, ())
    assert all_bytes(again.state) == all_bytes(begun.state)


def test_a_network_that_is_too_large_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="parameters"):
        begin(tmp_path, DATA, TINY._replace(hidden=(65_536, 65_536)), overwrite=False)
    assert not list(tmp_path.iterdir())


def test_a_run_that_has_only_begun_can_be_gone_on_with(tmp_path: Path) -> None:
    whole = followed(begin(tmp_path / "whole", DATA, TINY, overwrite=False), [])
    begin(tmp_path / "begun", DATA, TINY, overwrite=False)
    again = followed(resume(tmp_path / "begun", DATA, None, None, {}), [])
    assert all_bytes(again.state) == all_bytes(whole.state)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # without the JIT, NumPy warns of what is tested here
def test_a_run_that_diverges_at_once_keeps_the_checkpoint_it_speaks_of(tmp_path: Path) -> None:
    run = begin(tmp_path, DATA, TINY._replace(optimizer="sgd", learning_rate=1e38), overwrite=False)
    with pytest.raises(TrainingDiverged, match="the last checkpoint is kept"):
        followed(run, [])
    assert all_bytes(load_checkpoint(tmp_path / CHECKPOINT).state) == all_bytes(run.state)


def test_a_folder_that_holds_a_run_is_left_alone_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    run = begin(tmp_path, DATA, TINY, overwrite=False)
    before = (tmp_path / CHECKPOINT).read_bytes()
    with pytest.raises(ConfigError, match=r"holds a training run already \(checkpoint\.npz\)"):
        begin(tmp_path, DATA, TINY._replace(seed=1), overwrite=False)
    with pytest.raises(ArtifactError, match="the run began with other data"):
        resume(tmp_path, DATA._replace(data_hash="1" * 64), None, None, {})
    assert (tmp_path / CHECKPOINT).read_bytes() == before
    assert resume(tmp_path, DATA, None, None, {}).config == run.config


def test_where_there_is_no_run_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no run to go on with"):
        resume(tmp_path, DATA, None, None, {})


def test_a_network_without_softmax_has_no_temperature(tmp_path: Path) -> None:
    run = begin(tmp_path, DATA, TINY._replace(loss="quadratic"), overwrite=False)
    assert certainty_of((run.state.params,), run.training_set, run.config)[0] == 1
