"""What is taught: appended whole or not at all, taken back, and readable as a stroke file."""

import errno
import json
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import OutputError
from pipeline.recognise.strokes.lessons import Lesson, add_lesson, lesson_of, lesson_to_json, remove_lesson
from pipeline.recognise.strokes.stroke_files import read_drawings
from pipeline.types import Drawing
from tests.places import unwritable

DRAWING = Drawing((np.array([[1, 2], [3.5, 4]], np.float32),))


def lesson(label: int | str) -> Lesson:
    return lesson_of(DRAWING, label, 2, "2026-01-02T03:04:05+00:00")


def labels(path: Path) -> list[object]:
    return [json.loads(line)["label"] for line in path.read_text().splitlines()]


def test_lessons_are_lines_of_a_stroke_file(tmp_path: Path) -> None:
    path = tmp_path / "data" / "drawn.jsonl"
    for label in (7, "seven", 7):
        add_lesson(path, lesson(label))
    assert labels(path) == [7, "seven", 7]
    first = json.loads(path.read_text().splitlines()[0])
    assert first == {"strokes": [[[1, 2], [3.5, 4]]], "label": 7, "time": "2026-01-02T03:04:05+00:00", "guess": 2}
    for drawing in read_drawings(path):
        assert isinstance(drawing, Drawing)
        np.testing.assert_array_equal(drawing.strokes[0], DRAWING.strokes[0])


def test_an_open_last_line_is_closed_first(tmp_path: Path) -> None:
    path = tmp_path / "drawn.jsonl"
    path.write_text(lesson_to_json(lesson(1)))
    add_lesson(path, lesson(2))
    assert labels(path) == [1, 2]


def test_the_last_of_equal_lines_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "drawn.jsonl"
    remove_lesson(path, lesson(1))
    assert not path.exists()
    for label in (1, 2, 1, 3):
        add_lesson(path, lesson(label))
    remove_lesson(path, lesson(1))
    assert labels(path) == [1, 2, 3]
    remove_lesson(path, lesson(9))
    assert labels(path) == [1, 2, 3]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "drawn.jsonl"
    add_lesson(path, lesson(1))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="can't be written: No space left"):
        add_lesson(path, lesson(2))
    assert path.read_bytes() == before


def test_places_where_nothing_can_be_kept(tmp_path: Path) -> None:
    with unwritable() as folder, pytest.raises(OutputError, match="can't be written"):
        add_lesson(folder / "drawn.jsonl", lesson(1))
    with pytest.raises(OutputError, match="Is a directory"):
        remove_lesson(tmp_path, lesson(1))


def test_two_boards_lose_nothing_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "drawn.jsonl"

    def teach(board: int) -> None:
        for number in range(10):
            add_lesson(path, lesson(100 * board + number))
            if number % 2:
                remove_lesson(path, lesson(100 * board + number))

    boards = [threading.Thread(target=teach, args=(board,)) for board in (1, 2)]
    for board in boards:
        board.start()
    for board in boards:
        board.join()
    assert sorted(map(str, labels(path))) == [
        str(100 * board + number) for board in (1, 2) for number in range(0, 10, 2)
    ]


def test_a_link_stays_a_link_and_the_mode_is_kept(tmp_path: Path) -> None:
    path, target = tmp_path / "drawn.jsonl", tmp_path / "shared.jsonl"
    add_lesson(target, lesson(1))
    target.chmod(0o600)
    path.symlink_to(target)
    add_lesson(path, lesson(2))
    remove_lesson(path, lesson(1))
    assert path.is_symlink()
    assert labels(target) == [2]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
