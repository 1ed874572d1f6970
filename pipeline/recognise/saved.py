"""Copies of pictures with what was read drawn in: a box around each digit, and above it the digit."""

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps, PngImagePlugin

from pipeline.errors import ConfigError, DataError
from pipeline.files import output_errors
from pipeline.recognise.kinds import is_picture
from pipeline.recognise.pictures.decode import opened_picture
from pipeline.recognise.predict import Digit
from pipeline.staging import staged
from pipeline.words import MAX_NAME, line

MARK = ("Software", "Scrawl predict --save")
"""By this text in a PNG file it is known for one of these copies, which the next one may replace."""
LEGIBLE = 320
"""Pixels of the longer side: smaller pictures are enlarged, so that what is drawn in can be read."""
SURE, UNSURE = (0, 110, 200), (215, 95, 0)
"""Colours that people who tell no red from green tell apart, too."""
TEXT, SMALLEST = 0.45, 14
"""Height of the letters: of their digit's height, and in pixels."""


@contextlib.contextmanager
def saving(
    folder: Path | None, inputs: Sequence[Path], *, overwrite: bool = False
) -> Iterator[Callable[[str, Sequence[Digit]], None]]:
    """Give what keeps a picture's copy, with its digits; when the block ends well, all are in the folder, or none.

    Answers for rows and strokes have no copy. Without a folder nothing is kept.

    Raises ConfigError if two pictures would have one copy, or none of the inputs is a picture; OutputError if there is
    a file that is no copy and `overwrite` is not said, or if the folder can't be written to.
    """
    if folder is None:
        yield lambda _source, _digits: None
        return
    names = _names_of([path for path in inputs if is_picture(path)])

    def check(_: Path) -> None:
        if not overwrite:
            _refuse_others(folder, names.values())

    check(folder)
    with output_errors(folder), staged(folder, check) as hidden:

        def keep(source: str, digits: Sequence[Digit]) -> None:
            if name := names.get(Path(source)):
                (hidden / name).write_bytes(with_readings(Path(source), digits))

        yield keep


def with_readings(source: Path | bytes, digits: Sequence[Digit]) -> bytes:
    """Return a picture with its digits drawn in, as a PNG; a "?" marks those that are not sure.

    Raises DataError if the picture can't be read.
    """
    with opened_picture(source) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    zoom = max(LEGIBLE // max(upright.size), 1)
    upright = upright.resize((upright.width * zoom, upright.height * zoom), Image.Resampling.NEAREST)
    boxes = [[at * zoom for at in digit.box] for digit in digits if digit.box is not None]
    tall = max(round(TEXT * max(box[3] - box[1] for box in boxes)), SMALLEST) if boxes else SMALLEST
    # What is read in the first row stands above it.
    room = max(0, round(tall * 1.3 - min((box[1] for box in boxes), default=tall * 2)))
    sheet = Image.new("RGB", (upright.width, upright.height + room), "white")
    sheet.paste(upright, (0, room))
    pen, font, width = ImageDraw.Draw(sheet), ImageFont.load_default(tall), max(round(max(sheet.size) / 400), 1)
    for digit, (left, top, right, bottom) in zip(digits, boxes, strict=False):
        colour = SURE if digit.sure else UNSURE
        pen.rectangle((left, top + room, right, bottom + room), outline=colour, width=width)
        text = line(digit.label, MAX_NAME) + ("" if digit.sure else "?")
        pen.text((left, top + room - width), text, fill=colour, font=font, anchor="ls")
    info = PngImagePlugin.PngInfo()
    info.add_text(*MARK)
    file = io.BytesIO()
    sheet.save(file, "PNG", pnginfo=info)
    return file.getvalue()


def _names_of(pictures: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each picture's copy."""
    if not pictures:
        raise ConfigError("--save: expected pictures to save with what is read in them, found none among the files.")
    sources: dict[str, Path] = {}
    for path in pictures:
        name = f"{path.stem}.png"
        if sources.setdefault(name, path) != path:
            raise ConfigError(
                f"--save: expected pictures of different names, found {sources[name]} and {path}, which would both be "
                f"saved as {name}. Read them one after the other, and save them to two folders."
            )
    return {path: name for name, path in sources.items()}


def _refuse_others(folder: Path, names: Iterable[str]) -> None:
    """Raise ConfigError if a copy would replace a file that is none."""
    for name in names:
        if (folder / name).exists() and not _is_copy(folder / name):
            raise ConfigError(
                f"{folder / name}: is there already, and was not written by predict --save. Replace it by --overwrite, "
                "or name another folder."
            )


def _is_copy(path: Path) -> bool:
    """Tell whether a file is a copy that was written here."""
    try:
        with opened_picture(path) as picture:
            return bool(picture.info.get(MARK[0]) == MARK[1])
    except DataError:
        return False
