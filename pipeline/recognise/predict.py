"""Answers for whatever a person hands over: pictures, rows of a CSV, or strokes."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from pipeline.errors import AnswerError, DataError, ScrawlError
from pipeline.labels import NO_DIGIT
from pipeline.model.classify import Recogniser, recogniser
from pipeline.prepare.batches import Spool
from pipeline.prepare.csv.table import Expected, read_rows
from pipeline.recognise.kinds import has_rows, is_picture, shape_read_from
from pipeline.recognise.number import (
    BETWEEN,
    NOT_SURE,
    Reading,
    by_row,
    is_digit,
    is_sure,
    number_of,
    read_numbers,
)
from pipeline.recognise.pictures.page import read_pictures
from pipeline.recognise.strokes.stroke_files import read_drawings
from pipeline.types import Artifact, Drawing, Json
from pipeline.words import MAX_NAME, line, visible

IN_MEMORY = 1 << 26
"""Bytes of a file's rows up to which they are kept in memory."""

TOGETHER = 16
"""Pictures whose digits are read in one batch: so many halve what each costs, and an answer is not long in coming."""

DRAWINGS = 1000
"""Drawings that are read in one batch, which makes each six times as fast."""
Found: TypeAlias = tuple[int, Drawing | DataError]
"""Where in a file a drawing is, counted from 0, and the drawing or what is wrong with it."""

WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")


class Digit(NamedTuple):
    """What the network says of one digit, or of one row of a table."""

    label: str  # the name of the most likely class
    probabilities: npt.NDArray[np.float64]  # (classes,)
    sure: bool  # whether to rely on it: see `pipeline.recognise.number.is_sure`
    # Left, top, right and bottom, in the drawing's unit or the picture's pixels; None where the item is a row.
    box: tuple[float, float, float, float] | None = None
    # How likely it is that this is a digit at all; None where the network can't tell; see `pipeline.model.score`.
    score: float | None = None
    row: int = 0  # the line that it is written in, counted from the top
    apart: bool = False  # whether it begins another number in its row than the digit before it


class Answer(NamedTuple):
    """What the network says of one item."""

    source: str  # the file
    position: int  # within the file, from 0
    digits: tuple[Digit, ...]  # row by row from left to right; one at least


def predict(paths: Iterable[Path], artifact: Artifact, *, single: bool = False) -> Iterator[Answer | ScrawlError]:
    """Yield an answer for each item of each file; for what can't be read, the error in the place of the answer.

    A drawing is read as the board reads it, as a number of one digit or more, and a picture as rows of numbers; with
    `single`, each as one digit. Pictures are read `TOGETHER` at a time.
    """
    recognise = recogniser(artifact)
    for shown, group in groupby(paths, is_picture):
        while some := list(islice(group, TOGETHER)):
            answered = _pictured if shown else _answered
            yield from answered(some, artifact, recognise, single=single)


def kind_of_labels(artifact: Artifact) -> type[int] | type[str]:
    """Return what `predict --json` makes of a network's answers: numbers if all of its classes are whole numbers.

    Decided by all of them at once, so that a program that reads the answers meets one type; and only if the number is
    written as the class is, so that `07` stays what it is.
    """
    return int if all(WHOLE.fullmatch(name) for name in artifact.class_names) else str


def answer_to_json(answer: Answer, kind: type[int] | type[str]) -> Json:
    """Return what `predict --json` prints for one item; see `kind_of_labels`.

    What tells of a digit stands at the top as well where the item is a single one.
    """
    digits = [digit_to_json(digit, kind) for digit in answer.digits]
    alone = digits[0] if len(digits) == 1 else {}
    return {
        "source": answer.source,
        "index": answer.position,
        "number": number_of(answer.digits, [digit.label for digit in answer.digits], "\n"),
        "digit": alone.get("digit"),
        "probabilities": alone.get("probabilities"),
        "score": alone.get("score"),
        "digits": digits,
        "sure": _is_sure(answer),
    }


def answer_to_text(answer: Answer, artifact: Artifact) -> str:
    """Return what `predict` tells people of one item: the answer with its probability, and what else it may be.

    Of one digit, that is the runner-up; of a number, each of its digits. As on the board, "?" stands in a number for
    what the network is not sure of, or takes for no digit.
    """
    where, doubt = f"{visible(answer.source)}[{answer.position}]", _doubt(answer)
    if len(answer.digits) == 1:
        (digit,) = answer.digits
        likeliest = np.argsort(-digit.probabilities, kind="stable")[:2]
        return f"{where}: {doubt}{', else '.join(_share(artifact.class_names[i], digit, i) for i in likeliest)}"
    number = number_of(
        answer.digits, [line(digit.label, MAX_NAME) if digit.sure else "?" for digit in answer.digits], BETWEEN
    )
    each = ", ".join(f"{line(digit.label, MAX_NAME)} {digit.probabilities.max():.1%}" for digit in answer.digits)
    return f"{where}: {doubt}{number} ({each})"


