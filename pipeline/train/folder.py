"""The folder of a training run, which belongs to one process at a time."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.files import held, make_folder, output_errors


@contextlib.contextmanager
def occupied(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder for as long as the block lasts; make it, and remove it if it stays empty.

    Raises
    ------
    ConfigError
        If another process is training in it.
    OutputError
        If it can't be made or opened.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    make_folder(folder)
    try:
        with contextlib.ExitStack() as stack:
            with output_errors(folder):
                _occupy(folder, stack)
            yield
    finally:
        for path in missing:
            with contextlib.suppress(OSError):
                path.rmdir()  # refused unless it is empty, which is what is wanted


def _occupy(folder: Path, stack: contextlib.ExitStack) -> None:
    """Mark a folder as in use until the stack unwinds."""
    try:
        stack.enter_context(held(folder))
    except BlockingIOError as error:
        raise ConfigError(
            f"{folder}: another process is training in this folder right now. Wait for it to end, stop it, or name "
            "another folder with --out."
        ) from error
