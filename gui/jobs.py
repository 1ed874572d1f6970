"""What the worker does: everything that needs a model, a kernel or a file.

Imports that cost time stay inside: they are the worker's to pay, not the window's, which opens before them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gui.board import Board, Ink, Picture, drawing_of
from pipeline.errors import DataError

if TYPE_CHECKING:
    from pipeline.compiling import Progress
    from pipeline.model.classify import Explainer, Recogniser
    from pipeline.recognise.number import Reading
    from pipeline.recognise.strokes.lessons import Lesson
    from pipeline.types import Artifact

STROKE_SUFFIX = ".jsonl"
FOR, AGAINST = (255, 140, 0), (64, 150, 255)
FAINT = 0.4
PER_CLASS = 6
"""Digits of each class in the gallery."""


class Model(NamedTuple):
    """A network that is ready to answer."""

    path: Path
    artifact: "Artifact"
    recognise: "Recogniser"
    explain: "Explainer"
    notes: tuple[str, ...] = ()  # why it is not the one that might be expected


class Seen(NamedTuple):
    """What was read, ready to be shown: an entry a digit, from left to right."""

    readings: tuple["Reading", ...] = ()
    labels: tuple[str, ...] = ()  # the answer and its probability
    sure: tuple[bool, ...] = ()  # whether to rely on it


def load(path: Path | None, root: Path, show: Callable[["Progress"], None] = lambda _: None) -> Model:
    """Read a model (for None, the one that is found for images) and make it ready, so that all answers are quick.

    `show` takes how far that is, whenever kernels have to be compiled for it. Raises ScrawlError if there is none, it
    is broken, or it reads no images.
    """
    from pipeline.model.classify import explainer, recogniser  # noqa: PLC0415 -- see above
    from pipeline.model.find import chosen_model  # noqa: PLC0415
    from pipeline.recognise.number import image_shape_of  # noqa: PLC0415
    from pipeline.recognise.ready import make_ready  # noqa: PLC0415

    found = chosen_model(path, root, image_shape_of)
    make_ready(found.artifact, show)
    return Model(found.path, found.artifact, recogniser(found.artifact), explainer(found.artifact), found.notes)


def see(board: Board, model: Model) -> Seen:
    """Return what a model reads on a board, and how to show it; see `read`."""
    from gui.words import label_of  # noqa: PLC0415 -- see above
    from pipeline.recognise.number import is_sure  # noqa: PLC0415

    readings = read(board, model)
    labels = tuple(label_of(reading, model.artifact.class_names) for reading in readings)
    sure = tuple(is_sure(each.probabilities, doubtful=each.doubtful, score=each.score) for each in readings)
    return Seen(readings, labels, sure)


def latest_digit(seen: Seen) -> int:
    """Return the position of the digit that was drawn last: what a person wants to know of."""
    strokes = [reading.group.strokes if reading.group else () for reading in seen.readings]
    return max(range(len(strokes)), key=lambda i: max(strokes[i], default=-1), default=0)


def read(board: Board, model: Model) -> tuple["Reading", ...]:
    """Return what a model reads on a board: its ink, or its picture if there is no ink.

    Raises DataError if the picture is not of the size that the model reads.
    """
    import numpy as np  # noqa: PLC0415 -- see above

    from pipeline.recognise.number import image_shape_of, read_number, read_pixels  # noqa: PLC0415

    picture = board.page.picture
    if board.page.ink or board.line or picture is None:
        return read_number(drawing_of(board), model.artifact, model.recognise)
    if (shape := image_shape_of(model.artifact)) != (picture.height, picture.width):
        raise DataError(f"{picture.name}: expected an image of {shape}, found {(picture.height, picture.width)}.")
    pixels = np.frombuffer(picture.pixels, np.uint8)
    return read_pixels(pixels, model.artifact, model.recognise, doubtful=picture.doubtful)


def saliency(reading: "Reading", model: Model) -> bytes:
    """Return which pixels of what was read speak for the answer, orange, and which against it, blue.

    They come as red, green and blue, row by row: the derivative of the answer's logit by each pixel, as a share of the
    largest one, over the ink in grey.
    """
    import numpy as np  # noqa: PLC0415 -- see above

    from pipeline.recognise.number import in_training_range  # noqa: PLC0415

    row = in_training_range(reading.pixels[np.newaxis], model.artifact)[0]
    gradient = np.asarray(model.explain(row, int(reading.probabilities.argmax())), np.float64)
    share = gradient[:, np.newaxis] / (np.abs(gradient).max() or 1.0)
    colour = np.where(share > 0, FOR, AGAINST)
    grey = reading.pixels[:, np.newaxis] * FAINT
    return bytes(np.rint(grey * (1 - np.abs(share)) + colour * np.abs(share)).astype(np.uint8).data)


def lesson(board: Board, reading: "Reading | None", name: str, model: Model, now: datetime) -> "Lesson":
    """Return the lesson that a digit is `name`: the digit that was read, or all ink if none has been.

    Raises DataError if there is no ink.
    """
    from gui.words import name_of  # noqa: PLC0415 -- see above
    from pipeline.recognise.predict import kind_of_labels  # noqa: PLC0415
    from pipeline.recognise.strokes.lessons import lesson_of  # noqa: PLC0415
    from pipeline.recognise.strokes.segment import part_of  # noqa: PLC0415

    drawing = drawing_of(board)
    if not drawing.strokes:
        raise DataError("there is no ink to teach; draw a digit first, then press its key.")
    kind = kind_of_labels(model.artifact)
    part = part_of(drawing, reading.group) if reading and reading.group else drawing
    guess = kind(name_of(reading, model.artifact.class_names)) if reading else None
    return lesson_of(part, kind(name), guess, now.astimezone(UTC).isoformat(timespec="seconds"))


def open_file(path: Path, size: tuple[int, int], model: Model | None) -> Ink | Picture:
    """Return the first drawing of a stroke file as ink for a board of `size`, or an image file as a picture.

    Raises DataError if the file can't be read, or holds neither.
    """
    from gui.shapes import fitted  # noqa: PLC0415 -- see above
    from pipeline.recognise.kinds import has_strokes  # noqa: PLC0415
    from pipeline.recognise.number import image_shape_of  # noqa: PLC0415
    from pipeline.recognise.pictures.normalize import read_picture  # noqa: PLC0415
    from pipeline.recognise.strokes.stroke_files import read_drawings  # noqa: PLC0415

    if not has_strokes(path):
        shape = image_shape_of(model.artifact) if model else (28, 28)
        found = read_picture(path, shape)
        return Picture(path.name, found.pixels.tobytes(), *shape, found.doubtful)
    drawing = next(read_drawings(path), None)
    if drawing is None:
        raise DataError(f"{path}: expected a drawing, found an empty file.")
    if isinstance(drawing, DataError):
        raise drawing
    return fitted(drawing.strokes, *size)


def save_file(path: Path, board: Board, size: tuple[int, int]) -> Path:
    """Write the ink on a board as strokes (`.jsonl`) or as a picture (`.png`); return the file.

    Raises DataError if there is no ink or the file's name has another ending; OutputError if it can't be written.
    """
    from pipeline.files import write_bytes  # noqa: PLC0415 -- see above
    from pipeline.recognise.strokes.json_lines import drawing_to_json  # noqa: PLC0415
    from pipeline.recognise.strokes.png import drawing_to_png  # noqa: PLC0415

    drawing = drawing_of(board, *size)
    if not drawing.strokes:
        raise DataError("there is no ink to save; draw something first.")
    if path.suffix.lower() == STROKE_SUFFIX:
        write_bytes(path, drawing_to_json(drawing).encode() + b"\n")
    elif path.suffix.lower() == ".png":
        write_bytes(path, drawing_to_png(drawing, board.pen))
    else:
        raise DataError(f"{path}: expected a name that ends in .png or {STROKE_SUFFIX}, found {path.suffix!r}.")
    return path


def gallery(folder: Path) -> tuple[Picture, ...]:
    """Return real digits from the prepared test data, `PER_CLASS` of each class, class by class.

    Raises ScrawlError if nothing is prepared, or it is no images.
    """
    import numpy as np  # noqa: PLC0415 -- see above

    from pipeline.prepare.store.arrays import open_arrays  # noqa: PLC0415

    data = open_arrays(folder, 0).test  # one row is all that is read
    if data.image_shape is None or data.features.dtype != np.uint8:
        raise DataError(f"{folder}: expected images of grey levels, found rows of other features.")
    chosen = [np.flatnonzero(data.labels == label)[:PER_CLASS] for label in range(len(data.class_names))]
    return tuple(
        Picture(f"a {data.class_names[label]} of the test set", data.features[row].tobytes(), *data.image_shape)
        for label, rows in enumerate(chosen)
        for row in rows
    )
