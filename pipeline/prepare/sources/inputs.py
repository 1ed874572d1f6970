"""What `--train` and `--test` name: files, patterns of names and URLs, each file once, in an order that stays."""

import contextlib
import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigError, DataError
from pipeline.prepare.csv.open import open_csv
from pipeline.prepare.sources.remote import is_url, matching, public

PARQUET = (".parquet", ".pq")
"""How the names of Parquet files end."""

_DIGITS = re.compile(r"(\d+)")


class Input(NamedTuple):
    """A file to read rows from."""

    name: str  # as messages and the manifest call it
    path: Path | None = None  # where it lies; None if it is to be fetched
    url: str = ""  # where from, in that case: the whole, with what the name leaves out


def expanded(named: Sequence[str | Path], option: str) -> tuple[Input, ...]:
    """Return the files that an option names, in its order; those of a pattern sorted, `part-2` before `part-10`.

    A file that is there counts even if its name looks like a pattern. Raises DataError if nothing matches a pattern, if
    there is no file behind a name after the first, or if a bucket can't be listed; ConfigError if a file is named
    twice, or a URL is of a kind that is not read.
    """
    found = [each for name in named for each in _expanded(str(name))]
    if twice := next(_twice(found), None):
        raise ConfigError(f"{option}: expected each file once, found {twice.name} twice. Name it only once.")
    with contextlib.ExitStack() as stack:
        for each in found[1:]:  # told before the first is read, which may take long
            if each.path is not None and not each.path.is_file():
                stack.enter_context(open_csv(each.path))
    return tuple(found)


def check_apart(train: Sequence[Input], test: Sequence[Input]) -> None:
    """Raise ConfigError if a file is to be trained on and to test against, as patterns do that overlap.

    Of a single file for either, somebody may want just that.
    """
    if len(train) + len(test) > 2 and (both := next(_twice([*train, *test]), None)):  # noqa: PLR2004 -- a pair
        raise ConfigError(
            f"--train and --test: expected other files for the test, found {both.name} in both. Take it out of one."
        )


def inputs_by_name(inputs: Sequence[Input], sums: Sequence[str]) -> dict[str, str]:
    """Return the SHA-256 of files by their short names, or by whole ones where short ones are alike.

    Addresses that differ only in what is not to be told are numbered.
    """
    short = [each.name.rpartition("/")[2] if each.path is None else each.path.name for each in inputs]
    names = short if len({*short}) == len(short) else [each.name for each in inputs]
    if len({*names}) < len(names):
        names = [f"{number}: {name}" for number, name in enumerate(names, 1)]
    return dict(zip(names, sums, strict=True))


def told(inputs: Sequence[Input]) -> str:
    """Return, for a message, what files these are."""
    first, *more = inputs
    return f"{first.name} to {more[-1].name} ({len(inputs)} files)" if more else first.name


def kind_of(inputs: Sequence[Input]) -> str:
    """Return, for a message, which kind of files these are by their endings; nothing if they are of both."""
    are_parquet = {each.name.lower().endswith(PARQUET) for each in inputs}
    return {True: "Parquet ", False: "CSV "}[are_parquet.pop()] if len(are_parquet) == 1 else ""


def natural(name: str) -> list[tuple[bool, int, str]]:
    """Return what names are sorted by: their words as text, their numbers as numbers."""
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _DIGITS.split(name)]


def _expanded(name: str) -> list[Input]:
    """Return the files that a name or a pattern stands for."""
    if is_url(name):
        return [Input(public(url), None, url) for url in sorted(matching(name), key=natural)]
    path = Path(name)
    if not glob.has_magic(name) or os.path.lexists(name):
        return [Input(str(path), path)]
    found = [file for file in glob.glob(str(path), recursive=True) if Path(file).is_file()]  # noqa: PTH207 -- `**` too
    if not found:
        raise DataError(
            f"{name}: expected files that match this pattern, found none; check it and the folder you are in."
        )
    return [Input(file, Path(file)) for file in sorted(found, key=natural)]


def _twice(inputs: Sequence[Input]) -> Iterator[Input]:
    """Yield files that came before, under whatever name."""
    seen = set[str]()
    for each in inputs:
        key = each.url if each.path is None else os.path.realpath(each.path)
        if key in seen:
            yield each
        seen.add(key)
