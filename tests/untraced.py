"""What packages of others do before any test, uncounted: where branches are counted, it takes twice as long or more."""

import contextlib
import functools
import importlib
from collections.abc import Iterator
from typing import Any

import coverage

PACKAGES = (
    "distributed", "hypothesis.extra.numpy", "matplotlib.figure", "numba", "optuna", "pandas", "pyarrow.csv",
    "pyarrow.parquet", "rich.console", "scipy.ndimage", "scipy.optimize", "typer",
)  # fmt: skip


@contextlib.contextmanager
def uncounted() -> Iterator[None]:
    """Count no branches until the block ends."""
    counting = coverage.Coverage.current()
    if counting is not None:
        counting.stop()
    try:
        yield
    finally:
        if counting is not None:
            counting.start()


@functools.cache
def imported(name: str) -> Any:  # noqa: ANN401 -- a module
    """Import a package, and return it: for those that few tests need, in the process that runs them."""
    with uncounted():
        return importlib.import_module(name)


def import_untraced() -> None:
    """Import those that many need, if branches are counted."""
    if coverage.Coverage.current() is not None:
        for name in PACKAGES:
            imported(name)
