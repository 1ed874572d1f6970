"""Writing whole files or nothing, and fingerprints of files."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pipeline.errors import OutputError

IS_WINDOWS = os.name == "nt"
UNFINISHED = ".tmp"
"""How the names of files end that are not whole yet; they begin with a dot."""


@contextlib.contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write `path` into an `OutputError` that says what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"{path}: can't be written: {reason}. Nothing that was there has been changed; "
            "free some space, mend the permissions, or name another folder."
        ) from error


def make_folder(path: Path) -> None:
    """Create a folder and its parents.

    Raises
    ------
    OutputError
        If that is not possible.
    """
    with output_errors(path):
        path.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of `path` when the block ends well, and leaves no trace when it does not.

    The bytes are written beside the target, synced to the disk, and renamed over it; then the folder is synced, so that
    a power cut leaves either the old file or the new one, whole.

    Raises
    ------
    OutputError
        On any refusal by the operating system; the old file is untouched.
    """
    make_folder(path.parent)
    with output_errors(path):
        handle, temporary = _new_file(path)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file atomically; see `atomic_writer`."""
    with atomic_writer(path) as file:
        file.write(content)


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed while they wrote into `folder` have left behind.

    What a living process is writing stays, and so does what may not be removed.
    """
    for leftover in folder.glob(f".*{UNFINISHED}"):
        with contextlib.suppress(OSError), held(leftover):
            leftover.unlink()


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Mark a file or folder as in use by a living process; the system drops the mark with the process.

    Windows has no such mark for folders, and needs none for files: those that are open there can't be removed.

    Raises
    ------
    BlockingIOError
        If another process, or another part of this one, has it in use.
    OSError
        If it can't be opened.
    """
    if IS_WINDOWS:
        yield
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _mark(descriptor, wait=False)
        yield
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _new_file(path: Path) -> tuple[int, Path]:
    """Create the file that is to replace `path`, and mark it as in use; return its descriptor and its name."""
    while True:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=UNFINISHED, dir=path.parent)
        _mark(handle, wait=True)
        if os.fstat(handle).st_nlink:
            return handle, Path(name)
        os.close(handle)  # somebody swept it up before it was marked


def _mark(descriptor: int, *, wait: bool) -> None:
    """Mark an open file as in use; see `held`. Where the file system has no marks, do without."""
    if IS_WINDOWS:
        return
    import fcntl  # noqa: PLC0415 -- there is none on Windows

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise
    except OSError:
        return


def _umask() -> int:
    """Return the process's file mode mask; the system offers no way to read it without setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Sync a folder's entries to the disk, where the system has that notion (Windows has not)."""
    if IS_WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
