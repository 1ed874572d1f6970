"""Checkpoints: everything comes back, and nothing damaged does."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kernels.network.epoch import new_stop_token
from pipeline.archive import read_archive, write_archive
from pipeline.errors import ArtifactError, ConfigError, OutputError
from pipeline.model.shapes import layer_shapes
from pipeline.train.checkpoint import Checkpoint, check_belongs, check_size, load_checkpoint, save_checkpoint
from pipeline.train.loop import advance, batches_per_epoch, initial_state, is_finished, train
from pipeline.train.run import history_parquet
from pipeline.train.training_set import training_set_of
from tests.digits import TINY, blobs
from tests.pipeline.train.test_loop import all_bytes, bytes_of
from tests.strategies import examples, optimizers


def some_checkpoint(optimizer: str = "adamw", patience: int = 0, limit: int = 5, filters: int = 0) -> Checkpoint:
    config = TINY._replace(optimizer=optimizer, patience=patience, batch_size=8, filters=filters)
    training_set, stop_token = training_set_of(blobs(), config), new_stop_token()
    state = next(train(initial_state(training_set, config), training_set, config, stop_token))
    stop_token.limit[0] = limit
    return Checkpoint(advance(state, training_set, config, stop_token), config, "0" * 64)


@pytest.mark.jit  # slow without it
@settings(examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(optimizers, st.integers(0, 3), st.integers(0, 40))
def test_everything_comes_back(tmp_path: Path, optimizer: str, patience: int, limit: int) -> None:
    checkpoint = some_checkpoint(optimizer, patience, limit)
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    loaded = load_checkpoint(tmp_path / "c.npz")
    assert all_bytes(loaded.state) == all_bytes(checkpoint.state)
    assert (loaded.config, loaded.data_hash) == (checkpoint.config, checkpoint.data_hash)
    for name in ("epoch", "step", "loss_sum", "history"):
        assert getattr(loaded.state, name) == getattr(checkpoint.state, name)
    if checkpoint.state.best is None:
        assert loaded.state.best is None
    else:
        assert loaded.state.best is not None
        assert loaded.state.best[:2] == checkpoint.state.best[:2]
        assert bytes_of(loaded.state.best.params) == bytes_of(checkpoint.state.best.params)


@pytest.mark.jit  # slow without it
def test_filters_come_back_too(tmp_path: Path) -> None:
    checkpoint = some_checkpoint(patience=1, filters=2)
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    loaded = load_checkpoint(tmp_path / "c.npz")
    assert all_bytes(loaded.state) == all_bytes(checkpoint.state)
    assert [layer.weight.shape for layer in loaded.state.params] == [(200, 2), (50, 8), (8, 3)]
    assert loaded.config == checkpoint.config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "scrawl model"}, "expected a scrawl checkpoint of schema 3; found 'scrawl model'"),
        ({"schema": 2}, "schema 2"),
        ({"layers": 3}, "don't fit together: layers are 3, but the configuration has 2."),
        ({"layers": 0, "finished": 10**9}, "layers must be a whole number from 1 to 33; found 0."),
        ({"layers": 2.0}, "layers must be a whole number from 1 to 33; found 2.0."),
        ({"finished": 10**9}, "finished must be a whole number from 0 to 64; found 1000000000."),
        ({"finished": 1}, "1 members are finished, expected 0."),
        ({"waiting": -3}, "waiting must be a whole number from 0 to 64; found -3."),
        ({"waiting": 2}, "2 members are waiting, expected 0, or none."),
        ({"epoch": 10**30}, "epoch must be a whole number from 0 to"),
        ({"epoch": True}, "epoch must be a whole number from 0 to 137438953408; found True."),
        ({"epoch": 4}, "epoch is 4 of 3."),
        ({"epoch": 2}, "epoch is 2, but there are 1 reports."),
        ({"step": -1}, "step must be a whole number from 0 to"),
        ({"loss_sum": 10**400}, "loss_sum must be a finite number; found 1000"),
        ({"loss_sum": None}, "loss_sum must be a finite number; found None."),
        ({"data": 7}, "data must be a text; found 7."),
        ({"best": {"epoch": 1}}, "best is {'epoch': 1}, with patience 0 after 1 epochs."),
        ({"history": [{"epoch": 1}]}, "missing fields of report 1: learning_rate, loss, seconds, validation_accuracy,"),
        ({"history": [7]}, "history must be a list of reports; found [7]."),
        ({"config": {}}, "configuration: expected the fields"),
        ({"config": 7}, "config must be an object; found 7."),
        ({"more": 1}, "unknown fields: more."),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "c.npz"
    save_checkpoint(path, some_checkpoint())
    arrays, manifest = read_archive(path)
    write_archive(path, arrays, {**manifest, **change})
    with pytest.raises(ArtifactError) as caught:
        load_checkpoint(path)
    assert message in str(caught.value)
    assert "--overwrite" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epoch": 2}, "report 1 is of epoch 2."),
        ({"loss": "low"}, "report 1: loss must be a finite number; found 'low'."),
        ({"validation_loss": None}, "report 1: validation_loss is None."),
        (
            {"validation_accuracy": 1.5},
            "report 1: validation_accuracy must be a number from 0 to 1, or null; found 1.5.",
        ),
        ({"learning_rate": -1.0}, "report 1: learning_rate must be a finite number from 0 up; found -1.0."),
        ({"seconds": True}, "report 1: seconds must be a finite number from 0 up; found True."),
    ],
)
def test_reports_that_can_not_be_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "c.npz"
    save_checkpoint(path, some_checkpoint())
    arrays, manifest = read_archive(path)
    write_archive(path, arrays, {**manifest, "history": [manifest["history"][0] | change]})
    with pytest.raises(ArtifactError, match=re.escape(message)):
        load_checkpoint(path)


def test_whole_numbers_of_any_size_are_read_as_floats(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    save_checkpoint(path, some_checkpoint())
    arrays, manifest = read_archive(path)
    report = manifest["history"][0] | {"loss": 10**30, "learning_rate": 10**18}
    write_archive(path, arrays, {**manifest, "loss_sum": 10**30, "history": [report]})
    state = load_checkpoint(path).state
    for number in (state.loss_sum, state.history[0].loss, state.history[0].learning_rate):
        assert type(number) is float
    assert history_parquet(state)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epoch": 2}, "best is epoch and loss (2, "),
        ({"validation_loss": 0.0}, "best is epoch and loss (1, 0.0), expected (1, "),
        ({"validation_loss": "low"}, "best: validation_loss must be a finite number; found 'low'."),
        (None, "best is None, with patience 2 after 1 epochs."),
    ],
)
def test_a_best_epoch_that_was_not_the_best_is_refused(
    tmp_path: Path, change: dict[str, Any] | None, message: str
) -> None:
    path = tmp_path / "c.npz"
    save_checkpoint(path, some_checkpoint(patience=2))
    arrays, manifest = read_archive(path)
    write_archive(path, arrays, {**manifest, "best": change and manifest["best"] | change})
    with pytest.raises(ArtifactError, match=re.escape(message)):
        load_checkpoint(path)


WRONG_ARRAYS: dict[str, tuple[str, npt.NDArray[Any] | None, str]] = {
    "moments of another shape": (
        "second.layer0.weight",
        np.zeros((1, 8), np.float32),
        "second.layer0.weight is float32 (1, 8), expected float32 (16, 8).",
    ),
    "weights of another shape": (
        "params.layer1.weight",
        np.zeros((5000, 3), np.float32),
        "params.layer1.weight is float32 (5000, 3), expected float32 (8, 3).",
    ),
    "other inputs": (
        "params.layer0.weight",
        np.zeros((5000, 8), np.float32),
        "first.layer0.weight is float32 (16, 8), expected float32 (5000, 8).",
    ),
    "no inputs": ("params.layer0.weight", np.zeros((0, 8), np.float32), "params.layer0.weight is of shape (0, 8)."),
    "a number": ("params.layer1.bias", np.zeros((), np.float32), "params.layer1.bias is of shape ()."),
    "double precision": ("first.layer0.bias", np.zeros(8), "first.layer0.bias is float64 (8,), expected float32 (8,)."),
    "infinite": ("params.layer0.bias", np.full(8, np.inf, np.float32), "params.layer0.bias has a value that is infini"),
    "below 0": ("second.layer1.bias", np.full(3, -1, np.float32), "a mean of squares is negative."),
    "missing": ("params.layer0.weight", None, "missing arrays: params.layer0.weight."),
    "missing moments": ("first.layer0.weight", None, "missing arrays: first.layer0.weight."),
    "too many": ("waiting0.layer0.bias", np.zeros(8, np.float32), "unknown arrays: waiting0.layer0.bias."),
}


@pytest.mark.parametrize(("name", "array", "message"), WRONG_ARRAYS.values(), ids=WRONG_ARRAYS)
def test_arrays_that_a_kernel_must_not_see_are_refused(
    tmp_path: Path, name: str, array: npt.NDArray[Any] | None, message: str
) -> None:
    path = tmp_path / "c.npz"
    save_checkpoint(path, some_checkpoint())
    arrays, manifest = read_archive(path)
    kept = {each: arrays[each] for each in arrays if each != name}
    write_archive(path, kept if array is None else {**kept, name: array}, manifest)
    with pytest.raises(
        ArtifactError, match=re.escape(f"c.npz: the checkpoint's contents don't fit together: {message}")
    ):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"step": 10**18}, "step is 1000000000000000000, expected 15 to 29 after 1 epochs."),
        ({"step": 14}, "step is 14, expected 15 to 29"),
        ({"step": 15}, "loss_sum is "),
        ({"epoch": 3, "step": 46}, "step is 46, expected 45 to 45 after 3 epochs."),
        ({"shapes": ((17, 8), (8, 3))}, "layers are ((16, 8), (8, 3)), but these rows ask for ((17, 8), (8, 3))."),
    ],
)
def test_what_is_not_of_these_rows_is_refused(change: dict[str, Any], message: str) -> None:
    checkpoint = some_checkpoint()
    check_belongs(Path("c.npz"), checkpoint, ((16, 8), (8, 3)), 15)
    shapes = change.get("shapes", ((16, 8), (8, 3)))
    moved = {name: value for name, value in change.items() if name != "shapes"}
    forged = checkpoint._replace(state=checkpoint.state._replace(**moved))
    with pytest.raises(ArtifactError, match=re.escape(message)):
        check_belongs(Path("c.npz"), forged, shapes, 15)


@pytest.mark.jit  # slow without it
@settings(examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    optimizers, st.integers(0, 2), st.integers(1, 3), st.sampled_from([0.0, 0.2]), st.integers(0, 40), st.integers(0, 1)
)
def test_every_state_of_an_honest_run_is_accepted(
    tmp_path: Path, optimizer: str, patience: int, members: int, share: float, steps: int, taught: int
) -> None:
    config = TINY._replace(optimizer=optimizer, members=members, validation_fraction=share, epochs=2)
    config = config._replace(patience=patience if members == 1 and share else 0)
    training_set, stop_token = training_set_of(blobs(60), config), new_stop_token()
    state, batches = initial_state(training_set, config), batches_per_epoch(training_set, config)
    state = state._replace(waiting=(state.params,) * (members - 1) * taught)
    while True:
        save_checkpoint(tmp_path / "c.npz", Checkpoint(state, config, "0" * 64))
        loaded = load_checkpoint(tmp_path / "c.npz")
        check_belongs(tmp_path / "c.npz", loaded, training_set.shapes, batches)
        assert all_bytes(loaded.state) == all_bytes(state)
        if is_finished(state, config) or steps <= 0:
            return
        stop_token.limit[0] = min(steps, batches)
        state, steps = advance(state, training_set, config, stop_token), steps - batches


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    save_checkpoint(path, some_checkpoint())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match=r"c\.npz"):
        load_checkpoint(path)


def test_what_can_not_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError):
        save_checkpoint(tmp_path / "file" / "c.npz", some_checkpoint())
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize(
    ("optimizer", "patience", "widest"), [("sgd", 0, 16), ("momentum", 0, 8), ("adamw", 0, 5), ("adamw", 3, 4)]
)
def test_a_network_that_could_not_be_stored_is_refused(optimizer: str, patience: int, widest: int) -> None:
    config = TINY._replace(optimizer=optimizer, patience=patience)
    # 16 million parameters are 64 MB, and the limit is 1 GiB.
    check_size(layer_shapes((4000, 4000 * widest - 100, 10), 0), config)
    with pytest.raises(
        ConfigError,
        match=r"network of layers 4000x\d+, \d+x10 has [\d,]+ parameters.*at most 1,056,964,608\. Choose",
    ):
        check_size(layer_shapes((4000, 4000 * (widest + 1), 10), 0), config)
    check_size(layer_shapes((784, 600 * widest, 10), 1000), config)
    with pytest.raises(ConfigError, match=r"network of layers 200x1000, 25000x\d+, \d+x10 has"):
        check_size(layer_shapes((784, 700 * (widest + 1), 10), 1000), config)
