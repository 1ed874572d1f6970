"""Rows shared out among threads of Python's own."""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numba

CHUNK = 240
"""Rows that go through the network together, on one thread: enough for the kernels, few enough for a core's cache."""


def parallel_rows(work: Callable[[range], None], rows: int) -> None:
    """Do some work for all rows, on as many threads as kernels may use; it must not hold Python's lock for long.

    These are threads of Python's own: for numba's, the whole forward pass would be compiled once more.
    """
    threads = min(numba.get_num_threads(), -(-rows // CHUNK))
    if threads == 1:
        work(range(rows))
        return
    parts = [range(rows * i // threads, rows * (i + 1) // threads) for i in range(threads)]
    # A list: it is the results that bring a worker's error to light.
    list(_pool(threads).map(work, parts))


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Return threads that wait for work: to start them anew for each answer would take as long as a short one."""
    return ThreadPoolExecutor(threads, "infer")
