"""Packages of others imported without counting their branches: with it, importing them takes twice as long."""

import importlib

import coverage

PACKAGES = (
    "distributed", "hypothesis.extra.numpy", "matplotlib.figure", "moto.server", "numba", "optuna", "pandas",
    "pyarrow.csv", "pyarrow.parquet", "rich.console", "scipy.ndimage", "scipy.optimize", "sklearn.metrics", "typer",
)  # fmt: skip


def import_untraced() -> None:
    """Import them, if branches are counted."""
    counting = coverage.Coverage.current()
    if counting is None:
        return
    counting.stop()
    for name in PACKAGES:
        importlib.import_module(name)
    counting.start()
