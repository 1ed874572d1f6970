"""What a user asks of `sweep`."""

import shlex
from pathlib import Path
from typing import NamedTuple

JOURNAL, PARQUET, BEST, PLOT = "trials.journal", "trials.parquet", "best.toml", "sweep.png"
"""What a sweep leaves in its folder."""
MEMORY = "memory"
"""Of a sweep's settings, what a machine decides where nobody does: how much a sweep may take when it goes on has no
say in its trials, as with `train`."""


class SweepRequest(NamedTuple):
    """What a user asks of `sweep`."""

    folder: Path  # of the sweep; `data` is that of the prepared data
    data: Path
    config: Path  # TOML file of what is searched
    trials: int | None = None  # in all, in the place of the file's
    storage: str | None = None  # a URL, in the place of a file in the folder
    resume: bool = False  # whether to go on with the sweep in the folder, or, by `overwrite`, to replace it
    overwrite: bool = False
    cluster: str | None = None  # of workers that train: `local`, `local:4` or an address
    memory: int | None = None  # bytes that rows and what is made of them may take; else a quarter of what is free


def command_to_go_on(request: SweepRequest, storage: str | None) -> str:
    """Return the command that goes on with a sweep; the storage is shown as given here."""
    words = ["python", "cli.py", "sweep", "--resume", "--config", str(request.config)]
    words += ["--trials", str(request.trials)] if request.trials is not None else []
    words += ["--storage", storage] if storage else []
    words += ["--cluster", request.cluster] if request.cluster else []
    words += ["--memory", str(request.memory)] if request.memory is not None else []
    return shlex.join([*words, "--data", str(request.data), "--out", str(request.folder)])
