"""Many small images in one picture, in rows and columns."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

LINE = 2
"""Pixels between images, once they are magnified."""
GREY = 160
SMALLEST = 84
"""Pixels along the shorter side of an image, magnified a whole number of times: people should see each of its own."""


def tiled(images: npt.NDArray[np.uint8]) -> bytes:
    """Return a PNG of images, with ink black on white.

    Parameters
    ----------
    images : (rows, columns, height, width) uint8, ink bright and paper 0
    """
    rows, columns, height, width = images.shape
    times = -(-SMALLEST // min(height, width))
    large = 255 - np.repeat(np.repeat(images, times, axis=2), times, axis=3)
    framed = np.pad(large, ((0, 0), (0, 0), (LINE, 0), (LINE, 0)), constant_values=GREY)
    page = framed.transpose(0, 2, 1, 3).reshape(rows * (height * times + LINE), columns * (width * times + LINE))
    buffer = io.BytesIO()
    Image.fromarray(np.pad(page, ((0, LINE), (0, LINE)), constant_values=GREY)).save(buffer, format="png")
    return buffer.getvalue()
