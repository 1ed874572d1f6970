"""The ink of a picture of few pixels, as scans of single digits are: cropped to the very ink, or with little margin.

There is no room for paper around the ink, and none for light and shadow: what is not ink is of one level. A digit that
has lost its aspect may cover most of it; a 1 then is a block.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pipeline.recognise.mnist_form import Mask, bounding_box
from pipeline.recognise.pictures.pieces import EVERY_SIDE
from pipeline.types import Floats

FEW_PIXELS, LONG = 32, 256
"""Of the shorter side, and of the longer one."""
LEAST_RANGE = 60.0  # grey levels between ink and paper
EVEN = 0.45
"""Of that range: how far most of the paper may differ."""
SHARP = 0.12
"""Of that range: how much darker ink is than the pixel of paper beside it, in the mean. Shade fades more slowly."""
FRAMED = 0.75
"""Of the sides: what covers more of them is a frame."""
PART, PARTS = 0.02, 0.2
"""Of the picture: smaller pieces do not count; and how much it weighs that ink hangs together and parts the paper."""
BALANCED = 1.5
WHITE = 255


def small_ink(grey: Floats) -> tuple[Floats, Mask] | None:
    """Return by how much each pixel of a small picture differs from the paper, and where it is ink; None if unclear.

    Both are of the picture's shape (height, width); its grey levels go from 0 to 255.
    """
    if min(grey.shape) > FEW_PIXELS or max(grey.shape) > LONG or float(np.ptp(grey)) < LEAST_RANGE:
        return None
    turned = grey if _ink_is_dark(grey < (grey.min() + grey.max()) / 2) else WHITE - grey
    middle = (turned.min() + turned.max()) / 2
    mask, paper = turned < middle, turned[turned >= middle]
    level, spread = float(np.median(paper)), float(np.subtract(*np.percentile(paper, [75, 25])))
    extent = level - float(turned.min())
    if spread > EVEN * extent or _sharpness(turned, mask) < SHARP * extent or _is_framed(mask):
        return None
    return np.asarray(level - turned, np.float32), mask


def _ink_is_dark(dark: Mask) -> bool:
    """Tell whether what is dark is the ink: it covers less of picture, sides and corners, and hangs together."""
    corners = dark[[0, 0, -1, -1], [0, -1, 0, -1]]
    covered = dark.mean() + corners.mean() + _sides(dark).mean()
    parted = _parts(~dark, None) - _parts(dark, EVERY_SIDE) - _parts(dark, None) + _parts(~dark, EVERY_SIDE)
    return bool(covered < BALANCED + PARTS * parted)


def _is_framed(mask: Mask) -> bool:
    """Tell whether a mask is a frame, or what a frame leaves of the picture: all of a box but for what is in it."""
    inside = mask[bounding_box(mask)]
    is_box = inside[[0, 0, -1, -1], [0, -1, 0, -1]].all() and _sides(inside).mean() > FRAMED and not inside.all()
    return bool(_sides(mask).mean() > FRAMED or (is_box and inside.size > mask.size * FRAMED**2))


def _parts(mask: Mask, neighbours: npt.NDArray[np.float64] | None) -> int:
    """Return of how many pieces a mask is."""
    labels, _ = ndimage.label(mask, neighbours)
    return int((np.bincount(labels[mask]) > PART * mask.size).sum())


def _sides(mask: Mask) -> Mask:
    """Return the pixels along the sides of a picture."""
    return np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])


def _sharpness(turned: Floats, mask: Mask) -> float:
    """Return how much darker ink is than the pixels of paper beside it, in the mean."""
    steps = [np.abs(np.diff(turned, axis=axis))[np.diff(mask.astype(np.int8), axis=axis) != 0] for axis in (0, 1)]
    return float(np.concatenate(steps).mean())
