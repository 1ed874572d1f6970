"""From a picture of a digit to the image that the network reads.

A picture that is in MNIST's form already is taken as it is. In all others the ink is told from the paper, thin lines
are thickened to the width of MNIST's pens, and the ink is placed as MNIST places it.
"""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from kernels.images.drawings import FIELD
from pipeline.errors import DataError
from pipeline.recognise.mnist_form import Frame, Mask, bounding_box, centre_of_mass, frame_of, in_mnist_form
from pipeline.recognise.pictures.binarize import FoundInk, find_ink
from pipeline.recognise.pictures.decode import name_of, read_grey
from pipeline.recognise.pictures.pieces import line_width
from pipeline.types import Bytes, Floats, ImageShape

THIN = 0.8
"""Lines narrower than this share of MNIST's pen are thickened to it; others are taken as they are, as MNIST's are."""
HALF = 0.5  # of full ink: where its edge is
FILTER = Image.Resampling.HAMMING
"""As sharp as plain averaging, and smooth where a small picture must be enlarged."""
FILTER_REACH = 2
"""Pixels, of the picture or of the image, whichever are larger, beyond which the filter sees nothing."""


class Legible(NamedTuple):
    """What a picture shows, ready to be read."""

    pixels: Bytes  # (height * width,): the digit as MNIST would show it: white ink on black, row by row
    doubtful: bool  # whether the ink was hard to tell from what else is in the picture; no answer to it counts as sure
    box: tuple[float, float, float, float]  # of the ink: left, top, right and bottom, in the picture's pixels


def read_picture(source: Path | bytes, shape: ImageShape = (FIELD, FIELD)) -> Legible:
    """Return the digit in a picture as MNIST would show it, in an image of a shape (height, width).

    The source is a PNG, JPEG, BMP or GIF file, or its content: of any size, dark ink on light or light on dark.

    Raises DataError if the picture can't be read, or there is no ink in it.
    """
    grey, factor = read_grey(source)
    ready = ready_made(grey, shape)
    if ready is not None:
        return ready
    ink = find_ink(grey)
    if ink is None:
        raise no_ink(name_of(source))
    return legible_ink(ink, shape, factor)


def legible_ink(ink: FoundInk, shape: ImageShape, factor: int) -> Legible:
    """Return all ink as one digit, found in a picture that was reduced by a factor."""
    return Legible(place(ink, shape).reshape(-1), ink.doubtful, box_of(ink.mask, factor))


def ready_made(grey: Floats, shape: ImageShape) -> Legible | None:
    """Return a picture (height, width) of one digit that already is in MNIST's form; None for all others."""
    pixels = in_mnist_form(np.rint(grey).astype(np.uint8), shape)
    return None if pixels is None else Legible(pixels.reshape(-1), doubtful=False, box=box_of(pixels > 0, 1))


def box_of(mask: Mask, factor: int) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a mask that is not empty, in a picture `factor` times as large."""
    rows, columns = bounding_box(mask)
    left, top, right, bottom = (float(at * factor) for at in (columns.start, rows.start, columns.stop, rows.stop))
    return left, top, right, bottom


def no_ink(name: str) -> DataError:
    """Return what is wrong with a picture in which there is nothing to read."""
    return DataError(
        f"{name}: expected a digit, no ink found: all of it is paper, or straight lines from side to side, which "
        "count as printed; write larger or darker, and leave a margin."
    )


def place(ink: FoundInk, shape: ImageShape) -> Bytes:
    """Return an image, (height, width), of all ink, white on black, its box and centre of mass as MNIST has them."""
    frame = frame_of(shape)
    rows, columns = bounding_box(ink.mask)
    extent, width = max(rows.stop - rows.start, columns.stop - columns.start), line_width(ink.mask)
    if width * frame.box / extent >= THIN * frame.pen:
        return _resampled(ink.amount, ink.mask, frame.box / extent, frame, shape)
    # What thickens the lines makes the digit larger, too.
    scale = (frame.box - frame.pen) / (extent - width)
    amount = _thickened(ink.mask, (frame.pen / scale - width) / 2)
    return _resampled(amount, amount > HALF, scale, frame, shape)


def _thickened(mask: Mask, growth: float) -> Floats:
    """Return ink that reaches `growth` pixels further than `mask` on every side; the picture grows to hold it."""
    # The distance is to the middle of the last pixel of ink, half a pixel within its edge.
    distance = ndimage.distance_transform_edt(~np.pad(mask, math.ceil(growth) + 1))
    return np.asarray(np.clip(growth + 1 - distance, 0, 1), np.float32)


def _resampled(amount: Floats, mask: Mask, scale: float, frame: Frame, shape: ImageShape) -> Bytes:
    """Return ink scaled by `scale`, its centre of mass at the frame's target, or as near as leaves all ink inside."""
    rows, columns = bounding_box(mask)
    low, high = np.array([columns.start, rows.start]), np.array([columns.stop, rows.stop])
    centre, size = centre_of_mass(amount.astype(np.float64)), np.array(shape[::-1])
    target = np.clip(frame.target, (centre - low) * scale, size - (high - centre) * scale)
    first, last = _near_ink(amount, scale, target - centre * scale, shape)
    start, stop = centre + (first - target) / scale, centre + (last - target) / scale
    # The field may reach beyond the picture, where there is no ink either.
    before = np.ceil(np.maximum(-start, 0)).astype(int)
    after = np.ceil(np.maximum(stop - amount.shape[::-1], 0)).astype(int)
    padded = np.pad(amount, [(before[1], after[1]), (before[0], after[0])])
    box = (*(start + before).tolist(), *(stop + before).tolist())
    small = Image.fromarray(padded).resize((last - first).tolist(), FILTER, box)
    field = np.zeros(shape, np.uint8)
    field[first[1] : last[1], first[0] : last[0]] = np.rint(np.clip(np.asarray(small), 0, 1) * 255)
    return field


def _near_ink(
    amount: Floats, scale: float, shift: npt.NDArray[np.float64], shape: ImageShape
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the part of an image that is not certainly paper, from the first to before the last x and y.

    The whole image, unless it is long and narrow. All of such a one would be millions of pixels of the picture: where
    its two rows hold a digit 1,000 pixels long, its 392 columns are 270,000.
    """
    rows, columns = bounding_box(amount > 0)
    low, high = np.array([columns.start, rows.start]), np.array([columns.stop, rows.stop])
    margin = min(shape) + math.ceil(FILTER_REACH * max(scale, 1))
    first = np.floor(low * scale + shift).astype(np.int64) - margin
    last = np.ceil(high * scale + shift).astype(np.int64) + margin
    return np.maximum(first, 0), np.minimum(last, shape[::-1])
