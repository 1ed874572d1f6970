"""The ink of a picture that was cropped to it, where paper can't be told by what lies along the sides."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pipeline.recognise.mnist_form import Mask
from pipeline.recognise.pictures.pieces import EVERY_SIDE
from pipeline.recognise.pictures.rulings import level_lines
from pipeline.types import Floats

LEAST_RANGE = 60.0  # grey levels between ink and paper
EXTREMES = (4, 96)
"""Percentiles of a picture's grey: ink on the one side, paper on the other."""
PART = 0.02
"""Of the picture: smaller pieces are no parts of ink or of paper."""
WIDEST = 0.5
"""Of the picture's longer side: ink is narrower."""
THINNEST, THICKEST, THICKEST_OF_FEW = 0.09, 0.4, 0.7
"""Of the picture's longer side: how thick ink is where it is thickest. A net of lines is thinner, shade is thicker."""
FEW_PIXELS = 32
"""In smaller pictures, strokes are bolder, more often straight, and cover more of the sides."""
COVERED, COVERED_OF_FEW = 0.4, 0.75
"""How much of the sides ink may cover at most: it ends there, while shade, grounds and frames run along them."""
LINES, LINES_OF_FEW = 2, 8
"""How many straight lines may lead across the picture: a 7 has one, a 4 two, squared paper has more."""
NEAR = 0.06
"""Of the picture's longer side: how far from each side ink may end; its edge is soft, and hands cut roughly."""
MAIN = 0.7
"""Of the ink: the largest piece holds more."""
WHITE = 255


def cropped_ink(grey: Floats) -> tuple[Floats, Mask] | None:
    """Return by how much each pixel of a cropped picture differs from the paper, and where it is ink.

    Both are of the picture's shape (height, width); its grey levels go from 0 to 255. None if it was not cropped to the
    ink: if there is a side that no ink reaches, or if what reaches the sides is no ink, but the frame of a cell, say,
    or a net of lines.
    """
    low, high = np.percentile(grey, EXTREMES)
    if high - low < LEAST_RANGE:
        return None
    middle = (low + high) / 2
    is_dark = _ink_is_dark(grey < middle)
    turned, middle = (grey, middle) if is_dark else (WHITE - grey, WHITE - middle)
    if any(np.ptp(strip) < (high - low) / 4 and strip.mean() > middle for strip in _strips(turned)):
        return None  # a margin: most pictures have one, and need no closing
    size = max(grey.shape) if max(grey.shape) <= FEW_PIXELS else round(WIDEST * max(grey.shape))
    paper = np.pad(turned, size, constant_values=np.percentile(turned, EXTREMES[1]))
    contrast = ndimage.grey_closing(paper, (size, size))[size:-size, size:-size] - turned
    mask = contrast > (high - low) / 2
    return (contrast, mask) if mask.any() and _fills(mask) else None


def _ink_is_dark(dark: Mask) -> bool:
    """Tell whether what is dark is the ink: it hangs together, while paper is parted by it, and has most corners."""
    parts = [np.bincount(ndimage.label(mask, EVERY_SIDE)[0][mask]) > PART * mask.size for mask in (dark, ~dark)]
    inks, papers = (int(part.sum()) for part in parts)
    corners = dark[[0, 0, -1, -1], [0, -1, 0, -1]]
    return inks < papers or (inks == papers and dark.mean() + corners.mean() < 1)


def _strips(picture: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    """Return what is near each of the four sides of a picture."""
    near = max(round(NEAR * max(picture.shape)), 1)
    return picture[:near], picture[-near:], picture[:, :near], picture[:, -near:]


def _fills(mask: Mask) -> bool:
    """Tell whether a mask is the ink that a picture was cropped to."""
    is_small = max(mask.shape) <= FEW_PIXELS
    sides = [mask[0], mask[-1], mask[:, 0], mask[:, -1]]
    if not all(strip.any() for strip in _strips(mask)):
        return False
    if np.concatenate(sides).mean() > (COVERED_OF_FEW if is_small else COVERED):
        return False
    if np.bincount(ndimage.label(mask, EVERY_SIDE)[0][mask]).max() < MAIN * mask.sum():
        return False
    thickest = 2 * ndimage.distance_transform_edt(np.pad(mask, 1)).max() / max(mask.shape)
    if not THINNEST <= thickest <= (THICKEST_OF_FEW if is_small else THICKEST):
        return False
    lines = level_lines(mask, np.zeros_like(mask)) + level_lines(mask.T, np.zeros_like(mask.T))
    return len(lines) <= (LINES_OF_FEW if is_small else LINES)
