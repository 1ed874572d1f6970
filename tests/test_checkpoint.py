"""Checkpoints: everything comes back, and nothing damaged does."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kernels.epoch import new_mailbox
from pipeline.archive import read_archive, write_archive
from pipeline.errors import ArtifactError, ConfigError, OutputError
from pipeline.model.shapes import layer_shapes
from pipeline.train.checkpoint import Checkpoint, check_size, load_checkpoint, save_checkpoint
from pipeline.train.loop import advance, initial_state, train
from pipeline.train.problem import problem_of
from tests.digits import TINY, blobs
from tests.strategies import examples, optimizers
from tests.test_loop import all_bytes, bytes_of


def some_checkpoint(optimizer: str = "adamw", patience: int = 0, limit: int = 5, filters: int = 0) -> Checkpoint:
    config = TINY._replace(optimizer=optimizer, patience=patience, batch_size=8, filters=filters)
    problem, mailbox = problem_of(blobs(), config), new_mailbox()
    state = next(train(initial_state(problem, config), problem, config, mailbox))
    mailbox.limit[0] = limit
    return Checkpoint(advance(state, problem, config, mailbox), config, "0" * 64)


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
        ({"layers": 3}, "don't fit together"),
        ({"best": {"epoch": 1}}, "don't fit together"),
        ({"history": [{"epoch": 1}]}, "don't fit together"),
        ({"config": {}}, "don't fit together"),
        ({"config": 7}, "don't fit together"),
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
