"""What commands take, measured on few rows; that it stays the same for many is what the bench is there to show."""

import os
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from cli import main
from pipeline.bench import memory
from pipeline.bench.memory import Taken, measure_memory
from pipeline.bench.tables import memory_table
from pipeline.errors import ScrawlError
from tests.pipeline.report.test_tables import shown

pytestmark = pytest.mark.plain  # processes that train, with the JIT or without


def here(rows: int, command: str, options: list[str], folder: Path) -> Taken:
    """Run a command in this process, which has imported all that it needs."""
    with mock.patch.dict(os.environ, {"SCRAWL_MNIST": str(folder)}):
        assert main([command.split(maxsplit=1)[0].rstrip(","), *options]) == 0
    return Taken(rows, command, 1 << 27, 1.5)


def test_each_command_runs_and_nothing_is_left(in_tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_taken", here)
    monkeypatch.setattr(memory, "PARTS", (1,))
    monkeypatch.setattr(memory, "SMALL", (*memory.SMALL, "--hidden=2"))
    said: list[str] = []
    document = measure_memory(120, said.append)
    taken = document["taken"]
    assert [each["command"] for each in taken] == [
        "prepare", "train --memory 200MB", "evaluate --split train", "train, all in memory", "predict",
    ]  # fmt: skip
    assert [each["rows"] for each in taken] == [120] * 5
    assert len(said) == len(taken)
    assert not list((in_tmp_path / memory.FOLDER).iterdir())
    assert shown(memory_table(document))[2][:3] == ["120", "94.1kB", "prepare"]


@pytest.mark.usefixtures("in_tmp_path")
def test_rows_that_would_take_long_are_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_taken", lambda rows, command, *_: Taken(rows, command, 1 << 27, 1.5))
    monkeypatch.setattr(memory, "PARTS", (1,))
    monkeypatch.setattr(memory, "MOST_WHOLE", 99)
    commands = [each["command"] for each in measure_memory(100, lambda _: None)["taken"]]
    assert commands == ["prepare", "train --memory 200MB", "evaluate --split train"]


def test_rows_to_be_answered_are_those_that_were_learned(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, memory.PIXELS), np.uint8)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(bytes(16) + images.tobytes())
    memory.write_csv(tmp_path)
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "rows.csv", np.uint8, delimiter=",", skiprows=1), images)


@pytest.mark.usefixtures("in_tmp_path")
def test_rows_that_can_not_be_written_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "write_csv", int)  # which no folder is
    monkeypatch.setattr(memory, "PARTS", (1,))
    with pytest.raises(ScrawlError, match=r"rows\.csv can't be written"):
        measure_memory(100, lambda _: None)


def test_a_command_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    taken = memory._taken(7, "train, all in memory", ["--help"], tmp_path)  # noqa: SLF001 -- each command takes seconds
    assert taken[:2] == (7, "train, all in memory")
    assert 1e7 < taken.peak < 4e9
    assert taken.seconds > 0


def test_a_command_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScrawlError, match="bench --memory: train --memory 200MB: its process died with exit code"):
        memory._taken(7, "train --memory 200MB", ["--no-such-option"], tmp_path)  # noqa: SLF001 -- as above


def test_a_system_that_does_not_tell_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "wait4")
    with pytest.raises(ScrawlError, match="this system does not tell what a process took"):
        measure_memory(100, lambda _: None)
