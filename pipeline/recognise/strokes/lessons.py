"""Drawings that a person has put right: `data/drawn.jsonl`, a stroke file with the right answers in it.

A line holds, besides its strokes, `label` (what it is), `time` (UTC, ISO 8601) and `guess` (what the network had said,
or null).
"""

import json
from pathlib import Path
from typing import NamedTuple

from pipeline.files import change_file
from pipeline.recognise.strokes.json_lines import drawing_to_json
from pipeline.types import Drawing


class Lesson(NamedTuple):
    """A drawing with the right answer."""

    strokes: str  # the drawing, as a line of a stroke file
    label: int | str
    time: str  # UTC, ISO 8601
    guess: int | str | None  # None if nothing had been read


def lesson_of(drawing: Drawing, label: int | str, guess: int | str | None, time: str) -> Lesson:
    """Return the lesson that a drawing is."""
    return Lesson(drawing_to_json(drawing), label, time, guess)


def lesson_to_json(lesson: Lesson) -> str:
    """Return a lesson as a line of a stroke file, without the line's end."""
    beside = {"label": lesson.label, "time": lesson.time, "guess": lesson.guess}
    return json.dumps(json.loads(lesson.strokes) | beside, allow_nan=False)


def add_lesson(path: Path, lesson: Lesson) -> None:
    """Append a lesson to a file, all of it or nothing.

    Raises OutputError if it can't be written; the file is as it was.
    """
    line = lesson_to_json(lesson).encode() + b"\n"

    def added(content: bytes) -> bytes:
        is_open = content and not content.endswith(b"\n")  # an editor may have left the last line so
        return content + (b"\n" if is_open else b"") + line

    change_file(path, added)


def remove_lesson(path: Path, lesson: Lesson) -> None:
    """Take the last line that holds a lesson out of a file again; a file without it stays as it is.

    Raises OutputError if it can't be read or written; the file is as it was.
    """
    line = lesson_to_json(lesson).encode() + b"\n"

    def removed(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        last = max((i for i in range(len(lines)) if lines[i] == line), default=None)
        return content if last is None else b"".join(lines[:last] + lines[last + 1 :])

    if path.exists():
        change_file(path, removed)
