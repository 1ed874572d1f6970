"""The form in which MNIST shows a digit, as measured on its 60,000 training images.

The digit is white on black; the longer side of its ink is 20 pixels long (in all but 13 images, 19 there); and its
centre of mass lies in the pixel in row 14 and column 14, never further than half a pixel from that pixel's centre.
Images of other sizes are held to the same proportions.

References
----------
Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.images.drawings import BOX, place_in
from pipeline.types import Bytes, ImageShape

Mask = npt.NDArray[np.bool_]

BOX_SLACK = 2
"""Pixels by which the ink of a ready-made image may miss the box; MNIST's own misses it by 1 at most."""
CENTRE_SLACK = 1.0
"""Pixels by which its centre of mass may be off, on each axis; MNIST's own is off by half a pixel at most."""


class Frame(NamedTuple):
    """Where ink goes in an image, in pixels from the outer corner of its first pixel."""

    box: float  # length of the longer side of the ink
    pen: float  # width of a line
    middle: npt.NDArray[np.float64]  # (2,): x and y of the field's middle
    target: npt.NDArray[np.float64]  # (2,): x and y of where the centre of mass belongs


def frame_of(shape: ImageShape) -> Frame:
    """Return MNIST's proportions for an image of `shape` (height, width); its shorter side stands for the 28."""
    height, width, box, pen, x, y = place_in(*shape)
    return Frame(box, pen, np.array([width / 2, height / 2]), np.array([x, y]))


def centre_of_mass(ink: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return x and y of the centre of mass of `ink` (height, width), which must not be empty, as `Frame` has them."""
    height, width = ink.shape
    mass = ink.sum()
    x = ink.sum(axis=0) @ (np.arange(width) + 0.5) / mass
    y = ink.sum(axis=1) @ (np.arange(height) + 0.5) / mass
    return np.array([x, y])


def bounding_box(mask: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and the columns of `mask` (height, width) from the first to the last that hold a True."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def in_mnist_form(grey: Bytes, shape: ImageShape) -> Bytes | None:
    """Return a picture that already is as MNIST's are, white on black and pixel for pixel; None for all others.

    The picture, (height, width), may be white on perfect black or black on perfect white; `shape` is that of the images
    that the network reads.
    """
    if grey.shape != shape:
        return None
    ground = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    if ground not in {0, 255}:
        return None
    white = grey if ground == 0 else 255 - grey
    return white if white.any() and _is_placed(white) else None


def _is_placed(white: Bytes) -> bool:
    """Tell whether white ink fills the box and sits where it belongs."""
    frame = frame_of((white.shape[0], white.shape[1]))
    unit = frame.box / BOX
    rows, columns = bounding_box(white > 0)
    extent = max(rows.stop - rows.start, columns.stop - columns.start)
    off = np.abs(centre_of_mass(white.astype(np.float64)) - frame.target).max()
    return math.fabs(extent - frame.box) <= BOX_SLACK * unit and bool(off <= CENTRE_SLACK * unit)
