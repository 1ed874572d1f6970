"""How every kernel is compiled: one set of flags, and a cache that can't go stale.

No licence is given to reorder or fuse arithmetic (`fastmath`). With it, the bits of a result depend on what LLVM
happens to inline, and a process that has just compiled a kernel computes others than one that loads it from disk: a run
would not repeat itself. Without it, they follow from the source alone, at no cost that could be measured.

numba's on-disk cache looks only at the file that holds the compiled function, not at the files of the functions it
calls: after an edit there, it serves the old code. So the cache lives in a folder that is named after a digest of all
the kernels' sources.
"""

import hashlib
import os
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

# Threads that wait for each other by spinning bring a shared machine to its knees: beside two busy processes on two
# cores, an epoch took 13 s instead of 0.9. A short spin and then sleep keeps the pace where cores are free. OpenMP
# reads this when its first parallel loop runs; what the user has set wins.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

COMPILED_BY = ("numba", "llvmlite", "numpy", "scipy")
"""Packages whose versions decide what a kernel becomes; from scipy comes BLAS."""

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def source_digest(folder: Path) -> str:
    """Return a digest of all Python sources in `folder` and of the versions of `COMPILED_BY`."""
    digest = hashlib.sha256(" ".join(metadata.version(name) for name in COMPILED_BY).encode())
    for source in sorted(folder.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def cache_folder(folder: Path) -> Path:
    """Return where compiled kernels are kept: beside the sources, or in the user's cache if that is read-only."""
    base = os.environ.get("NUMBA_CACHE_DIR")
    candidates = [Path(base)] if base else [folder / "__pycache__", Path.home() / ".cache" / "scrawl"]
    writable = (path for path in candidates if _is_writable(path))
    return next(writable, candidates[-1]) / f"kernels-{source_digest(folder)}"


def _is_writable(folder: Path) -> bool:
    """Tell whether files can be made in `folder`, creating it if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def jit(function: Kernel) -> Kernel:
    """Compile a kernel for one thread: cached on disk, NumPy's division, no lock held while it runs."""
    return cast("Kernel", numba.njit(cache=True, error_model="numpy", nogil=True)(function))


def jit_parallel(function: Kernel) -> Kernel:
    """Compile a kernel whose `prange` loops are shared among threads; every iteration must own what it writes."""
    compile_ = numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
    return cast("Kernel", compile_(function))


numba.config.CACHE_DIR = str(cache_folder(Path(__file__).parent))  # type: ignore[attr-defined] # made at run time

# A kernel from the cache that calls a parallel one does not start numba's threads, and would jump to address 0 where
# their entry point should be. Asking for their number starts them.
numba.get_num_threads()
