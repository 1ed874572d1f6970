"""Whatever is killed, wherever: the next command finds all of the old files, or all of the new ones.

The suite takes every renaming, where something may come apart, and every 24th of the other steps; with
`HYPOTHESIS_PROFILE=thorough`, every step.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
import pytest

from pipeline.errors import ArtifactError
from pipeline.model.artifact import load_model
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.prepare.store.drawn import open_with_drawn
from pipeline.recognise.drawn import prepare_drawn
from pipeline.recognise.strokes.lessons import Lesson, add_lesson, remove_lesson
from pipeline.staging import LOCK, READY, settled
from pipeline.train.loop import initial_state
from pipeline.train.run import Run, finish
from pipeline.train.training_set import training_set_of
from pipeline.types import EpochReport, Metrics
from tests.digits import TINY, blobs
from tests.dying import PATIENCE, Step, kill_at, steps_of
from tests.forks import FORKS
from tests.tables import write_csv

IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
EVERY = 1 if IS_THOROUGH else 24
"""Of steps that are no renaming, one in so many is taken."""
PAIRS = 200 if IS_THOROUGH else 2
"""How often two commands write at once."""
LESSONS = [Lesson('{"strokes": [[[1, 2]]]}', label, "2026-01-02T03:04:05+00:00", None) for label in range(3)]


@pytest.fixture(autouse=True)
def inputs(tmp_path: Path) -> None:
    """Write what the commands read, beside the folders in which they write."""
    for seed in (0, 1):
        dataset = blobs(60, seed=seed)
        write_csv(tmp_path / f"{seed}.csv", np.asarray(dataset.features), np.asarray(dataset.labels))
        lesson = {"strokes": [[[0, 0], [seed, 8], [9, 9]]], "label": 1}
        (tmp_path / f"{seed}.jsonl").write_text(json.dumps(lesson) + "\n", encoding="utf-8")


def prepare_rows(folder: Path, seed: int) -> None:
    prepare(PrepareRequest(folder / "data", folder.parent / f"{seed}.csv", overwrite=True), {})


def prepare_drawings(folder: Path, seed: int) -> None:
    if not (folder / "data").exists():
        prepare_rows(folder, 0)
    prepare_drawn([folder.parent / f"{seed}.jsonl"], folder / "data")


def finish_training(folder: Path, seed: int) -> None:
    """Write what a run leaves behind, without the work that comes before."""
    dataset = blobs(60, seed=seed)
    training_set = training_set_of(dataset, TINY)
    state = initial_state(training_set, TINY._replace(seed=seed))
    state = state._replace(history=(EpochReport(1, seed, None, None, 0.1, 1.0),))
    data = mock.Mock(train=dataset, test=dataset, data_hash=str(seed) * 64, transposed=False)
    right = Metrics(60, 60, 0.0, np.zeros((3, 3), np.int64))
    with mock.patch.multiple("pipeline.train.run", measure=lambda *_: right, certainty_of=lambda *_: (1.0, None)):
        finish(Run(folder / "model", data, TINY._replace(seed=seed), training_set, state), {"numpy": "0"})


def teach(folder: Path, seed: int) -> None:
    """Add a lesson, or take one back."""
    path = folder / "drawn.jsonl"
    for lesson in LESSONS[:2] if not seed else ():
        add_lesson(path, lesson)
    if seed:
        add_lesson(path, LESSONS[2])


def take_back(folder: Path, seed: int) -> None:
    """Take a lesson back of two."""
    teach(folder, 0) if not seed else remove_lesson(folder / "drawn.jsonl", LESSONS[1])


def go_on(folder: Path, _: int) -> None:
    """Do what every command does first that reads or writes there."""
    with settled(folder / "data"):
        pass


def read_rows(folder: Path) -> None:
    with contextlib.suppress(ArtifactError):
        load_arrays(folder / "data")


def read_drawings(folder: Path) -> None:
    assert open_with_drawn(folder / "data", None).drawn is not None


def read_model(folder: Path) -> None:
    with contextlib.suppress(ArtifactError):
        load_model(folder / "model" / "model.npz")


def read_lessons(_: Path) -> None:
    """Need nothing: a reader opens the one file that there is."""


class Case(NamedTuple):
    """A command that writes, what reads it next, and where."""

    write: Callable[[Path, int], None]
    read: Callable[[Path], None]
    place: str
    before: int | None
    """What is there when it begins; None for nothing."""


CASES = {
    "prepare": Case(prepare_rows, read_rows, "data", 0),
    "prepare at first": Case(prepare_rows, read_rows, "data", None),
    "prepare --drawn": Case(prepare_drawings, read_drawings, "data", 0),
    "train": Case(finish_training, read_model, "model", 0),
    "train at first": Case(finish_training, read_model, "model", None),
    "teach": Case(teach, read_lessons, "drawn.jsonl", 0),
    "take back": Case(take_back, read_lessons, "drawn.jsonl", 0),
}


def contents(place: Path) -> dict[str, bytes]:
    """Return all that is seen there."""
    files = place.glob("[!.]*") if place.is_dir() else [place] if place.exists() else []
    return {file.name: file.read_bytes() for file in files}


def hidden(place: Path) -> set[str]:
    return {file.name for file in place.glob(".*")} - {LOCK}


def chosen(steps: list[Step]) -> Iterator[Step]:
    """Yield the steps to die at, the first and the last among them."""
    for step in steps:
        if step.kind == "os.rename" or step.number % EVERY == 0 or step == steps[-1]:
            yield step


def written(write: Callable[[Path, int], None], folder: Path, *seeds: int | None) -> Path:
    folder.mkdir(exist_ok=True)
    for seed in seeds:
        if seed is not None:
            write(folder, seed)
    return folder


@pytest.mark.parametrize("name", CASES)
def test_a_killed_command_has_done_all_or_nothing(tmp_path: Path, name: str) -> None:
    case, report = CASES[name], tmp_path / "steps.json"
    old = contents(written(case.write, tmp_path / "old", case.before) / case.place)
    new = contents(written(case.write, tmp_path / "new", case.before, 1) / case.place)
    assert old != new
    steps = steps_of(case.write, (written(case.write, tmp_path / "whole", case.before), 1), report)
    assert {"os.rename", "fsync", "write"} <= {step.kind for step in steps}
    ends = []
    for step in chosen(steps):
        folder = written(case.write, tmp_path / f"killed{step.number}", case.before)
        kill_at(step, case.write, (folder, 1), report)
        case.read(folder)
        ends.append(contents(folder / case.place))
        assert ends[-1] in (old, new), f"a mixture, or less, after a death at {step}"
        if ends[-1] == old:
            case.write(folder, 1)
        assert contents(folder / case.place) == new
        assert not hidden(folder / case.place), f"litter after a death at {step}"
    assert ends[0] == old
    assert ends[-1] == new


def test_who_is_killed_while_it_goes_on_is_gone_on_from(tmp_path: Path) -> None:
    report = tmp_path / "steps.json"
    new = contents(written(prepare_rows, tmp_path / "new", 0, 1) / "data")

    def committed(name: str) -> Path:
        """Return a folder whose files count, of which none has been moved."""
        folder = written(prepare_rows, tmp_path / name, 0)
        with mock.patch("pipeline.staging._move"):
            prepare_rows(folder, 1)
        assert contents(folder / "data") != new
        return folder

    steps = steps_of(go_on, (committed("whole"), 0), report)
    assert [step.kind for step in steps].count("os.rename") == 4
    for step in chosen(steps):
        folder = committed(f"killed{step.number}")
        kill_at(step, go_on, (folder, 0), report)
        read_rows(folder)
        assert contents(folder / "data") == new, step
        assert not (folder / "data" / READY).exists()


@pytest.mark.parametrize("name", ["prepare", "prepare --drawn"])
def test_two_at_once_leave_the_whole_work_of_one(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    wanted = [contents(written(case.write, tmp_path / f"{seed}", 0, seed) / case.place) for seed in (0, 1)]
    for pair in range(PAIRS):
        folder = written(case.write, tmp_path / f"pair{pair}", None if pair % 2 else 0)
        if pair % 2 and case.write is prepare_drawings:
            prepare_rows(folder, 0)
        processes = [FORKS.Process(target=case.write, args=(folder, seed)) for seed in (0, 1)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(PATIENCE)
        assert [process.exitcode for process in processes] == [0, 0]
        assert contents(folder / case.place) in wanted, f"pair {pair} left a mixture"
        assert not hidden(folder / case.place)
