"""The folder of a training run, which belongs to one process at a time."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.files import folder_for, output_errors, remove_leftovers
from pipeline.locks import locked
from pipeline.staging import recover

LOCK = ".training.lock"
"""Held for as long as a run trains."""


@contextlib.contextmanager
def occupied(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder for as long as the block lasts; make it, and remove it if it stays empty.

    What a run that was killed has left there is put in its place or removed.

    Raises ConfigError if another process is training in it; OutputError if it can't be made or written to.
    """
    with folder_for(folder), contextlib.ExitStack() as stack:
        with output_errors(folder):
            _occupy(folder, stack)
        stack.callback(_forget_lock, folder)
        recover(folder)
        remove_leftovers(folder)
        yield


def _occupy(folder: Path, stack: contextlib.ExitStack) -> None:
    """Hold a folder's lock until the stack unwinds."""
    try:
        stack.enter_context(locked(folder / LOCK, wait=False))
    except BlockingIOError as error:
        raise ConfigError(
            f"{folder}: another process is training in this folder right now. Wait for it to end, stop it, or name "
            "another folder with --out."
        ) from error


def _forget_lock(folder: Path) -> None:
    """Remove the lock's file, which is still held, from a folder that holds nothing else."""
    with contextlib.suppress(OSError):
        if [path.name for path in folder.iterdir()] == [LOCK]:
            (folder / LOCK).unlink()
