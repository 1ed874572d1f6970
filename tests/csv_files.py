"""CSV files for tests: tables in every style that is met in the wild."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Style(NamedTuple):
    """How a table is written.

    Attributes
    ----------
    header : "pixels", "grid", "numbers", "counting" or "none"
    label_last : bool
    newline, delimiter : str
    bom, quoted, final_newline, floats : bool
    blank_lines : int
        At the end.
    packing : "", ".gz", ".gz+" (two members) or ".zip"
    """

    header: str = "pixels"
    label_last: bool = False
    newline: str = "\n"
    delimiter: str = ","
    bom: bool = False
    quoted: bool = False
    final_newline: bool = True
    floats: bool = False
    blank_lines: int = 0
    packing: str = ""


def csv_text(style: Style, labels: tuple[str, ...], features: npt.NDArray[np.generic]) -> bytes:
    """Write a table of labels and (n, d) features in a style."""
    side = int(features.shape[1] ** 0.5)
    names = {
        "pixels": [f"pixel{i}" for i in range(features.shape[1])],
        "grid": [f"{i // side + 1}x{i % side + 1}" for i in range(features.shape[1])],
        "numbers": [str(i) for i in range(features.shape[1])],
        "counting": [str(i + 1) for i in range(features.shape[1])],
    }.get(style.header)
    rows = [[str(float(v) if style.floats else v) for v in row] for row in features.tolist()]
    labelled = list(zip(labels, rows, strict=True))
    if names:
        first = "0" if style.header == "counting" else ("class" if style.label_last else "label")
        labelled = [(first, names), *labelled]
    lines = [[*row, label] if style.label_last else [label, *row] for label, row in labelled]
    quote = '"' if style.quoted else ""
    text = style.newline.join(style.delimiter.join(f"{quote}{cell}{quote}" for cell in line) for line in lines)
    text += style.newline * (style.final_newline + style.blank_lines)
    return (b"\xef\xbb\xbf" if style.bom else b"") + text.encode()


def write_csv(folder: Path, style: Style, labels: tuple[str, ...], features: npt.NDArray[np.generic]) -> Path:
    """Write a table to a file of its own in `folder` and return its path."""
    content = csv_text(style, labels, features)
    path = folder / f"table.csv{style.packing.rstrip('+')}"
    if style.packing == ".gz":
        content = gzip.compress(content, mtime=0)
    elif style.packing == ".gz+":
        half = len(content) // 2
        content = gzip.compress(content[:half], mtime=0) + gzip.compress(content[half:], mtime=0)
    elif style.packing == ".zip":
        content = zipped(("__MACOSX/._table.csv", b"junk"), ("folder/", b""), ("folder/table.csv", content))
    path.write_bytes(content)
    return path


def zipped(*members: tuple[str, bytes]) -> bytes:
    """Return a zip with these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()
