"""Drawings as kernels take them, and where their ink goes in an image: where MNIST places it.

`pipeline.recognise.mnist_form` says how that was measured.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FIELD = 28
BOX = 20.0
PEN = 2.2
"""Width of a line of ink. Drawings of real hands then hold about as much ink as MNIST's images (95 white pixels, where
its median is 100), and of the widths from 1.8 to 3 it is the one with which a plain network reads the most of them."""
OFF_MIDDLE = 0.5
"""From the field's middle, the corner between four pixels, to the middle of the pixel where the centre of mass lies."""


class Place(NamedTuple):
    """Where ink goes in an image, in pixels from the outer corner of its first pixel.

    Attributes
    ----------
    height, width : int
        Of the image.
    box, pen : float
        Length of the longer side of the ink; width of a line.
    x, y : float
        Where the centre of mass belongs.
    """

    height: int
    width: int
    box: float
    pen: float
    x: float
    y: float


def place_in(height: int, width: int) -> Place:
    """Return MNIST's proportions for an image of another size; its shorter side stands for the 28."""
    unit = min(height, width) / FIELD
    off = OFF_MIDDLE * unit
    return Place(height, width, BOX * unit, PEN * unit, width / 2 + off, height / 2 + off)


class Strokes(NamedTuple):
    """Drawings one after the other, as kernels take them.

    Attributes
    ----------
    points : (p, 2) float32
        x to the right and y downwards, of all strokes; in any unit that is the same throughout a drawing, such as
        shares of its size.
    strokes : (s + 1,) int64
        Where in `points` each stroke begins, and where the last one ends. None is empty.
    drawings : (n + 1,) int64
        Likewise, where in `strokes` each drawing begins.
    """

    points: npt.NDArray[np.float32]
    strokes: npt.NDArray[np.int64]
    drawings: npt.NDArray[np.int64]


class StrokeDistortion(NamedTuple):
    """How differently hands draw at most; each drawing, or stroke, draws its own share of every field; 0 does nothing.

    Attributes
    ----------
    thinning : float
        Share of a stroke's events, below 1, that a fast hand leaves out; a few stay (`images.hand.FEWEST`).
    pen : float
        Share by which the pen is wider, or narrower by the same factor.
    rotation, slant : float
        Degrees, either way, of the whole drawing; by which an upright line leans.
    aspect : float
        Share by which the ratio of width to height grows, or shrinks by the same factor.
    turn : float
        Degrees, either way, of each stroke about its middle.
    shift : float
        How far each stroke moves along either axis, as a share of the drawing's size.
    wobble : float
        How far parts of a stroke move along either axis, smoothly in time, as a share of the drawing's size.
    haste : float
        Share, from 0 to 1, of the way from each event to the middle of its neighbours: a fast hand cuts corners.
    """

    thinning: float = 0.0
    pen: float = 0.0
    rotation: float = 0.0
    slant: float = 0.0
    aspect: float = 0.0
    turn: float = 0.0
    shift: float = 0.0
    wobble: float = 0.0
    haste: float = 0.0
