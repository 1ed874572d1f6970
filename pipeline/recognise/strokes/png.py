"""A drawing as a picture file, computed from its strokes."""

import io

import numpy as np
from PIL import Image

from kernels.images.coverage import ink_coverage
from pipeline.recognise.strokes.curves import flatten
from pipeline.recognise.strokes.rasterize import gather, without_repeats
from pipeline.types import Drawing

TOLERANCE = 0.1
"""Pixels by which the segments may stray from the smooth curve."""


def drawing_to_png(drawing: Drawing, pen: float) -> bytes:
    """Return a drawing as it looks on the board: black ink on white paper, anti-aliased, as a PNG.

    The canvas is the picture, ink beyond it is cut off; its size and the width of the pen are in pixels.

    Raises DataError if a stroke is no (k, 2) array, or a coordinate is infinite or not a number.
    """
    width, height = max(round(drawing.width), 1), max(round(drawing.height), 1)
    paper = np.full((height, width), 255, np.uint8)
    shares, owner = gather(drawing)
    if len(shares):
        corner, size = _extent(drawing)
        segments = flatten(*without_repeats(shares, owner), TOLERANCE / size) * size + np.tile(corner, 2)
        paper -= np.rint(ink_coverage(segments, pen / 2, height, width) * 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(paper).save(file, "PNG")
    return file.getvalue()


def _extent(drawing: Drawing) -> tuple[np.ndarray, float]:
    """Return the upper left corner of the points and the longer side of their box, 1 if they are all in one place."""
    points = np.concatenate([np.asarray(stroke, np.float64).reshape(-1, 2) for stroke in drawing.strokes])
    return points.min(axis=0), float(np.ptp(points, axis=0).max()) or 1.0
