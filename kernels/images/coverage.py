"""Ink to grey levels: how much of each pixel a pen with a round tip covers."""

import math

import numpy as np
import numpy.typing as npt

from kernels.machine.jit import jit

SUBPIXELS = 4
"""Samples along each side of a pixel, each anti-aliased by its distance to the edge of the ink. The result is within
0.03 of the exact coverage of one segment, and within 0.1 of that of many, where their edges meet in a sharp notch; with
one sample a pixel it may be off by 0.4."""


@jit
def _lower_distances(nearest: npt.NDArray[np.float64], ends: npt.NDArray[np.float64], k: int, reach: float) -> None:
    """Lower the squared distances in `nearest` to those of segment `k`, out to `reach`; unit: samples."""
    x0, y0, x1, y1 = ends[k, 0], ends[k, 1], ends[k, 2], ends[k, 3]
    dx, dy = x1 - x0, y1 - y0
    squared = dx * dx + dy * dy
    scale = 1 / squared if squared > 0 else 0.0
    rows, columns = nearest.shape
    # Bounded as floats: a far-away end must not overflow an integer.
    top, bottom = max(min(y0, y1) - reach, 0.0), min(max(y0, y1) + reach, float(rows))
    left, right = max(min(x0, x1) - reach, 0.0), min(max(x0, x1) + reach, float(columns))
    for i in range(int(top), math.ceil(bottom)):
        py = i + 0.5 - y0
        for j in range(int(left), math.ceil(right)):
            px = j + 0.5 - x0
            along = min(max((px * dx + py * dy) * scale, 0.0), 1.0)
            ex, ey = px - along * dx, py - along * dy
            nearest[i, j] = min(nearest[i, j], ex * ex + ey * ey)


@jit
def ink_coverage(segments: npt.NDArray[np.float64], radius: float, height: int, width: int) -> npt.NDArray[np.float64]:
    """Return the share of each pixel that is covered by segments drawn with a round pen.

    Parameters
    ----------
    segments : (m, 4) float64
        `x0, y0, x1, y1` in pixels, from the outer corner of the first pixel; both ends may be one point.
    radius : float
        Half the pen's width, in pixels.
    height, width : int

    Returns
    -------
    (height, width) float64
        From 0 to 1. Where strokes meet or cross, their union counts, not their sum.

    Notes
    -----
    The ink is all points within `radius` of a segment, so its edge lies at a known distance `d` from any sample, and a
    sample of side 1 is covered by about `clip(radius - d + 1/2, 0, 1)`; a pixel is the mean of its samples. The order
    of the segments and of their ends does not matter.
    """
    nearest, coverage = np.empty((height * SUBPIXELS, width * SUBPIXELS)), np.zeros((height, width))
    nearest[:] = np.inf
    ends, fine_radius = segments * SUBPIXELS, radius * SUBPIXELS
    for k in range(segments.shape[0]):
        _lower_distances(nearest, ends, k, fine_radius + 1)
    for i in range(nearest.shape[0]):
        for j in range(nearest.shape[1]):
            covered = min(max(fine_radius + 0.5 - math.sqrt(nearest[i, j]), 0.0), 1.0)
            coverage[i // SUBPIXELS, j // SUBPIXELS] += covered / SUBPIXELS**2
    return coverage
