"""How every kernel is compiled: one set of flags, and a cache that can't go stale.

No licence is given to reorder or fuse arithmetic (`fastmath`). With it, the bits of a result depend on what LLVM
happens to inline, and a process that has just compiled a kernel computes others than one that loads it from disk: a run
would not repeat itself. Without it, they follow from the source alone, at no cost that could be measured.

A compiled kernel holds all that it calls, so an edit there must be an edit of it, too: compiled kernels lie in a folder
that is named after a digest of all the kernels' sources. `kernels.machine.cache` tells how.
"""

import contextlib
import functools
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import types

from kernels.machine import linking
from kernels.machine.cache import keep

# Threads that wait for each other by spinning bring a shared machine to its knees: beside two busy processes on two
# cores, an epoch took 13 s instead of 0.9. A short spin and then sleep keeps the pace where cores are free. OpenMP
# reads this when its first parallel loop runs; what the user has set wins.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

# LLVM's second level makes as fast a code of these kernels as its third, in nine tenths of the time. numba read the
# environment when it was imported, and does so once more.
os.environ.setdefault("NUMBA_OPT", "2")
numba.config.reload_config()  # type: ignore[no-untyped-call] # numba has no types

COMPILED_BY = ("numba", "llvmlite", "numpy")
"""Packages whose versions decide what a kernel becomes."""

UNUSED = 30 * 24 * 3600
"""Seconds after which compiled kernels that nobody has loaded are removed."""

Function = TypeVar("Function", bound=Callable[..., Any])


def source_digest(folder: Path) -> str:
    """Return a digest of all Python sources in `folder`, on every floor, and of the versions of `COMPILED_BY`."""
    digest = hashlib.sha256(" ".join(metadata.version(name) for name in COMPILED_BY).encode())
    for source in sorted(folder.rglob("*.py")):
        name = source.relative_to(folder).as_posix()
        digest.update(name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def cache_folder(folder: Path) -> Path:
    """Return where compiled kernels are kept.

    That is beside the sources, or in the user's cache if those are read-only, or else among the temporary files; and
    before all of them in the folder that `NUMBA_CACHE_DIR` names. Where nothing can be written, what is there is read.
    """
    base, name = os.environ.get("NUMBA_CACHE_DIR"), f"kernels-{source_digest(folder)}"
    candidates = [path / name for path in ([Path(base)] if base else [folder / "__pycache__", *_user_cache()])]
    for is_possible in (_is_writable, _is_readable):
        for path in candidates:
            if is_possible(path):
                return path
    try:
        return _temporary_folder() / name
    except OSError:  # not even there: what is compiled can't be kept, and says so
        return candidates[0]


def tidy(cache: Path) -> None:
    """Mark a folder of compiled kernels as used, and remove those beside it that nobody has used for `UNUSED`.

    Every edit of a kernel makes a new folder. Whatever can't be marked or removed stays as it is.
    """
    with contextlib.suppress(OSError):
        os.utime(cache)
    for other in cache.parent.glob("kernels-" + 16 * "[0-9a-f]"):
        with contextlib.suppress(OSError):
            if other != cache and time.time() - other.stat().st_mtime > UNUSED:
                shutil.rmtree(other)


def _user_cache() -> list[Path]:
    """Return the user's own cache; none for a user without a home."""
    try:
        return [Path.home() / ".cache" / "scrawl"]
    except RuntimeError:
        return []


def _temporary_folder() -> Path:
    """Return a folder among the temporary files that nobody else can write to.

    What lies there is run: another user who had made the folder first could have us run anything.
    """
    if not hasattr(os, "getuid"):  # Windows, where each user has temporary files of his own
        return Path(tempfile.gettempdir()) / "scrawl"
    folder = Path(tempfile.gettempdir()) / f"scrawl-{os.getuid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077:
            return folder
    return Path(tempfile.mkdtemp(prefix="scrawl-"))


def _is_writable(folder: Path) -> bool:
    """Tell whether files can be made in `folder`, creating it if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _is_readable(folder: Path) -> bool:
    """Tell whether there are files in `folder` that can be read."""
    return os.access(folder, os.R_OK | os.X_OK)


def _is_current() -> bool:
    """Tell whether the kernels' sources are what they were when this process began."""
    return source_digest(FOLDER) == DIGEST


class Kernel:
    """A function to call from Python, as machine code, and from other kernels, which take it in.

    Both ways are compiled when they are first used, for the types that they are used with. What Python never calls has
    no machine code of its own (`kernels.machine.linking`), and needs no way in from Python.

    Attributes
    ----------
    py_func : callable
        The kernel, in Python.
    entry, inside : numba dispatchers
        What Python calls, and what other kernels call. The first is kept on disk.
    """

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401 -- numba's options
        # Division by zero is NumPy's; no lock is held while a kernel runs; nothing calls one by its address.
        options |= {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True}
        functools.update_wrapper(self, function)
        self.py_func = function
        self.entry = numba.njit(**options)(function)
        self.inside = numba.njit(**options | {"no_cpython_wrapper": True})(function)
        keep(self.entry, CACHE, _is_current)

    def __call__(self, *args: Any) -> Any:  # noqa: ANN401 -- whatever the kernel takes
        """Call the machine code."""
        return self.entry(*args)

    @property
    def _numba_type_(self) -> types.Dispatcher:
        """What numba takes a kernel for where another one calls it."""
        return types.Dispatcher(self.inside)


def _compiler(**options: Any) -> Callable[[Function], Function]:  # noqa: ANN401 -- numba's options
    """Return a decorator that makes a kernel of a function, or leaves it alone if the JIT is switched off."""

    def decorator(function: Function) -> Function:
        return function if numba.config.DISABLE_JIT else cast("Function", Kernel(function, **options))  # type: ignore[attr-defined] # made at run time

    return decorator


jit = _compiler()
"""Compile a kernel for one thread."""

jit_parallel = _compiler(parallel=True)
"""Compile a kernel whose `prange` loops are shared among threads; every iteration must own what it writes."""

jit_bare = _compiler(_nrt=False)
"""Compile a loop that allocates nothing: the references to its arrays are the callers' to count."""

jit_inline = _compiler(_nrt=False, forceinline=True)
"""Compile a step of such loops: it becomes a part of them, and what it is given stays in registers."""


def named(kernel: Function, *sizes: int) -> Function:
    """Give a kernel that is made in several sizes a name of its own, before it is compiled.

    numba calls compiled code by the function's name and a number that is counted anew in every process. Of two kernels
    of one name, one that another process has put into the cache and one compiled here can come by the same number, and
    the linker then takes one for the other: networks gave wrong answers in one fresh clone of several.
    """
    kernel.__name__ = "_".join([kernel.__name__, *map(str, sizes)])
    kernel.__qualname__ = kernel.__name__
    return kernel


linking.install()
FOLDER = Path(__file__).parents[1]
DIGEST = source_digest(FOLDER)
CACHE = cache_folder(FOLDER)
tidy(CACHE)

# A kernel from the cache that calls a parallel one does not start numba's threads, and would jump to address 0 where
# their entry point should be. Asking for their number starts them.
numba.get_num_threads()
