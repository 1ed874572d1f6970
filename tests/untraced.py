"""Packages of others imported without counting their branches: with it, importing them takes twice as long."""

import functools
import importlib
from typing import Any

import coverage

PACKAGES = (
    "distributed", "hypothesis.extra.numpy", "matplotlib.figure", "numba", "optuna", "pandas", "pyarrow.csv",
    "pyarrow.parquet", "rich.console", "scipy.ndimage", "scipy.optimize", "typer",
)  # fmt: skip


@functools.cache
def imported(name: str) -> Any:  # noqa: ANN401 -- a module
    """Import a package, and return it: for those that few tests need, in the process that runs them."""
    counting = coverage.Coverage.current()
    if counting is not None:
        counting.stop()
    module = importlib.import_module(name)
    if counting is not None:
        counting.start()
    return module


def import_untraced() -> None:
    """Import those that many need, if branches are counted."""
    if coverage.Coverage.current() is not None:
        for name in PACKAGES:
            imported(name)
