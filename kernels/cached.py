"""Compiled kernels on disk, safe from processes that compile at the same time.

numba keeps an index of what a function was compiled for, and numbers the files with the machine code. Two processes
that compile the same function for different types, or two functions that one factory has made, may take the same
number: then the index names a file that holds another kernel, and whoever loads it computes nonsense, or does not
return. Here a file's number follows from what is in it, so that none is ever taken for another; the worst that two
processes can do is to forget an entry of the index, which is then compiled once more.

Nor is anything kept once a source has changed under a process's feet: what it compiles from then on may be of other
sources than those that the folder is named after.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from numba.core.caching import IndexDataCacheFile


def number_of(key: object) -> int:
    """Return a number for what a kernel was compiled for: the same for the same, and else another one."""
    return int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:15])


class OwnFiles(IndexDataCacheFile):
    """numba's index and its files, which are numbered by what is in them.

    Attributes
    ----------
    is_current : callable
        Tells whether the sources are still what the folder is named after.
    """

    is_current: Callable[[], bool]

    def save(self, key: Any, data: Any) -> None:  # noqa: ANN401 -- numba's own
        """Write machine code, and then the index that names it; nothing if the sources have changed."""
        if not self.is_current():
            return
        name = self._data_name(number_of(key))  # type: ignore[no-untyped-call] # numba has no types
        self._save_data(name, data)  # type: ignore[no-untyped-call] # likewise
        self._save_index({**self._load_index(), key: name})  # type: ignore[no-untyped-call] # likewise


def keep_apart(kernel: Any, is_current: Callable[[], bool]) -> None:  # noqa: ANN401 -- what numba makes of a function
    """Have a kernel's machine code kept so."""
    cache = getattr(kernel, "_cache", None)  # there is none with the JIT switched off
    if cache is not None:
        files = cache._cache_file  # noqa: SLF001 -- numba offers no other way
        files.__class__ = OwnFiles
        files.is_current = is_current
