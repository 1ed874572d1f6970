"""What the figures were measured on, and the most that it can do."""

import concurrent.futures
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_info

from pipeline.bench.timing import Seconds, summary, time_in_turns
from pipeline.types import Json

MATRIX = 2048  # three of them are 50 MB: beyond the nearer caches, as a real product is
STREAM = 1 << 26  # floats to copy: 256 MB, beyond every cache


class Ceiling(NamedTuple):
    """What the machine reaches at its best, measured in this very run."""

    name: str  # "sgemm" or "memory"
    threads: int
    rate: float  # GFLOP/s for sgemm; GB/s, read and written, for memory; both at the median time
    seconds: Seconds


def machine(threads: int) -> Json:
    """Return what there is to know of the machine and the libraries, for a reader to compare with their own."""
    libraries = ("numpy", "numba", "llvmlite", "scipy")
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "threads": threads,
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
        "blas": sorted({f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}" for pool in pools}),
    }


def cpu_name(info: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's own name for itself; on Linux it stands in the file `info`."""
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        if named:
            return named[0]
    return platform.processor() or platform.machine()


def sgemm_ceiling(threads: int, runs: int) -> Ceiling:
    """Return the rate of a large float32 matrix product by BLAS."""
    a, b = np.ones((MATRIX, MATRIX), np.float32), np.ones((MATRIX, MATRIX), np.float32)
    out = np.empty_like(a)
    seconds = summary(time_in_turns({"sgemm": lambda: np.matmul(a, b, out=out)}, runs, threads)["sgemm"])
    return Ceiling("sgemm", threads, 2 * MATRIX**3 / seconds.median / 1e9, seconds)


def memory_ceiling(threads: int, runs: int) -> Ceiling:
    """Return the rate at which memory is copied: each byte counts twice, once read and once written."""
    sources, targets = (
        np.array_split(array, threads) for array in (np.ones(STREAM, np.float32), np.empty(STREAM, np.float32))
    )
    with concurrent.futures.ThreadPoolExecutor(threads) as executor:
        copying = {"copy": lambda: list(executor.map(np.copyto, targets, sources))}
        seconds = summary(time_in_turns(copying, runs)["copy"])
    return Ceiling("memory", threads, 2 * 4 * STREAM / seconds.median / 1e9, seconds)


def ceilings(threads: int, runs: int) -> tuple[Ceiling, ...]:
    """Return both ceilings on one thread, and on all of those in use if they are more."""
    counts = sorted({1, threads})
    return tuple(measure(count, runs) for measure in (sgemm_ceiling, memory_ceiling) for count in counts)
