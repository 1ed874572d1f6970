"""What the places that rows may come from have in common."""

from pathlib import Path
from typing import NamedTuple

from pipeline.prepare.table import Table


class Split(NamedTuple):
    """The training or the test rows, and the files that they come from, the one with the features first."""

    table: Table
    files: tuple[Path, ...]


class Source(NamedTuple):
    """Training and test rows, with what a person should know about where they come from.

    Attributes
    ----------
    name : str
        As it is told and kept in the manifest.
    notes : tuple of str
        What is unusual, or was tried in vain.
    train, test : Split
        Alike in their features, classes and dtype.
    transposed : bool
        Whether the files hold images column by column, which were turned over on the way in.
    """

    name: str
    notes: tuple[str, ...]
    train: Split
    test: Split
    transposed: bool = False
