"""The ending of a file's name is a promise of what is in the file: nothing is written under a name that lies."""

import re
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import ConfigError

VERSION = re.compile(r"\.v?[0-9][0-9_-]*", re.IGNORECASE)
"""Endings that promise nothing: `digits.v2`, `digits-0.3`."""
FILES = re.compile(
    r"\.(bin|bmp|ckpt|csv|gif|gz|h5|hdf5|jpe?g|jsonl?|keras|np[yz]|onnx|parquet|pdf|pkl|png|pth?|safetensors|svg|tflite|"
    r"toml|tsv|txt|webp|xlsx|zip)",
    re.IGNORECASE,
)
"""Endings that no folder has."""

Check = Callable[[Path | None], Path | None]
"""Takes what an option names, and returns it if it may be."""


def file_ending_in(ending: str, kind: str, option: str) -> Check:
    """Return a check that an option names a file of a kind by its ending, such as ".png" in lower case, or by none."""

    def checked(path: Path | None) -> Path | None:
        if path is None or path.suffix.lower() in {"", ending} or VERSION.fullmatch(path.suffix):
            return path
        raise ConfigError(
            f"{option} {path}: expected a name that ends in {ending}, as {kind} is written; found {path.suffix}. "
            f"Write {option} {path.with_suffix(ending)}."
        )

    return checked


def folder_named_by(option: str) -> Check:
    """Return a check that an option names a folder, and does not look as if it named a file; one that is there may."""

    def checked(path: Path | None) -> Path | None:
        if path is None or not FILES.fullmatch(path.suffix) or path.is_dir():
            return path
        raise ConfigError(
            f"{option} {path}: expected the name of a folder; found one that ends in {path.suffix}, as files do. "
            f"Write {option} {path.with_suffix('')}."
        )

    return checked
