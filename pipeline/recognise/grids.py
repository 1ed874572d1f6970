"""Answers for pictures of grids: sudokus and forms, cell by cell."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import DataError, ScrawlError
from pipeline.model.classify import Recogniser, recogniser
from pipeline.recognise.kinds import is_picture, shape_read_from
from pipeline.recognise.number import Reading, by_row, in_training_range
from pipeline.recognise.pictures.decode import read_grey
from pipeline.recognise.pictures.grid import Cell, cells_of
from pipeline.recognise.pictures.normalize import place
from pipeline.recognise.predict import Digit, digit_to_json, digits_read
from pipeline.recognise.strokes.segment import Group
from pipeline.types import Artifact, Bytes, Json
from pipeline.words import MAX_NAME, line, visible


class GridAnswer(NamedTuple):
    """What the network says of the cells of a grid."""

    source: str  # the file
    cells: tuple[tuple[Digit | None, ...], ...]  # row by row; None for an empty one

    @property
    def digits(self) -> tuple[Digit, ...]:
        """All that is written in it, row by row."""
        return tuple(digit for row in self.cells for digit in row if digit is not None)


def predict_grids(paths: Iterable[Path], artifact: Artifact) -> Iterator[GridAnswer | ScrawlError]:
    """Yield an answer for the grid in each picture; where there is none, the error in the place of the answer."""
    recognise = recogniser(artifact)
    for path in paths:
        try:
            yield _answer(path, artifact, recognise)
        except ScrawlError as error:
            yield error


def _answer(path: Path, artifact: Artifact, recognise: Recogniser) -> GridAnswer:
    """Return the answer for a picture; raise DataError if it has no grid."""
    if not is_picture(path):
        raise DataError(f"{path}: --grid: expected a picture, found rows or strokes.")
    shape, (grey, factor) = shape_read_from(path, artifact), read_grey(path)
    cells = cells_of(grey)
    if cells is None:
        raise DataError(
            f"{path}: expected a grid of straight lines, found none; see that all of it is in the picture, and turned "
            "by no more than 8 degrees."
        )
    written = [cell for row in cells for cell in row if cell is not None]
    readings = _read(written, factor, [place(cell.ink, shape).reshape(-1) for cell in written], artifact, recognise)
    digits = iter(digits_read(readings, artifact.class_names))
    return GridAnswer(str(path), tuple(tuple(cell and next(digits) for cell in row) for row in cells))


def _read(
    cells: Sequence[Cell], factor: int, images: Sequence[Bytes], artifact: Artifact, recognise: Recogniser
) -> list[Reading]:
    """Return what a network reads in the cells of a picture that was reduced by a factor, given their images."""
    if not images:
        return []
    answers = recognise(in_training_range(np.stack(images), artifact))
    boxes = [[at * factor for at in cell.box] for cell in cells]
    groups = [Group((), (left, top, right, bottom)) for left, top, right, bottom in boxes]
    parts = zip(groups, images, answers.probabilities, by_row(answers.scores, len(images)), strict=True)
    return [Reading(group, pixels, likely, score=score) for group, pixels, likely, score in parts]


def grid_to_json(answer: GridAnswer, kind: type[int] | type[str]) -> Json:
    """Return what `predict --grid --json` prints for a picture; see `pipeline.recognise.predict.kind_of_labels`."""
    rows = [[digit and digit_to_json(digit, kind) for digit in row] for row in answer.cells]
    return {
        "source": answer.source,
        "rows": rows,
        "sure": all(each.sure for row in answer.cells for each in row if each),
    }


def grid_to_text(answer: GridAnswer) -> str:
    """Return what `predict --grid` tells people: a line for each row, "." where it is empty, "?" where not sure."""
    names = [
        ["." if each is None else line(each.label, MAX_NAME) if each.sure else "?" for each in row]
        for row in answer.cells
    ]
    return "\n".join([f"{visible(answer.source)}:", *("".join(row) for row in names)])
