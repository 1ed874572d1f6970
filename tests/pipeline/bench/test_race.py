"""The race: whole trainings, each in a process of its own."""

import json
import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.bench import racer
from pipeline.bench.networks import Setup
from pipeline.bench.race import _peer_command, race, scrawl_command
from pipeline.bench.racer import Course
from pipeline.bench.system import SYSTEMS, Entry
from pipeline.config import PRESETS
from pipeline.errors import ScrawlError
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.types import TrainConfig
from tests.digits import blobs

SETUP = Setup((16, 8, 3), 16, "relu", "adamw", 0.03)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a short course over three easy classes of 4x4 images."""
    dataset = blobs(rows=240)
    np.savetxt(tmp_path / "rows.csv", np.column_stack([dataset.labels, dataset.features]), fmt="%d", delimiter=",")
    prepare(PrepareRequest(out=tmp_path / "data", train=tmp_path / "rows.csv"))
    return Course(tmp_path / "data", SETUP, epochs=20, seed=0, threads=1)


def odd(name: str) -> Entry:
    return Entry(f"tests.systems.{name}", ("left-pad",))


@pytest.mark.jit  # slow without it
def test_everybody_runs_the_same_course(course: Course) -> None:
    said: list[str] = []
    systems = {"scrawl": SYSTEMS["scrawl"], "numpy": SYSTEMS["numpy"]}
    odd_ones = {name: odd(name) for name in ("missing", "dying", "predicting")}
    lines, missing = race(systems | odd_ones, course, 1, said.append)
    assert [line["system"] for line in lines] == ["scrawl", "numpy"]
    assert {(line["network"], line["batch"], line["epochs"]) for line in lines} == {("16-8-3", 16, 20)}
    for line in lines:
        assert line["reached"] == (line["accuracy"] >= 0.98)
        assert line["accuracy"] > 0.9
        assert line["seconds"]["min"] > 0
    assert lines[0]["ratio"] == 1.0
    assert {line["system"]: line["reason"] for line in missing} == {
        "missing": "not installed (pip install left-pad): No module named 'nonexistent_library'",
        "dying": "its process died with exit code 7: out of luck",
        "predicting": "it does not train",
    }
    assert len([line for line in said if line.startswith("race, round 1 of 1")]) == 2


def test_there_is_no_race_without_scrawl(course: Course, tmp_path: Path) -> None:
    elsewhere = course._replace(data=tmp_path / "none")
    with pytest.raises(ScrawlError, match="scrawl can't be measured: its process died with exit code 1: error: no pre"):
        race({"scrawl": SYSTEMS["scrawl"]}, elsewhere, 1, print)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("pipeline.bench.numpy_network", None),
        (
            "tests.systems.missing",
            {"failed": "not installed (pip install left-pad): No module named 'nonexistent_library'"},
        ),
        ("tests.systems.predicting", {"failed": "it does not train"}),
    ],
)
def test_a_peer_trains_and_tests_once(
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    module: str,
    expected: object,
) -> None:
    _, *command = _peer_command(Entry(module, ("left-pad",)), course)
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    monkeypatch.delitem(sys.modules, racer.__name__)
    runpy.run_module(racer.__name__, run_name="__main__")
    found = json.loads(capsys.readouterr().out)
    assert found["accuracy"] > 0.9 if expected is None else found == expected


def test_nobody_has_an_advantage_by_a_preset(course: Course) -> None:
    """Whatever Scrawl's default changes, the race decides for itself, so that it is the same for everybody."""
    command = scrawl_command(course, Path("out"))
    options = dict(part.removeprefix("--").split("=") for part in command if "=" in part)
    plain, usual = TrainConfig(), PRESETS["quick"]
    changed = {field.replace("_", "-") for field in plain._fields if getattr(plain, field) != getattr(usual, field)}
    assert {"filters", "distortion", "label-smoothing"} <= changed <= set(options)
    for name in ("filters", "distortion", "label-smoothing", "weight-decay", "validation-fraction"):
        assert float(options[name]) == 0
