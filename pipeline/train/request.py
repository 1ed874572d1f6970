"""What a user asks of `train`, and the run that it leads to."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import OF_PRESETS, Asked, combined
from pipeline.errors import ConfigError
from pipeline.files import folder_for, output_errors, remove_leftovers
from pipeline.locks import forget_lock, locked
from pipeline.memory import budget
from pipeline.model.artifact import load_model
from pipeline.prepare.store.arrays import open_arrays
from pipeline.prepare.store.drawn import open_with_drawn
from pipeline.staging import recover
from pipeline.train.adapt import suited
from pipeline.train.crew import check_shared, crew_for
from pipeline.train.finetune import finetuning_config
from pipeline.train.run import Run, begin, resume
from pipeline.train.shuffle import TIMES, buffered
from pipeline.types import Artifact

LOCK = ".training.lock"
"""Held in a run's folder for as long as the run trains."""


class TrainRequest(NamedTuple):
    """What a user asks of `train`."""

    folder: Path  # of the run; `data` is that of the prepared data
    data: Path
    preset: str | None
    toml: Path | None  # configuration file
    options: Mapping[str, Any]  # fields of the configuration; those that are None are not asked for
    resume: bool  # whether to go on with the run in the folder, or, by `overwrite`, to replace it
    overwrite: bool
    start: Path | None = None  # a model to begin with, in the place of random numbers
    drawn: bool = False  # whether to learn the drawings that `prepare --drawn` has left beside the data
    cluster: str | None = None  # whose workers train members and shards: see `pipeline.cluster.connect`
    memory: int | None = None  # bytes that rows and what is made of them may take; else a quarter of what is free


@contextlib.contextmanager
def occupied(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder for as long as the block lasts; make it, and remove it if it stays empty.

    What a run that was killed has left there is put in its place or removed.

    Raises ConfigError if another process is training in it; OutputError if it can't be made or written to.
    """
    with folder_for(folder), contextlib.ExitStack() as stack:
        with output_errors(folder):
            try:
                stack.enter_context(locked(folder / LOCK, wait=False))
            except BlockingIOError as error:
                raise ConfigError(
                    f"{folder}: another process is training in this folder right now. Wait for it to end, stop it, or "
                    "name another folder with --out."
                ) from error
        stack.callback(forget_lock, folder / LOCK)
        recover(folder)
        remove_leftovers(folder)
        yield


@contextlib.contextmanager
def opened(request: TrainRequest) -> Iterator[Run]:
    """Give the run that is asked for, its folder kept from other processes for as long as the block lasts.

    Raises ConfigError if the request contradicts itself, the data or the run in the folder, or another process is
    training there; ArtifactError if there are no data, or there is nothing to go on with; DataError if there is nothing
    to learn from the data; OutputError if the folder can't be written to.
    """
    if request.resume and request.overwrite:
        raise ConfigError("--resume and --overwrite: expected one of them at most. Choose one.")
    if request.start and (request.resume or request.preset or request.toml):
        raise ConfigError("--from: expected no --resume, --preset or --config beside it. Set single options instead.")
    settings = request.preset, request.toml, request.options
    start = load_model(request.start) if request.start else None
    asked = None if request.resume else _asked(start, *settings)
    memory = budget() if request.memory is None else request.memory
    data = (open_with_drawn if request.drawn else open_arrays)(request.data, memory // TIMES)
    with occupied(request.folder):
        if asked is None:
            run = resume(request.folder, data, *settings)
        else:
            config = buffered(suited(asked, data.train), asked, data.train, memory)
            if request.cluster:
                check_shared(config)  # before there is a run
            run = begin(request.folder, data, config, overwrite=request.overwrite, start=start)
        with crew_for(request.cluster, run, request.data, memory) as crew:
            yield run._replace(crew=crew)


def _asked(start: Artifact | None, preset: str | None, toml: Path | None, options: Mapping[str, Any]) -> Asked:
    """Return what a new run is to be: a preset with changes, or a model's own settings, which nobody has to suit."""
    if start is None:
        return combined(preset, toml, options)
    config = finetuning_config(start, options)
    return Asked(config, OF_PRESETS | {name for name, value in options.items() if value is not None})
