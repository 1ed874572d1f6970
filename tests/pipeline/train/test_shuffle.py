"""Epochs that go through their rows a window at a time: every row once, in an order that only seed and epoch decide."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels.network.epoch import new_stop_token
from pipeline.config import Asked
from pipeline.errors import ConfigError
from pipeline.model.artifact import load_model
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays, open_arrays
from pipeline.recognise.evaluate import evaluate
from pipeline.rows import StoredRows
from pipeline.train.loop import advance, batches_per_epoch, initial_state, train
from pipeline.train.narrate import train_to_the_end
from pipeline.train.request import TrainRequest, opened
from pipeline.train.run import MODEL
from pipeline.train.shuffle import BLOCK, buffered, bytes_per_row, note_on, window_rows, windows
from pipeline.train.training_set import scaling_for, training_set_of, with_drawings
from pipeline.types import AnyDataset, Dataset
from tests.digits import TINY, blobs
from tests.pipeline.train.test_loop import all_bytes
from tests.strategies import seeds
from tests.tables import write_csv

BUFFERED = TINY._replace(shuffle_buffer=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of prepared rows."""
    place, dataset = tmp_path_factory.mktemp("rows"), blobs(rows=240)
    rows = write_csv(place / "rows.csv", np.asarray(dataset.features), np.asarray(dataset.labels))
    prepare(PrepareRequest(place / "data", rows), {})
    return place / "data"


@given(st.integers(1, 2000), st.integers(1, 300), st.integers(0, 900), seeds, st.data())
def test_every_row_is_in_one_window_wherever_an_epoch_is_gone_on_with(
    rows: int, batch_size: int, buffer: int, seed: int, data: st.DataObject
) -> None:
    config = TINY._replace(batch_size=batch_size, shuffle_buffer=max(buffer, 1), seed=seed)
    numbers, batches = np.arange(rows) * 3, -(-rows // batch_size)
    whole = [window_rows(numbers, config, 1, window) for window in windows(rows, config, 0)]
    order = np.concatenate(whole)
    np.testing.assert_array_equal(np.sort(order), numbers)
    assert max(map(len, whole)) <= max(buffer, batch_size)
    assert [window.last for window in windows(rows, config, 0)][-1] == batches
    done = data.draw(st.integers(0, batches - 1))
    left = [window_rows(numbers, config, 1, window) for window in windows(rows, config, done)]
    np.testing.assert_array_equal(np.concatenate(left), order[done * batch_size :])


def test_neighbours_are_read_together_and_epochs_differ() -> None:
    rows, config = np.arange(20 * BLOCK), TINY._replace(shuffle_buffer=4 * BLOCK, batch_size=BLOCK)
    first, *_ = windows(rows.size, config, 0)
    seen = [window_rows(rows, config, epoch, first) for epoch in (0, 0, 1)]
    for chosen in seen:
        assert np.unique(chosen // BLOCK).size == 4, "whole blocks"
        assert (np.diff(chosen) == 1).mean() < 0.1, "but not in the order of the file"
    np.testing.assert_array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0], seen[2])


def test_without_a_buffer_an_epoch_is_one_window() -> None:
    assert list(windows(50, TINY, 2)) == [(0, 2, 4)]
    assert list(windows(0, TINY, 0)) == [(0, 0, 0)], "of no rows, which is how kernels are warmed up"
    assert list(windows(50, TINY, 4)) == [], "of a shard that is done before a larger one"


@pytest.mark.parametrize(
    "changes",
    [{}, {"distortion": 1.0, "epochs": 1}, pytest.param({"filters": 2}, marks=pytest.mark.jit)],  # slow without it
    ids=["plain", "distorted", "filters"],
)
def test_rows_in_a_file_teach_what_they_teach_in_memory(folder: Path, changes: dict[str, Any]) -> None:
    config = BUFFERED._replace(**{"epochs": 2, **changes})
    states = []
    for most in (None, 0):
        data = open_arrays(folder, most)
        assert isinstance(data.train.features, StoredRows) == (most == 0)
        training_set = training_set_of(data.train, config)
        *_, state = train(initial_state(training_set, config), training_set, config, new_stop_token())
        states.append(state)
    assert all_bytes(states[0]) == all_bytes(states[1])
    assert states[0].history[-1].validation_loss == pytest.approx(states[1].history[-1].validation_loss)


def test_cut_in_a_window_and_gone_on_with_it_leads_to_the_same_bytes(folder: Path) -> None:
    training_set = training_set_of(open_arrays(folder, 0).train, BUFFERED)
    batches = batches_per_epoch(training_set, BUFFERED)
    whole = advance(initial_state(training_set, BUFFERED), training_set, BUFFERED, new_stop_token())
    for cut in range(1, batches):
        stop_token = new_stop_token()
        stop_token.limit[0] = cut
        part = advance(initial_state(training_set, BUFFERED), training_set, BUFFERED, stop_token)
        assert (part.step, part.epoch, int(stop_token.done[0])) == (cut, 0, cut)
        again = advance(part, training_set, BUFFERED, new_stop_token())
        assert all_bytes(again) == all_bytes(whole)


