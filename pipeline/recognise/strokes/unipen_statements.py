"""The statements of a UNIPEN file: words that begin with a dot, each with what follows it.

Statements may fill many lines. `.INCLUDE FILE` is replaced by the statements of that file, if it is there: beside the
file that names it or below, or in a folder `include` next to one of the folders that it lies in, as in UNIPEN's own
collection. Much of what is published comes without the files that it names, most of which describe writers; so one that
is not there is passed over.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline.errors import DataError
from pipeline.files import open_plain
from pipeline.recognise.strokes.entries import MAX_FILE

WORD = re.compile(r"\s*\.([A-Za-z]\w*)(?!\S)")
ABOVE = 8
"""Folders above a file that are searched for one named `include`."""
DEEPEST = 8
"""Files that include one another."""


class Statement(NamedTuple):
    """A word with what follows it."""

    word: str  # in capitals, without its dot
    path: Path
    line: int  # where the word stands, from 1
    lines: tuple[str, ...]  # what follows: the rest of its line, then the lines below

    @property
    def where(self) -> str:
        """What messages call the place."""
        return f"{self.path}, line {self.line}"

    @property
    def words(self) -> list[str]:
        """What follows, word by word."""
        return " ".join(self.lines).split()


def statements_of(path: Path) -> Iterator[Statement]:
    """Yield the statements of a file, and of those that it includes, in the order of their words.

    Raises OSError if it can't be read; DataError if it is too large with all that it includes, or includes itself.
    """
    budget = [MAX_FILE]
    yield from _with_included(path, _text(path, budget), (path.absolute(),), budget)


def _with_included(path: Path, text: str, opened: tuple[Path, ...], budget: list[int]) -> Iterator[Statement]:
    """Yield the statements of a text, and of the files that it includes."""
    for statement in _statements(path, text.splitlines()):
        if statement.word != "INCLUDE":
            yield statement
            continue
        if (found := _included(statement, budget)) is None:
            continue
        name, inner = found
        if name in opened or len(opened) == DEEPEST:
            raise DataError(
                f"{statement.where}: expected at most {DEEPEST} files that include one another, none of them itself; "
                f"found {name.name} once more. Take the line out."
            )
        yield from _with_included(name, inner, (*opened, name), budget)


def _statements(path: Path, lines: Iterable[str]) -> Iterator[Statement]:
    """Yield the statements of a file's lines; what stands before the first word is passed over."""
    word, start, follows = "", 0, list[str]()
    for number, line in enumerate(lines, start=1):
        found = WORD.match(line)
        if not found:
            follows.append(line)
            continue
        if word:
            yield Statement(word, path, start, tuple(follows))
        word, start, follows = found[1].upper(), number, [line[found.end() :]]
    if word:
        yield Statement(word, path, start, tuple(follows))


def _included(statement: Statement, budget: list[int]) -> tuple[Path, str] | None:
    """Return the file that a statement includes and its text, or None where there is none to be found."""
    name = PurePosixPath("".join(statement.words[:1]).replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or not name.parts:  # a stranger's file is to reach nothing else
        return None
    folder = Path(os.path.normpath(statement.path.absolute())).parent
    above = [folder, *folder.parents][:ABOVE]
    for candidate in [folder / name, *(each / "include" / name for each in above)]:
        try:
            return candidate, _text(candidate, budget)
        except (OSError, ValueError):
            continue
    return None


def _text(path: Path, budget: list[int]) -> str:
    """Return the text of a file, whose bytes are taken from what may be read.

    Raises OSError if it can't be read; DataError if it is too large.
    """
    with open_plain(path) as file:
        content = file.read(budget[0] + 1)
    budget[0] -= len(content)
    if budget[0] < 0:
        raise DataError(
            f"{path}: expected at most {MAX_FILE:,} bytes with all that is included, found more; divide it."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