def digit_to_json(digit: Digit, kind: type[int] | type[str]) -> Json:
    """Return what is known of one digit, as JSON has it."""
    return {
        "digit": kind(digit.label),
        "box": None if digit.box is None else list(digit.box),
        "row": digit.row,
        "probability": round(float(digit.probabilities.max()), 6),
        "probabilities": [round(float(p), 6) for p in digit.probabilities],
        "score": None if digit.score is None else round(digit.score, 6),
        "sure": digit.sure,
    }


def _is_sure(answer: Answer) -> bool:
    """Tell whether every digit of an answer is one to rely on."""
    return all(digit.sure for digit in answer.digits)


def _doubt(answer: Answer) -> str:
    """Return what stands before an answer that is not to be relied on."""
    if _is_sure(answer):
        return ""
    return f"{NOT_SURE}: " if any(is_digit(digit.score) for digit in answer.digits) else f"{NO_DIGIT}; nearest: "


def _share(name: str, digit: Digit, answer: int) -> str:
    """Return a class with its probability."""
    return f"{line(name, MAX_NAME)} ({digit.probabilities[answer]:.1%})"


def _pictured(
    paths: Sequence[Path], artifact: Artifact, recognise: Recogniser, *, single: bool
) -> Iterator[Answer | ScrawlError]:
    """Yield an answer for each of some pictures."""
    found = read_pictures(paths, artifact, recognise, single=single)
    for path, readings in zip(paths, found, strict=True):
        if isinstance(readings, ScrawlError):
            yield readings
        else:
            yield Answer(str(path), 0, digits_read(readings, artifact.class_names))


def _answered(
    paths: Sequence[Path], artifact: Artifact, recognise: Recogniser, *, single: bool
) -> Iterator[Answer | ScrawlError]:
    """Yield the answers for the items of some files that are no pictures."""
    for path in paths:
        try:
            yield from _answers(path, artifact, recognise, single=single)
        except AnswerError as error:
            yield AnswerError(f"{path}, {error}")
        except ScrawlError as error:
            yield error


def _answers(path: Path, artifact: Artifact, recognise: Recogniser, *, single: bool) -> Iterator[Answer | ScrawlError]:
    """Yield an answer for each item of a file, or what is wrong with the item."""
    if has_rows(path):
        for position, digit in enumerate(_rows_read(path, artifact, recognise)):
            yield Answer(str(path), position, (digit,))
        return
    shape_read_from(path, artifact)
    yield from _drawn(path, artifact, recognise, single=single)


def _drawn(path: Path, artifact: Artifact, recognise: Recogniser, *, single: bool) -> Iterator[Answer | ScrawlError]:
    """Yield an answer for each drawing of a stroke file; a line that is none does not stop those after it."""
    for some in _together(enumerate(read_drawings(path))):
        drawings = [drawing for _, drawing in some if not isinstance(drawing, DataError)]
        numbers = iter(read_numbers(drawings, artifact, recognise, single=single))
        for position, drawing in some:
            if isinstance(drawing, DataError):
                yield drawing
            elif readings := next(numbers):
                yield Answer(str(path), position, digits_read(readings, artifact.class_names))
            else:
                yield DataError(f"{path}: expected ink in every drawing; found none in drawing {position + 1}.")


def _together(found: Iterable[Found]) -> Iterator[list[Found]]:
    """Yield what is found in a file, `DRAWINGS` at a time; what came before an error comes before it still."""
    some = list[Found]()
    try:
        for each in found:
            some.append(each)
            if len(some) == DRAWINGS:
                yield some
                some = []
    except ScrawlError:
        yield some
        raise
    yield some


def _rows_read(path: Path, artifact: Artifact, recognise: Recogniser) -> Iterator[Digit]:
    """Yield the answer for each row of a file, read as the network was trained: turned over where those were.

    The rows lie among the temporary files if they are many.
    """
    shape = artifact.image_shape
    turned = shape if artifact.transposed else None
    expected = Expected(artifact.scaling.shift.size, shape is not None, turned, artifact.feature_names)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        spool = Spool(cast("IO[bytes]", file), Path(tempfile.gettempdir()))
        rows, batches = read_rows(path, expected, spool)
        start = 0
        for features in batches:
            answers = recognise(features, start, rows)
            for likely, score in zip(answers.probabilities, by_row(answers.scores, len(features)), strict=True):
                name = artifact.class_names[int(likely.argmax())]
                yield Digit(name, likely, is_sure(likely, score=score), score=score)
            start += len(features)


def digits_read(readings: Iterable[Reading], names: tuple[str, ...]) -> tuple[Digit, ...]:
    """Return the answers for what was read, by the names of the network's classes."""
    return tuple(
        Digit(
            names[int(reading.probabilities.argmax())],
            reading.probabilities,
            is_sure(reading.probabilities, doubtful=reading.doubtful, score=reading.score),
            box=reading.group and reading.group.box,
            score=reading.score,
            row=reading.row,
            apart=reading.apart,
        )
        for reading in readings
    )
