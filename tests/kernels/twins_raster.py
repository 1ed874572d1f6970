"""The slow, obvious twin of the raster kernel: a pixel is cut into many samples, and each is in the ink or not."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SAMPLES = 16


def ink_coverage(segments: Array, radius: float, height: int, width: int, samples: int = SAMPLES) -> Array:
    """Return the share of each pixel's samples that lie within `radius` of a segment."""
    y, x = (np.indices((height * samples, width * samples)) + 0.5) / samples
    inside = np.zeros(x.shape, dtype=bool)
    for segment in segments:
        inside |= distance(x, y, segment) <= radius
    return np.asarray(inside.reshape(height, samples, width, samples).mean(axis=(1, 3)))


def distance(x: Array, y: Array, segment: Array) -> Array:
    """Return how far points are from a segment: from its line if they lie beside it, else from the nearer end."""
    start, end = segment[:2], segment[2:]
    length = np.hypot(*(end - start))
    to_ends = np.minimum(np.hypot(x - start[0], y - start[1]), np.hypot(x - end[0], y - end[1]))
    if length == 0:
        return np.asarray(to_ends)
    ux, uy = (end - start) / length
    along = (x - start[0]) * ux + (y - start[1]) * uy
    across = np.abs((x - start[0]) * uy - (y - start[1]) * ux)
    return np.asarray(np.where((along >= 0) & (along <= length), across, to_ends))
