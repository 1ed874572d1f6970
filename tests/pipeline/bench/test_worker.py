"""A worker does what it is told, one line after the other, and says what came of it."""

import io
import json
import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.bench import worker
from pipeline.bench.contest import initial_network
from pipeline.bench.networks import Setup
from pipeline.types import Json
from tests.bench_data import RELU, SIGMOID, small_work

WORK = small_work()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with work in it, and the weights of both networks."""
    np.savez(tmp_path / worker.WORK, allow_pickle=False, **WORK._asdict())
    for setup in (SIGMOID, RELU):
        worker.save_network(tmp_path / f"{setup.activation}.npz", initial_network(setup))
    return tmp_path


def told(folder: Path, module: str, *messages: Json) -> list[Json]:
    """Return a worker's answers."""
    out = io.StringIO()
    worker.run(module, folder, 1, [json.dumps(message) for message in messages], out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def opening(setup: Setup) -> Json:
    return {"do": "open", "setup": setup._asdict(), "weights": f"{setup.activation}.npz"}


@pytest.mark.parametrize("setup", [SIGMOID, RELU], ids=["sigmoid", "relu"])
@pytest.mark.parametrize("module", ["pipeline.bench.scrawl_system", "pipeline.bench.peers.scikit_learn"])
def test_a_system_computes_what_numpy_computes(folder: Path, module: str, setup: Setup) -> None:
    tasks: list[Json] = [
        {"do": "gradients", "file": "gradients.npz"}, {"do": "answers"}, {"do": "epoch"}, {"do": "accuracy"},
        {"do": "another epoch"}, {"do": "answers"},
    ]  # fmt: skip
    found = told(folder, module, opening(setup), *tasks)
    grads = worker.load_network(folder / "gradients.npz")
    expected = told(folder, "pipeline.bench.numpy_system", opening(setup), *tasks)
    assert found[:2] == [{}, {}]
    assert found[2]["loss"] == pytest.approx(expected[2]["loss"], rel=1e-5)
    assert all(found[i] == expected[i] for i in (3, 5, 7))
    assert all(found[i]["seconds"] > 0 for i in (4, 6))
    for layer, twin in zip(grads, worker.load_network(folder / "gradients.npz"), strict=True):
        np.testing.assert_allclose(layer[0], twin[0], rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(layer[1], twin[1], rtol=1e-3, atol=1e-6)


def test_predictions_are_timed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SHORTEST", 1e-3)
    found = told(folder, "pipeline.bench.numpy_system", opening(SIGMOID), {"do": "predict", "images": 5})
    assert 0 < found[-1]["seconds"] < 1


def test_who_only_predicts_says_so(folder: Path) -> None:
    tasks: list[Json] = [{"do": "gradients", "file": "gradients.npz"}, {"do": "epoch"}, {"do": "another epoch"}]
    found = told(folder, "tests.systems.predicting", opening(RELU), *tasks)
    assert found[2:] == [{"loss": None}, {"seconds": None}, {"seconds": None}]
    assert not (folder / "gradients.npz").exists()


def test_a_fault_is_told(folder: Path) -> None:
    found = told(folder, "tests.systems.failing", opening(RELU), {"do": "epoch"})
    assert found == [{}, {"failed": "ValueError: no such activation"}]


def test_a_missing_library_is_told(folder: Path) -> None:
    assert told(folder, "tests.systems.missing") == [{"missing": "No module named 'nonexistent_library'"}]


def test_a_process_keeps_to_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {5, 3, 4}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, cores: asked.append((process, cores)), raising=False)
    worker.keep_to_cores(2)
    monkeypatch.delattr(os, "sched_setaffinity")
    worker.keep_to_cores(1)
    assert asked == [(0, [3, 4])]


def test_a_process_serves_on_its_stdin(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(opening(SIGMOID)) + "\n"))
    monkeypatch.setattr(sys, "argv", ["worker", "pipeline.bench.numpy_system", str(folder), "1"])
    monkeypatch.setattr(os, "dup2", lambda _from, _to: None)
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    monkeypatch.delitem(sys.modules, worker.__name__)
    runpy.run_module(worker.__name__, run_name="__main__")
    assert capfd.readouterr().out == "{}\n{}\n"
