"""Picture files as grey levels: whatever their size, colours, depth, transparency and rotation."""

import contextlib
import io
import math
import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.errors import DataError
from pipeline.files import read_whole

FORMATS = ("PNG", "JPEG", "BMP", "GIF")
MAX_PIXELS = 64_000_000
"""Far more than a digit needs; at four bytes each, a quarter of a gigabyte."""
MAX_BYTES = 1 << 29
"""Of a picture's file: more than that many pixels take where nothing is packed."""
LONGEST_SIDE = 1024
"""Pixels to which larger pictures are reduced: fifty times what the network is shown of the ink."""
WHITE = 255.0
DEEP_WHITE = 65535.0  # in pictures of 16 bits a pixel
OPAQUE = 128  # alpha from which a pixel counts as there
PAPER_CONTRAST = 64  # grey levels by which the opaque part of a picture differs if it holds paper as well as ink

Grey = npt.NDArray[np.float32]


class Decoded(NamedTuple):
    """A picture as it is looked at."""

    grey: Grey  # (height, width): from 0, black, to 255, white
    factor: int  # by which the picture, upright, was reduced on each side


def name_of(source: Path | bytes) -> str:
    """Return what errors call a picture."""
    return "the picture" if isinstance(source, bytes) else str(source)


def read_grey(source: Path | bytes) -> Decoded:
    """Return the grey levels of a PNG, JPEG, BMP or GIF file, or of its content; the first picture of an animation.

    The picture is upright as the camera's note on rotation says; what is transparent is filled with the paper's grey,
    or else with what the ink stands out from.

    Raises DataError if there is no such file, or it is no picture, damaged, truncated or too large.
    """
    with opened_picture(source) as picture:
        factor = -(-max(picture.size) // LONGEST_SIDE)
        return Decoded(_reduced(ImageOps.exif_transpose(picture), factor), factor)


@contextlib.contextmanager
def opened_picture(source: Path | bytes) -> Iterator[Image.Image]:
    """Open a picture and load its pixels; see `read_grey` for what is raised."""
    name = name_of(source)
    with _picture_errors(name), Image.open(_opened(source, name), formats=FORMATS) as picture:
        if math.prod(picture.size) > MAX_PIXELS:
            width, height = picture.size
            raise DataError(
                f"{name}: expected at most {MAX_PIXELS} pixels, found {width} x {height}; make the picture smaller."
            )
        picture.load()
        yield picture


def _opened(source: Path | bytes, name: str) -> io.BytesIO:
    """Return the bytes of a picture as a stream."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return io.BytesIO(read_whole(source, MAX_BYTES))
    except FileNotFoundError as error:
        raise DataError(f"{name}: no such file; check its name and the folder you are in.") from error
    except IsADirectoryError as error:
        raise DataError(f"{name}: expected a picture, found a folder.") from error
    except OSError as error:
        raise DataError(f"{name}: the picture can't be read: {error.strerror}.") from error


@contextlib.contextmanager
def _picture_errors(name: str) -> Iterator[None]:
    """Turn what Pillow raises for files that are no whole pictures into a `DataError`."""
    readable = ", ".join(FORMATS[:-1]) + " or " + FORMATS[-1]
    try:
        with warnings.catch_warnings():
            # Hints about odd metadata, and about sizes that are checked here anyway.
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise DataError(f"{name}: {error} Expected at most {MAX_PIXELS} pixels; make the picture smaller.") from error
    except UnidentifiedImageError as error:
        raise DataError(
            f"{name}: expected a {readable} picture, found something else; save it as one of these."
        ) from error
    # Pillow's decoders meet damage in as many ways.
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, EOFError, struct.error, zlib.error) as error:
        raise DataError(
            f"{name}: expected a whole {readable} picture, found one that can't be read to its end ({error}); "
            "copy or save it again."
        ) from error


def _reduced(picture: Image.Image, factor: int) -> Grey:
    """Return a picture's grey levels, each averaged over `factor` by `factor` pixels."""
    if picture.mode.startswith("I"):
        deep = Image.fromarray(np.asarray(picture, np.float32) * np.float32(WHITE / DEEP_WHITE))
        return np.asarray(deep.reduce(factor), np.float32)
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("RGB").convert("L").reduce(factor), np.float32)
    layers = np.asarray(picture.convert("RGBA").convert("LA").reduce(factor), np.float32)
    return _filled(layers[..., 0], layers[..., 1])


def _filled(grey: Grey, alpha: Grey) -> Grey:
    """Return a picture with its transparent parts filled so that the ink can be told from them."""
    there = alpha >= OPAQUE
    if not there.any():
        return np.zeros_like(grey)
    low, middle, high = np.percentile(grey[there], [2, 50, 98])
    is_paper = there.mean() > 0.5 and high - low > PAPER_CONTRAST  # noqa: PLR2004 -- most of the picture
    contrasting = WHITE if middle < WHITE / 2 else 0.0
    ground = middle if is_paper else contrasting
    return np.asarray(ground + (grey - ground) * (alpha / WHITE), np.float32)
