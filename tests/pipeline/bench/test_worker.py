"""A worker does what it is told, one request after the other, and says what came of it."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.bench import worker
from pipeline.bench.contest import initial_network
from pipeline.bench.networks import Setup
from pipeline.bench.system import Entry, keep_to_cores
from tests.bench_data import RELU, SIGMOID, small_work

WORK = small_work()


def told(module: str, *requests: tuple[Any, ...], log: Path | None = None) -> list[Any]:
    """Return a worker's answers; with a `log`, it redirects what it prints."""
    (ours, theirs), entry = multiprocessing.Pipe(), Entry(module, ("left-pad",))
    with ThreadPoolExecutor(1) as executor:
        if log:
            serving = executor.submit(worker.main, theirs, log, entry, WORK, 1)
        else:
            serving = executor.submit(worker.serve, theirs, entry, WORK, 1)
        answers = [ours.recv()]
        for request in requests:
            ours.send(request)
            answers.append(ours.recv())
        ours.close()
        serving.result()
    theirs.close()
    return answers


def opening(setup: Setup) -> tuple[Any, ...]:
    return "open", setup, initial_network(setup)


@pytest.mark.parametrize("setup", [SIGMOID, RELU], ids=["sigmoid", "relu"])
@pytest.mark.parametrize("module", ["pipeline.bench.scrawl_system", "pipeline.bench.peers.scikit_learn"])
def test_a_system_computes_what_numpy_computes(module: str, setup: Setup) -> None:
    tasks = [(name,) for name in ("gradients", "answers", "epoch", "accuracy", "another_epoch", "answers")]
    found = told(module, opening(setup), *tasks)
    expected = told("pipeline.bench.numpy_network", opening(setup), *tasks)
    assert found[:2] == [None, None]
    (loss, grads), (loss_twin, grads_twin) = found[2], expected[2]
    assert loss == pytest.approx(loss_twin, rel=1e-5)
    for layer, twin in zip(grads, grads_twin, strict=True):
        np.testing.assert_allclose(layer[0], twin[0], rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(layer[1], twin[1], rtol=1e-3, atol=1e-6)
    assert found[5] == expected[5]
    for i in (3, 7):
        np.testing.assert_array_equal(found[i], expected[i])
    assert all(found[i] > 0 for i in (4, 6))


def test_predictions_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SHORTEST", 1e-3)
    found = told("pipeline.bench.numpy_network", opening(SIGMOID), ("predict", 5))
    assert 0 < found[-1] < 1


def test_who_only_predicts_says_so() -> None:
    tasks = [("gradients",), ("epoch",), ("another_epoch",)]
    assert told("tests.systems.predicting", opening(RELU), *tasks) == [None] * 5


def test_a_fault_is_told() -> None:
    ready, fault = told("tests.systems.failing", opening(RELU))
    assert ready is None
    assert repr(fault) == "WorkerFailed('failed: ValueError: no such activation')"


def test_a_missing_library_is_told() -> None:
    (fault,) = told("tests.systems.missing")
    assert isinstance(fault, worker.WorkerFailed)
    assert str(fault) == "not installed (pip install left-pad): No module named 'nonexistent_library'"


def test_a_process_keeps_to_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {5, 3, 4}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, cores: asked.append((process, cores)), raising=False)
    keep_to_cores(2)
    monkeypatch.delattr(os, "sched_setaffinity")
    keep_to_cores(1)
    assert asked == [(0, [3, 4])]


def test_what_a_library_prints_goes_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptors: list[int] = []
    monkeypatch.setattr(os, "dup2", lambda _file, descriptor: descriptors.append(descriptor))
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    assert told("pipeline.bench.numpy_network", log=tmp_path / "log") == [None]
    assert (descriptors, (tmp_path / "log").is_file()) == ([1, 2], True)
