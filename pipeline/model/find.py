"""Which model answers where nobody has named one.

One rule: the model of the run that was finished last, wherever it lies, if it is of the kind that the input needs; or
else the bundled one, if that is; or else none, which is an error. `train` remembers its run in `artifacts/last.json`
once it is finished, unless it is told not to, as by `make run` for its demonstration. Where nothing is remembered, the
model in `train`'s usual folder counts as the last one.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ArtifactError, ScrawlError
from pipeline.files import change_file, read_whole
from pipeline.model.artifact import load_model
from pipeline.staging import recover
from pipeline.types import Artifact

LAST = "artifacts/last.json"
"""Names the model of the run that was finished last, as JSON: `{"model": "artifacts/model/model.npz"}`, seen from the
working folder if it lies in it."""
USUAL = "artifacts/model/model.npz"
"""Where `train` leaves its model unless it is told otherwise."""
PRETRAINED = "artifacts/pretrained/digits.npz"
LONGEST = 1 << 16  # bytes of `LAST`: no path is longer

Check = Callable[[Artifact], object]
"""Raises a ScrawlError that says why, unless a network is of the kind that the input needs."""


class Found(NamedTuple):
    """The model that answers."""

    path: Path
    artifact: Artifact
    notes: tuple[str, ...] = ()  # why it is not the one that might be expected


def chosen_model(model: Path | None, root: Path, check: Check) -> Found:
    """Return the model that a person has named, or else the one that the rule above leads to in a working folder.

    What a person has named is not checked here: what is wrong with it is told when it is used.

    Raises ArtifactError if the named one can't be read, or there is none; ScrawlError if none is of the kind.
    """
    return Found(model, load_model(model)) if model else find_model(root, check)


def find_model(root: Path, check: Check) -> Found:
    """Return the model that the rule above leads to; see `chosen_model`."""
    last, notes = _last(root)
    candidates = [path for path in (last, root / PRETRAINED) if path is not None]
    faults: list[tuple[Path, ScrawlError]] = []
    for path in candidates:
        if path != last and not path.is_file():
            continue
        try:
            artifact = load_model(path)
            check(artifact)
        except ScrawlError as error:
            faults.append((path, error))
        else:
            passed = (f"{path} was trained last, but does not answer here: {fault}" for path, fault in faults)
            return Found(path, artifact, (*notes, *passed))
    if len(faults) == 1:
        raise faults[0][1]
    if faults:
        reasons = " ".join(f"{path}: {fault}" for path, fault in faults)
        raise ArtifactError(f"no model here is of the kind that this needs; name one with --model. {reasons}")
    raise ArtifactError(
        f"no model yet: expected one of {USUAL}, {PRETRAINED} or what {LAST} names, found none. "
        "Train one with `python cli.py train`, or name a file with --model."
    )


def is_bundled(root: Path, model: Path) -> bool:
    """Tell whether a model that `find_model` found is the bundled one."""
    return model == root / PRETRAINED


def introduced(root: Path, path: Path, artifact: Artifact) -> str:
    """Return which model answers, and how good it is by its own count."""
    name = f"the bundled one, {path}" if is_bundled(root, path) else str(path)
    count, correct = artifact.metrics.get("n"), artifact.metrics.get("correct")
    if not isinstance(count, int) or not isinstance(correct, int) or count < 1:
        return f"{name} (never tested)"
    return f"{name} ({100 * correct / count:.2f} % of {count:,} test rows)"


def remember(root: Path, model: Path) -> None:
    """Keep in mind that a model is the one of the run that was finished last.

    Raises OutputError if that can't be written; what was remembered before still is.
    """
    absolute, home = _normal(model), _normal(root)
    seen_from_home = absolute.relative_to(home) if absolute.is_relative_to(home) else absolute
    content = json.dumps({"model": seen_from_home.as_posix()}, allow_nan=False).encode() + b"\n"
    change_file(root / LAST, lambda _: content)


def forget(root: Path, model: Path) -> None:
    """Let a model not count as the last one: it is about to be replaced by one that is not to be remembered.

    Raises OutputError if it can't be forgotten.
    """

    def without_it(content: bytes) -> bytes:
        last, _ = _last(root)
        return b'{"model": null}\n' if _normal(last or root / USUAL) == _normal(model) else content

    change_file(root / LAST, without_it)


def _last(root: Path) -> tuple[Path | None, tuple[str, ...]]:
    """Return the model of the run that was finished last, None if there is none, and what is wrong with the memory."""
    recover((root / USUAL).parent)
    usual = root / USUAL if (root / USUAL).is_file() else None
    path = root / LAST
    if not path.is_file():
        return usual, ()
    try:
        name = json.loads(read_whole(path, LONGEST))["model"]
        if name is not None and "\0" in name:
            raise ValueError(name)  # noqa: TRY301 -- no file's name, and no text at all is none either
        return (None if name is None else root / name), ()
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return usual, (f'{path}: expected {{"model": "a file"}}, found something else; it is passed over.',)


def _normal(path: Path) -> Path:
    """Return an absolute path without `..`, its links left as they are: it is to be found by its own name."""
    return Path(os.path.normpath(path.absolute()))
