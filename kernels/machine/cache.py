"""Compiled kernels on disk: used only while they are what was written, and safe from processes that write together.

numba keeps an index of what a function was compiled for, and numbered files of machine code, and believes whatever it
reads there. A file with one bit turned over ends the process at best; and two processes that compile at the same time
may give two kernels one number, so that whoever loads it computes nonsense, or does not return.

Here there is no index. What a kernel was compiled for and what came of it are one file, in a folder of the kernel's
own. The file's name holds a digest of the first, by which it is found, and one of all its bytes: kept apart from them,
it tells whether they are still what was written, before any of them is used. Whatever is not is removed, and compiled
once more. Two processes that compile the same write the same, or two files of which either will do.

Nor is anything kept once a source has changed under a process's feet: what it compiles from then on may be of other
sources than those that the folder is named after.
"""

import contextlib
import hashlib
import logging
import pickle
import shutil
import threading
import uuid
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, cast

from numba.core.caching import Cache, NullCache
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.serialize import dumps

LOG = logging.getLogger(__name__)
"""Where nobody listens, Python prints what comes here to stderr, as it is: a line for a person."""

_TOLD = threading.Event()


def load(folder: Path, key: Hashable) -> Any:  # noqa: ANN401 -- what numba has made of a kernel
    """Return what was kept in a folder for a key; None if there is nothing, or nothing that can be trusted."""
    for path in _kept(folder, key):
        content = _content(path)
        if path.name != _name(key, content):
            _discard(path)
            continue
        kept_for, data = pickle.loads(content)  # noqa: S301 -- these are the bytes that we wrote, as their digest tells
        if kept_for == key:
            return data
    return None


def save(folder: Path, key: Hashable, data: object) -> None:
    """Keep something in a folder for a key; where that is not possible, say so once in a process."""
    content = dumps((key, data))  # type: ignore[no-untyped-call] # numba has no types
    path = folder / _name(key, content)
    try:
        _write(path, content)
    except OSError as error:
        if not path.is_file() and not _TOLD.is_set():  # Windows lets nobody replace a file that somebody reads
            _TOLD.set()
            LOG.warning(
                "note: %s: compiled kernels can't be kept: %s. Every start compiles them again; free some space, mend "
                "the permissions, or name another folder in NUMBA_CACHE_DIR.",
                folder.parent, error.strerror or error,
            )  # fmt: skip


class KernelCache(NullCache):
    """What a dispatcher of numba asks before it compiles, and tells afterwards.

    Parameters
    ----------
    function : callable
        The kernel, in Python.
    folder : Path
        Of all kernels.
    is_current : callable
        Tells whether the sources are still what the folder is named after.
    """

    def __init__(self, function: Callable[..., Any], folder: Path, is_current: Callable[[], bool]) -> None:
        name = f"{function.__module__}.{function.__qualname__}".replace("<", "").replace(">", "")
        self._py_func, self._folder, self._is_current = function, folder / name, is_current

    @property
    def cache_path(self) -> str:
        """Where the kernel is kept."""
        return str(self._folder)

    def load_overload(self, sig: Any, target_context: Any) -> Any:  # noqa: ANN401 -- numba's own
        """Return what was compiled for a signature, or None."""
        target_context.refresh()
        data = load(self._folder, self._key(sig, target_context.codegen()))
        return data and CompileResult._rebuild(target_context, *data)  # type: ignore[no-untyped-call]  # noqa: SLF001

    def save_overload(self, sig: Any, cres: Any) -> None:  # noqa: ANN401 -- numba's own
        """Keep what was compiled for a signature, unless the sources have changed or it names places in memory."""
        if self._is_current() and not cres.library.has_dynamic_globals:
            save(self._folder, self._key(sig, cres.codegen), cres._reduce())  # noqa: SLF001 -- likewise

    def _key(self, sig: Any, codegen: Any) -> Hashable:  # noqa: ANN401 -- numba's own
        """Return what decides what is compiled: types, processor and code."""
        key: Hashable = Cache._index_key(cast("Cache", self), sig, codegen)  # type: ignore[no-untyped-call]  # noqa: SLF001
        return key


def keep(kernel: Any, folder: Path, is_current: Callable[[], bool]) -> None:  # noqa: ANN401 -- what numba makes of it
    """Have what a kernel is compiled to kept in a folder of all kernels; see `KernelCache`."""
    if isinstance(kernel, Dispatcher):  # with the JIT switched off, it is a plain function
        cache = KernelCache(kernel.py_func, folder, is_current)
        kernel._cache = cache  # type: ignore[attr-defined]  # noqa: SLF001 -- numba offers no other way


def _kept(folder: Path, key: Hashable) -> list[Path]:
    """Return what may be kept for a key."""
    try:
        return sorted(folder.glob(f"{_digest(repr(key).encode())}*"))
    except OSError:
        return []


def _name(key: Hashable, content: bytes) -> str:
    """Return what a file is called that holds such bytes for a key."""
    return f"{_digest(repr(key).encode())}-{_digest(content)}.nbc"


def _digest(content: bytes) -> str:
    """Return 128 bits of a digest: none agrees by chance."""
    return hashlib.sha256(content).hexdigest()[:32]


def _content(path: Path) -> bytes:
    """Return a file's bytes; none of what can't be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _discard(path: Path) -> None:
    """Remove what is of no use, be it a folder; or leave it, where that is not permitted."""
    with contextlib.suppress(OSError):
        path.unlink()
        return
    shutil.rmtree(path, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    """Write a whole file or nothing, for everybody to read."""
    if path.parent.is_file():
        path.parent.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
