"""What kinds of files there are, and which networks read them."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import DataError
from pipeline.model.find import Check
from pipeline.prepare.csv.layout import sniff
from pipeline.prepare.csv.table import layout_of_rows
from pipeline.recognise.strokes.stroke_files import looks_drawn
from pipeline.types import Artifact, ImageShape

ROW_SUFFIXES = {".csv", ".gz", ".zip", ".tsv", ".txt"}


def has_rows(path: Path) -> bool:
    """Tell whether a file holds rows of numbers, by its name."""
    return path.suffix.lower() in ROW_SUFFIXES


def has_strokes(path: Path) -> bool:
    """Tell whether a file holds drawings, by its name or, where that says nothing, by how it begins."""
    return not has_rows(path) and looks_drawn(path)


def is_picture(path: Path) -> bool:
    """Tell whether a file holds a picture: neither rows nor drawings."""
    return not has_rows(path) and not looks_drawn(path)


def reads(paths: Iterable[Path]) -> Check:
    """Return what checks that a network reads files of these kinds.

    It passes over files of rows that can't be read at all: what is wrong with them is no matter of the network.
    """
    files = [path for path in paths if not has_rows(path) or _is_table(path)]

    def check(artifact: Artifact) -> None:
        for path in files:
            if has_rows(path):
                layout_of_rows(path, artifact.scaling.shift.size, artifact.feature_names)
            else:
                shape_read_from(path, artifact)

    return check


def shape_read_from(path: Path | str, artifact: Artifact) -> ImageShape:
    """Return the size of the images that the network reads; raise DataError if it reads rows that are no images."""
    if artifact.image_shape is None:
        raise DataError(
            f"{path}: the model was trained on rows of {artifact.scaling.shift.size} features that are no "
            "images; expected a CSV of such rows, found a picture or a drawing."
        )
    return artifact.image_shape


def _is_table(path: Path) -> bool:
    """Tell whether a file of rows can be read at all."""
    try:
        sniff(path)
    except DataError:
        return False
    return True
