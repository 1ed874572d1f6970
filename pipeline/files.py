"""Writing whole files or nothing, reading plain files only, and fingerprints of files."""

import contextlib
import errno
import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from pipeline.errors import OutputError
from pipeline.locks import locked, mark

IS_WINDOWS = os.name == "nt"
UNFINISHED = ".tmp"
"""How the names of files end that are not whole yet; they begin with a dot."""
STAGE = ".unfinished-"
"""How the names of folders begin in which files are made that belong together; see `pipeline.staging`."""
MAX_CHANGED = 1 << 30
"""Bytes of a file that is changed: it is held in memory."""
KINDS = {
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


@contextlib.contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write `path` into an `OutputError` that says what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        meant = path.parent.parent / path.name if path.parent.name.startswith(STAGE) else path
        raise OutputError(
            f"{meant}: can't be written: {reason}. Nothing that was there has been changed; "
            "free some space, mend the permissions, or name another folder."
        ) from error


def make_folder(path: Path) -> None:
    """Create a folder and its parents; raise OutputError if that is not possible."""
    with output_errors(path):
        path.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def folder_for(path: Path) -> Iterator[None]:
    """Make a folder and its parents, and remove those that were made if they are empty when the block ends.

    Raises OutputError if it can't be made.
    """
    with output_errors(path):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    make_folder(path)
    try:
        yield
    finally:
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()  # refused unless it is empty, which is what is wanted


@contextlib.contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of `path` when the block ends well, and leaves no trace when it does not.

    The bytes are written beside the target, synced to the disk, and renamed over it; then the folder is synced, so that
    a power cut leaves either the old file or the new one, whole. Where `path` is a link, what it leads to is replaced.
    The new file has the mode of the old one, and its owner where the system permits it.

    Raises OutputError on any refusal by the operating system, or if a folder, a pipe or a device is there; the old file
    is untouched.
    """
    path = _end_of(path)
    make_folder(path.parent)
    with output_errors(path):
        old = stat_of(path)
        handle, temporary = _new_file(path)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            take_after(temporary, old)
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file atomically; see `atomic_writer`."""
    with atomic_writer(path) as file:
        file.write(content)


def change_file(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Replace what is in a file by what `change` makes of it; a file that is not there counts as empty.

    Whoever else changes it so, in another process or thread, waits in the meantime. If nothing changes, nothing is
    written.

    Raises OutputError if it can't be read or written; it is as it was.
    """
    path = _end_of(path)
    make_folder(path.parent)
    with output_errors(path), locked(path.with_name(f".{path.name}.lock")):
        old = read_whole(path, MAX_CHANGED) if stat_of(path) else b""
        new = change(old)
        if new == old:
            return
        if old and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        write_bytes(path, new)


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed while they wrote into `folder` have left behind.

    What a living process is writing stays, and so does what may not be removed.
    """
    for leftover in folder.glob(f".*{UNFINISHED}"):
        with contextlib.suppress(OSError), open_plain(leftover) as file:
            if mark(file.fileno(), wait=False):
                leftover.unlink()


def open_plain(path: Path) -> io.BufferedReader:
    """Open a file for reading if it is a plain one: pipes and devices may have no end, or no beginning.

    Raises OSError if it is something else, or can't be opened.
    """
    _check_plain(path.stat())  # to open some devices is to set them to work
    # Nobody waits here for the other end of a pipe that has come in between.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _check_plain(os.fstat(descriptor))
        return os.fdopen(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def read_whole(path: Path, limit: int) -> bytes:
    """Return the content of a plain file of at most `limit` bytes.

    Raises OSError if it is larger, no plain file, or can't be read.
    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = b"" if size > limit else file.read(limit + 1)
    if (found := max(size, len(content))) > limit:
        raise OSError(errno.EFBIG, f"expected at most {limit:,} bytes, found {found:,}")
    return content


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a plain file's bytes, in hexadecimal; see `open_plain`."""
    with open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stat_of(path: Path) -> os.stat_result | None:
    """Return what the system knows of the plain file that `path` is or leads to; None if there is nothing.

    Raises OSError if something else is there, or nobody can tell.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    _check_plain(found)
    return found


def take_after(path: Path, old: os.stat_result | None) -> None:
    """Give a new file the owner, as far as permitted, and the mode of the one that it replaces, or those of any new."""
    if old is None:
        path.chmod(0o666 & ~_umask())
        return
    if not IS_WINDOWS:
        for owner, group in ((old.st_uid, -1), (-1, old.st_gid)):
            with contextlib.suppress(OSError):
                os.chown(path, owner, group)
    path.chmod(stat.S_IMODE(old.st_mode))


def sync_folder(folder: Path) -> None:
    """Sync a folder's entries to the disk, where the system has that notion (Windows has not)."""
    if IS_WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_plain(found: os.stat_result) -> None:
    """Raise unless this is of a plain file."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        kind = KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise OSError(errno.EINVAL, f"expected a plain file, found {kind}")


def _end_of(path: Path) -> Path:
    """Return where a link leads to, be there anything or not; any other path as it is."""
    is_link = os.path.islink(path)  # noqa: PTH114 -- Path's method raises where one may not look
    return Path(os.path.realpath(path)) if is_link else path


def _new_file(path: Path) -> tuple[int, Path]:
    """Create the file that is to replace `path`, and mark it as in use; return its descriptor and its name."""
    while True:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=UNFINISHED, dir=path.parent)
        mark(handle, wait=True)
        if os.fstat(handle).st_nlink:
            return handle, Path(name)
        os.close(handle)  # somebody swept it up before it was marked


def _umask() -> int:
    """Return the process's file mode mask; the system offers no way to read it without setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
