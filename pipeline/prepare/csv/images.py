"""Whether the rows of a CSV file are images, and of which shape."""

import math
import re
from pathlib import Path

from pipeline.errors import ConfigError, DataError
from pipeline.prepare.csv.layout import Layout
from pipeline.rules import MAX_PIXELS, shown
from pipeline.types import ImageShape

MNIST_PIXELS = 784
"""So many features are an image without being called so."""
MIN_PIXELS = 64
"""The smallest image that is recognised by its values alone; 16 or 25 columns of small integers may be anything."""

_PIXEL = re.compile(r"(?:pixel|pix|px)[ _.-]?\d+", re.IGNORECASE | re.ASCII)
_ROW_BY_COLUMN = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)


def parse_shape(text: str | None) -> ImageShape | None:
    """Return height and width from a text such as "28x28"; None if there is none; raise ConfigError at another text."""
    if text is None:
        return None
    found = _ROW_BY_COLUMN.fullmatch(text.lower())
    height, width = map(int, found.groups()) if found else (0, 0)
    if not height or not width:
        raise ConfigError(f"--image-shape: expected height and width, such as 28x28; found {shown(text)}.")
    return height, width


def declared_shape(path: Path | str, layout: Layout, given: ImageShape | None) -> ImageShape | None:
    """Return the shape of the images that a file says it holds; None if it says nothing of images.

    It says so if the user gave a shape, if its header names pixels, or if it has as many features as MNIST. Raises
    DataError if the shape does not fit the number of features, has to be given, or is one of too many pixels.
    """
    shape = _declared_shape(path, layout, given or (layout.parquet and layout.parquet.shape))
    if shape is not None and math.prod(shape) > MAX_PIXELS:
        raise DataError(
            f"{path}: expected images of at most {MAX_PIXELS:,} pixels, found {shape[0]} x {shape[1]}; make them "
            "smaller."
        )
    return shape


def _declared_shape(path: Path | str, layout: Layout, given: ImageShape | None) -> ImageShape | None:
    """Return the shape as it is said."""
    count = len(layout.features)
    if given is not None:
        if min(given) < 1 or math.prod(given) != count:
            raise DataError(
                f"{path}: expected {given[0]} x {given[1]} = {math.prod(given)} features for the image shape given, "
                f"found {count}; give the height and width of the file's images."
            )
        return given
    names = [layout.names[column] for column in layout.features]
    grid = [_ROW_BY_COLUMN.fullmatch(name) for name in names]
    if all(grid):
        shape = (len({place[1] for place in grid if place}), len({place[2] for place in grid if place}))
        if math.prod(shape) == count:
            return shape
    elif count != MNIST_PIXELS and not all(_PIXEL.fullmatch(name) for name in names):
        return None
    if not (square := _square(count)):
        raise DataError(
            f"{path}: the header names {count} pixels, which are no square image; give their shape by "
            "--image-shape HEIGHTxWIDTH."
        )
    return square


def names_pixel(name: str) -> bool:
    """Tell whether a column's name is that of a pixel."""
    return any(pattern.fullmatch(name) for pattern in (_PIXEL, _ROW_BY_COLUMN))


def inferred_shape(count: int, *, is_bytes: bool) -> ImageShape | None:
    """Return the shape of images that nobody spoke of: a square count of at least `MIN_PIXELS` integers in 0..255."""
    return _square(count) if is_bytes and MIN_PIXELS <= count <= MAX_PIXELS else None


def _square(count: int) -> ImageShape | None:
    """Return the shape of a square image of so many pixels; None if there is no such."""
    side = math.isqrt(count)
    return (side, side) if side * side == count else None
