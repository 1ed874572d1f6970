"""Locks that keep processes, and the threads of one, out of each other's way; on every system, by filelock.

A lock is a file, hidden beside what it guards. It stays when the lock is given back: if it went, who waits for it and
who comes later could hold two files of one name. The system drops a lock with the process that holds it.
"""

import contextlib
import errno
import functools
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

NONE = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, getattr(errno, "ENOTSUP", errno.ENOSYS), errno.EINVAL}
"""What file systems say that have no locks, such as some on a network."""
PATIENCE = 5.0
"""Seconds after which a person is told what is waited for."""


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock that a file is; give whether there is one, as not every file system has locks.

    The file's folder must be there. A thread that waits for a lock which it holds already has it at once.

    Raises BlockingIOError if somebody else holds it, and nobody wants to wait; OSError if the file can't be opened for
    writing.
    """
    lock = _taken(path, wait=wait)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()


def forget_lock(path: Path) -> None:
    """Remove a lock's file, which is held, from a folder that holds nothing else."""
    with contextlib.suppress(OSError):
        if [other.name for other in path.parent.iterdir()] == [path.name]:
            path.unlink()


def mark(descriptor: int, *, wait: bool) -> bool:
    """Mark an open file as in use until it is closed; return whether that was possible.

    It is not where the file system has no locks, or if `wait` is false and somebody else has marked it.

    Raises OSError if the system refuses for another reason.
    """
    import filelock  # noqa: PLC0415 -- see `_taken`

    try:
        return filelock.lock_descriptor(descriptor, blocking=wait)
    except OSError as error:
        if error.errno not in NONE:
            raise
        return False


def _taken(path: Path, *, wait: bool) -> "BaseFileLock | None":
    """Return the lock, held, or None where the file system has none."""
    import filelock  # noqa: PLC0415 -- takes 35 ms, which those who only look at a file need not wait for

    # One lock for all who wait, so that a thread gets it twice; nobody who does not wait may.
    lock = filelock.FileLock(path, mode=_mode_in(path.parent), fallback_to_soft=False, is_singleton=wait)
    try:
        lock.acquire(timeout=PATIENCE if wait else 0)
    except filelock.Timeout as error:
        if not wait:
            raise BlockingIOError(errno.EAGAIN, "another process has it in use") from error
        _say(f"waiting for another process that is at work in {path.parent}")
        lock.acquire()
    except OSError as error:
        if error.errno not in NONE:
            raise
        _say_once(f"{path.parent}: this file system has no locks; let only one command at a time write there")
        return None
    return lock


def _mode_in(folder: Path) -> int:
    """Return who may lock: whoever may write to the folder, its owner in any case."""
    writers = stat.S_IMODE(folder.stat().st_mode) & 0o222
    return 0o600 | writers | writers << 1


def _say(text: str) -> None:
    """Tell a person, on stderr."""
    print(f"note: {text}", file=sys.stderr, flush=True)  # noqa: T201 -- deep below the command line, and no result


_say_once = functools.cache(_say)