def test_a_buffer_of_all_rows_is_a_shuffle_of_all_and_a_run_without_buffer_reads_them(folder: Path) -> None:
    dataset = open_arrays(folder, 0).train
    assert isinstance(training_set_of(dataset, BUFFERED).features, StoredRows)
    assert isinstance(training_set_of(dataset, TINY).features, np.ndarray)


@pytest.mark.parametrize("image_shape", [(4, 4), None])
def test_scaling_is_the_same_wherever_rows_are(folder: Path, image_shape: tuple[int, int] | None) -> None:
    stored, whole = open_arrays(folder, 0).train.features, load_arrays(folder).train.features
    ours, theirs = (scaling_for(rows, images=image_shape is not None) for rows in (stored, whole))
    np.testing.assert_allclose(ours.shift, theirs.shift, rtol=1e-6)
    np.testing.assert_allclose(ours.scale, theirs.scale, rtol=1e-6)


def test_drawings_come_after_the_rows_of_a_file(folder: Path) -> None:
    plain = training_set_of(open_arrays(folder, 0).train, BUFFERED)
    drawn = Dataset(np.full((2, 16), 7, np.uint8), np.full(2, 1, np.uint8), (4, 4), ("0", "1", "2"))
    both = with_drawings(plain, drawn)
    added = both.rows[plain.rows.size :]
    np.testing.assert_array_equal(both.features[added], np.full((added.size, 16), 7))
    assert (both.labels[added] == 1).all()


def test_drawings_are_distorted_as_the_rows_are(folder: Path) -> None:
    plain = training_set_of(load_arrays(folder).train, TINY._replace(distortion=0.2))
    drawn = Dataset(np.full((2, 16), 7, np.uint8), np.full(2, 1, np.uint8), (4, 4), ("0", "1", "2"))
    both = with_drawings(plain, drawn)
    assert both.images
    np.testing.assert_array_equal(both.images.features, both.features[:])
    np.testing.assert_array_equal(both.images.features[-2:], drawn.features)


def test_only_rows_that_do_not_fit_are_shuffled_some_at_a_time() -> None:
    dataset: AnyDataset = blobs(rows=1000)
    asked = Asked(TINY, frozenset())
    size = bytes_per_row(TINY, dataset)
    assert size == 3 * 16
    assert buffered(TINY, asked, dataset, 1000 * size) == TINY
    assert buffered(TINY, asked, dataset, 1000 * size - 1).shuffle_buffer == 999
    assert buffered(TINY, asked, dataset, 1).shuffle_buffer == TINY.batch_size, "a mini-batch there must be"
    chosen = Asked(TINY, frozenset({"shuffle_buffer"}))
    assert buffered(TINY, chosen, dataset, 1) == TINY, "what somebody has chosen stays"
    assert bytes_per_row(TINY._replace(distortion=1.0, filters=4), dataset) > 2 * size


def test_a_person_is_told() -> None:
    assert not note_on(TINY, 1000)
    assert not note_on(TINY._replace(shuffle_buffer=1000), 1000)
    note = note_on(TINY._replace(shuffle_buffer=400), 1_000)
    assert note.startswith("note: the 1,000 rows are read from their file, 400 at a time")


def test_a_run_keeps_the_buffer_that_it_began_with(folder: Path, tmp_path: Path) -> None:
    request = TrainRequest(tmp_path / "run", folder, "original", None, {"hidden": (4,)}, False, False, memory=2_000)
    with opened(request) as run:
        began = run.config
        assert isinstance(run.data.train.features, StoredRows)
        assert 0 < began.shuffle_buffer < 200
    for again in (request._replace(memory=10**9), request._replace(preset=None, options={}, memory=None)):
        with opened(again._replace(resume=True)) as run:
            assert run.config == began
            assert isinstance(run.data.train.features, np.ndarray), "now they fit"
    other = request._replace(options={"hidden": (4,), "shuffle_buffer": 64}, resume=True)
    with pytest.raises(ConfigError, match=r"shuffle_buffer \d+ \(now 64\)"), opened(other):
        pass


def test_a_run_says_so_and_its_network_is_judged_by_rows_in_a_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.rows.PIECE", 7)
    options = {"filters": 0, "hidden": (8,), "epochs": 3, "batch_size": 16, "distortion": 0.0}
    request = TrainRequest(tmp_path / "run", folder, None, None, options, False, False, memory=2_000)
    said: list[str] = []
    with opened(request) as run:
        train_to_the_end(run, [], said.append)
    assert said[0].startswith("note: the 183 rows are read from their file, 41 at a time")
    artifact = load_model(tmp_path / "run" / MODEL)
    ours, theirs = (evaluate(artifact, data.test) for data in (open_arrays(folder, 0), load_arrays(folder)))
    assert artifact.metrics == {"n": ours.n, "correct": ours.correct} == {"n": theirs.n, "correct": theirs.correct}
    np.testing.assert_array_equal(ours.confusion, theirs.confusion)
    assert ours.calibration == theirs.calibration
    assert ours.loss == pytest.approx(theirs.loss)
