"""Files that belong together appear together: all of them or none, whatever is killed, and whoever else writes there.

They are made out of sight, in a folder inside the one that they are for. When all are on the disk, one renaming of that
folder says that they count; only then do they move to their places. Whoever is killed before has written nothing; what
somebody who is killed after has not moved yet is moved by the next who reads or writes there. Who reads several files
does so through `settled`, which lets nobody move them in the meantime.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from pipeline.errors import ArtifactError, OutputError
from pipeline.files import (
    STAGE,
    atomic_writer,
    folder_for,
    open_plain,
    output_errors,
    stat_of,
    sync_folder,
    take_after,
)
from pipeline.locks import forget_lock, locked

LOCK = ".scrawl.lock"
"""Held while files are moved or read; of a folder in which files are being made, for as long as that takes."""
READY = ".scrawl-ready"
"""The folder of files that are complete and not all in their places yet."""
GONE = ".gone"
"""How the names of empty files end that stand for files which are to go."""


@contextlib.contextmanager
def staged(out: Path, check: Callable[[Path], object] = lambda _: None) -> Iterator[Path]:
    """Give a folder whose files move to `out` together when the block ends well, and vanish when it does not.

    The folder lies inside `out`, so that it is on the same file system and moving takes no space. Others may write to
    `out` at the same time: what counts is who ends last. What killed processes have left is moved or removed. `check`
    takes the folder when nobody else can change `out` any more, and raises if what is there must stay.

    Raises OSError on any refusal by the operating system; what was in `out` is untouched. Raises OutputError if the
    new files count, and can't be moved to their places yet.
    """
    with folder_for(out), _hidden(out) as (folder, alive):
        yield folder
        with locked(out / LOCK):
            _recover(out)
            check(folder)
            alive.close()
            (folder / LOCK).unlink(missing_ok=True)
            _commit(folder, out)


@contextlib.contextmanager
def scratch_in(out: Path) -> Iterator[Path]:
    """Give a folder inside `out` for what is needed only in the meantime; it vanishes when the block ends.

    Where nothing can be written, it is in the system's folder for such things. What killed processes have left in `out`
    goes when the next one writes there. Raises OutputError if there can't be one.
    """
    with folder_for(out), contextlib.ExitStack() as stack:
        with output_errors(out):
            if os.access(out, os.W_OK):
                folder, _ = stack.enter_context(_hidden(out))
            else:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        yield folder


@contextlib.contextmanager
def _hidden(out: Path) -> Iterator[tuple[Path, contextlib.ExitStack]]:
    """Give a new folder inside `out`, and what says that it is in use until it is closed."""
    with contextlib.ExitStack() as stack:
        stack.callback(_forget_lock, out)
        with locked(out / LOCK):
            _recover(out)
            folder = Path(tempfile.mkdtemp(prefix=STAGE, dir=out))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            alive = stack.enter_context(contextlib.ExitStack())
            alive.enter_context(locked(folder / LOCK, wait=False))
        yield folder, alive


def write_synced(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file that nobody sees yet, and see it through to the disk; raise OSError if it can't be written."""
    with path.open("wb") as file:
        fill(file)
        file.flush()
        os.fsync(file.fileno())


def discard(folder: Path, name: str) -> None:
    """Have a file of the name go when the files move that are made in a folder."""
    (folder / f"{name}{GONE}").touch()


@contextlib.contextmanager
def settled(folder: Path) -> Iterator[None]:
    """Let nobody move files in a folder for as long as the block lasts, after finishing what somebody killed has begun.

    Where nothing can be written there is no lock, and what is there is read as it is.

    Raises ArtifactError if there are files that would have to be moved there; OutputError if files can't be moved for
    another reason.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(folder / LOCK))
        except OSError as error:
            if _is_ready(folder):
                raise ArtifactError(
                    f"{folder}: a process was killed before all of its files were in their places, and they can't be "
                    "moved there now, as nothing can be written. Let somebody who may write there run the same command "
                    "once."
                ) from error
        else:
            _recover(folder)
        yield


def recover(folder: Path) -> None:
    """Move the files to their places that somebody killed has left in a folder; see `settled`."""
    if _is_ready(folder):
        with settled(folder):
            pass


def _is_ready(folder: Path) -> bool:
    """Tell whether there are files to be moved; where nobody may look there are none."""
    return os.path.isdir(folder / READY)  # noqa: PTH112 -- Path's method raises where one may not look


def _recover(out: Path) -> None:
    """Move what is ready and remove what is unfinished, of processes that are no longer alive; the caller has locked.

    Without locks nobody can tell who is alive: then what is unfinished stays.
    """
    if _is_ready(out):
        _move(out)
    for folder in out.glob(f"{STAGE}*"):
        with contextlib.suppress(OSError):
            with locked(folder / LOCK, wait=False) as is_dead:
                pass
            if is_dead:
                shutil.rmtree(folder)


def _commit(folder: Path, out: Path) -> None:
    """Make the files of a folder those that count, and move them; the caller has locked."""
    for file in folder.iterdir():
        stat_of(out / file.name.removesuffix(GONE))  # what can't be replaced is in the way now, or never
    folder.chmod(stat.S_IMODE(out.stat().st_mode))  # whoever may write there may have to move them
    sync_folder(folder)
    folder.rename(out / READY)
    _move(out)


def _move(out: Path) -> None:
    """Move the files that are ready to their places; done over again, it does no more than what is left."""
    ready = out / READY
    try:
        sync_folder(out)
        for file in sorted(ready.iterdir()):
            with contextlib.suppress(FileNotFoundError):  # where there are no locks, somebody else may have moved it
                _put(file, out / file.name)
        sync_folder(out)
        with contextlib.suppress(FileNotFoundError):
            ready.rmdir()
    except OSError as error:
        raise OutputError(
            f"{out}: the new files are complete, in {ready}, but can't be moved to their places: "
            f"{error.strerror or error}. Mend that; the next command that reads or writes there moves them."
        ) from error


def _put(file: Path, place: Path) -> None:
    """Put a file in its place, or remove the one that it stands for."""
    if file.name.endswith(GONE):
        place.with_name(place.name.removesuffix(GONE)).unlink(missing_ok=True)
        file.unlink()
    elif place.is_symlink():  # what it leads to may be on another file system
        with open_plain(file) as source, atomic_writer(place) as target:
            shutil.copyfileobj(source, target)
        file.unlink()
    else:
        take_after(file, stat_of(place))
        file.replace(place)


def _forget_lock(out: Path) -> None:
    """Remove the lock's file from a folder that holds nothing else."""
    with contextlib.suppress(OSError), locked(out / LOCK, wait=False):
        forget_lock(out / LOCK)
