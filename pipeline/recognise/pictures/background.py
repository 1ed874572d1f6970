"""What a picture would show if nothing were drawn on it: the paper, as light and shadow leave it.

The paper is taken to be what is left when all that is narrower than a stroke could ever be is filled with the level
around it (a morphological closing). Unlike a surface fitted to the picture, that follows the hard edge of a shadow, of
a desk beside the sheet, or of a cutting that was pasted on another page.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from pipeline.recognise.mnist_form import Mask
from pipeline.types import Floats

WHITE = 255
WIDEST, WIDEST_OF_LONG = 1 / 3, 1 / 5
"""Of a picture's shorter and longer side: what is dark and wider than both is no stroke but shade or ground. A 1 may
fill a narrow picture, but is never so bold."""
STRIP = 0.22
"""Of a picture's side: where its ground is another one along a side, and narrower than that, it is not the paper."""
OTHER_GROUND = 0.15  # of the lightest grey: by how much such a strip differs from the paper
DARKEST_PAPER = 40.0  # grey level below which paper's share of the light can't be told
SMOOTHED = 1 / 400  # of the longer side: the deviation of the Gaussian that takes off the noise of a sensor
MOST_SMOOTHED = 1.5  # pixels
EVEN = 4.0  # grey levels between the lightest and the darkest paper up to which it counts as even
SIDES, MOST = 0.8, 0.4  # of the sides, and of the picture, that have one level where something is drawn on even ground
SAMPLES = 64  # along each side, from which it is decided what holds of the whole picture
OFFSET = 20.0  # grey levels, added before logarithms are taken
LOW = 10  # percentile, which in Gaussian noise lies 1.28 deviations below the median
LOW_DEVIATIONS = 1.28


class Contrast(NamedTuple):
    """How a picture differs from its paper."""

    # (height, width): grey levels by which it is darker than the paper, had the paper 255, or lighter if that
    # is the ink; about 0 where there is nothing.
    amount: Floats
    noise: float  # standard deviation of the amount where there is nothing
    strips: Mask  # (height, width): where something else than the paper shows, along a side
    is_even: bool  # whether the paper has one and the same level everywhere: no camera has seen it


def contrast_of(grey: Floats) -> Contrast:
    """Tell by how much each pixel of a picture (height, width), from 0 to 255, differs from the paper around it."""
    is_dark = ink_is_dark(grey)
    turned = grey if is_dark else WHITE - grey
    if all(spread(np.diff(turned, axis=axis)) > 0 for axis in (0, 1)):
        turned = ndimage.gaussian_filter(turned, min(max(grey.shape) * SMOOTHED, MOST_SMOOTHED))
    size = max(round(WIDEST * min(grey.shape)), round(WIDEST_OF_LONG * max(grey.shape)), 3)
    paper = closed(turned, size)
    amount = paper - turned
    if is_dark:
        # Ink takes away a share of the light, in a shadow as beside it.
        amount *= WHITE / np.maximum(paper, DARKEST_PAPER)
    even = float(np.ptp(paper)) <= EVEN
    return Contrast(amount - np.median(amount), spread(amount), strips_of(paper), even)


def closed(grey: Floats, size: int) -> Floats:
    """Return a picture with all filled that is dark and holds no square of `size`; as if its sides went on for ever."""
    padded = np.pad(grey, size, "edge")
    return np.asarray(ndimage.grey_closing(padded, (size, size))[size:-size, size:-size])


def ink_is_dark(grey: Floats) -> bool:
    """Tell whether what stands out from its surroundings, more so near the middle, is darker than them or lighter.

    What stands out differs from the median around it, and is narrow: the edge of a shadow is neither, the inside of a
    0 only the latter. Logarithms, as light is multiplied. On even ground, whatever is on it is the ink: where a bold 0
    was cropped tightly, its inside is narrower than its line.
    """
    level = even_ground(grey)
    if level is not None:
        return bool(level >= (grey.min() + grey.max()) / 2)
    small = np.log(sampled(grey) + np.float32(OFFSET))
    size = max(max(small.shape) // 3, 3)
    above = small - ndimage.median_filter(small, size, mode="nearest")
    dark = np.minimum(closed(small, size) - small, np.maximum(-above, 0))
    light = np.minimum(closed(-small, size) + small, np.maximum(above, 0))
    rows, columns = (1 - np.linspace(-1, 1, side) ** 2 for side in small.shape)
    return bool(rows @ (dark.astype(np.float64) ** 3 - light.astype(np.float64) ** 3) @ columns >= 0)


def even_ground(grey: Floats) -> float | None:
    """Return the level that lies along the sides of a picture and in much of it, if all else is narrow."""
    sides = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    level = float(np.median(sides))
    if any((np.abs(part - level) <= EVEN).mean() <= least for part, least in ((sides, SIDES), (grey, MOST))):
        return None
    apart = -np.abs(sampled(grey) - level)
    is_narrow = closed(apart, max(max(apart.shape) // 3, 3)).min() > apart.min() / 2
    return level if is_narrow else None


def strips_of(paper: Floats) -> Mask:
    """Return where the ground of a picture is not that of its middle, but of a desk, say, along one of its sides."""
    small = sampled(paper)
    # Beyond a side, the strip is mirrored: it is twice as wide there.
    size = [max(round(2 * STRIP * side), 1) for side in small.shape]
    dark = ndimage.grey_closing(small, size, mode="reflect") - small
    light = small - ndimage.grey_opening(small, size, mode="reflect")
    other = ndimage.binary_dilation(np.maximum(dark, light) > OTHER_GROUND * small.max())
    nearest = [
        np.linspace(0, few - 1, many).round().astype(int) for few, many in zip(small.shape, paper.shape, strict=True)
    ]
    return np.asarray(other[np.ix_(*nearest)])


def spread(values: Floats) -> float:
    """Return the standard deviation of noise whose upper half may be hidden under something else."""
    low, middle = np.percentile(values, [LOW, 50])
    return float(middle - low) / LOW_DEVIATIONS


def sampled(grey: Floats) -> Floats:
    """Return a small copy of a picture, from corner to corner, each sample averaged over its surroundings."""
    rows, columns = (np.linspace(0, side - 1, min(side, SAMPLES)).round().astype(np.intp) for side in grey.shape)
    smooth = ndimage.uniform_filter(grey, [max(side // SAMPLES, 1) for side in grey.shape])
    return np.asarray(smooth[np.ix_(rows, columns)])
