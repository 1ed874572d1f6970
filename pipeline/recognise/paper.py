"""Ink told from paper: in scans, screenshots, and photos with uneven light, noise and specks."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

LEAST_CONTRAST = 12.0
"""Grey levels by which ink must differ from the paper: pure yellow on white, hard to see, does by 29."""
NOISE_FACTOR = 6.0
"""Standard deviations of the paper's noise by which ink must differ: by chance, none of a million pixels does."""
GAUSSIAN = 1.4826  # standard deviations in a median absolute deviation, for Gaussian noise
EVEN = 2.0  # grey levels of spread along the border up to which paper counts as even
BORDER_SHARE = 0.05  # of each side, that is looked at as border
SAMPLES = 64  # along each side, from which uneven paper is estimated
TRIMMED_SHARE = 0.6  # of the samples, that fit best: paper covers at least so much
ROUNDS = 10  # of fitting: it settles within a few
FULL_PERCENTILE = 80  # of what may be ink, from its faint edges to its core: the level of full ink
SPECK_SHARE = 0.03
"""Of the largest piece of ink: a smaller one, apart from it, is dirt."""
GAP_SHARE = 0.02
"""Of the longer side: narrower gaps don't part a piece of ink. Thin lines break where they fade."""

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class Ink(NamedTuple):
    """What is drawn in a picture.

    Attributes
    ----------
    amount : (height, width) float32
        From 0, paper, to 1, ink.
    mask : (height, width) bool
        Where there is more ink than paper.
    """

    amount: Floats
    mask: Mask


def find_ink(grey: Floats) -> Ink | None:
    """Tell ink from paper, whichever is the darker one.

    Parameters
    ----------
    grey : (height, width) float32
        From 0 to 255.

    Returns
    -------
    Ink or None
        None if all is paper.
    """
    contrast = _contrast(grey)
    contrast = contrast - np.median(contrast)
    candidates = contrast[contrast > max(LEAST_CONTRAST, NOISE_FACTOR * _noise(contrast))]
    if not candidates.size:
        return None
    full = np.percentile(candidates, FULL_PERCENTILE)
    mask = _without_specks(contrast > full / 2)
    # Beside the ink lie its soft edges; further off there is nothing but noise.
    near = ndimage.binary_dilation(mask, iterations=2)
    return Ink(np.where(near, np.clip(contrast / full, 0, 1), 0).astype(np.float32), mask)


def _contrast(grey: Floats) -> Floats:
    """Return by how many grey levels each pixel differs from the paper, in the direction in which the ink does."""
    border = grey[_border(grey.shape)]
    middle = np.median(border)
    if np.median(np.abs(border - middle)) <= EVEN:
        return _sign(grey - middle) * (grey - middle)
    contrast = grey - _smooth_paper(grey)
    return _sign(contrast) * contrast


def _sign(contrast: Floats) -> int:
    """Return 1 if the pixels that differ most from the paper, which is at 0, are lighter than it, -1 if darker."""
    return 1 if (contrast.astype(np.float64) ** 3).sum() > 0 else -1


def _noise(contrast: Floats) -> float:
    """Return the standard deviation of the paper's noise: of what differs between neighbours, edges apart."""
    steps = np.abs(np.diff(contrast, axis=1, append=contrast[:, -1:]))
    return float(GAUSSIAN * np.median(steps) / math.sqrt(2))


def _border(shape: tuple[int, int]) -> Mask:
    """Return a mask of the pixels along the four sides of an image."""
    rows, columns = (max(round(BORDER_SHARE * side), 1) for side in shape)
    border = np.ones(shape, dtype=bool)
    border[rows:-rows, columns:-columns] = False
    return border


def _quadratic(rows: int, columns: int) -> Floats:
    """Return the six terms of a quadratic in x and y over an image, (6, rows, columns); both from -1 to 1."""
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y]).astype(np.float32)


def _smooth_paper(grey: Floats) -> Floats:
    """Return the grey that the paper has under uneven light, ink or not.

    Notes
    -----
    A quadratic surface, fitted to the samples along the border first, then again and again to those of all samples that
    fit it best (least trimmed squares): ink is not among them.

    References
    ----------
    P. J. Rousseeuw, K. Van Driessen: Computing LTS regression for large data sets. Data Mining and Knowledge Discovery
    12, 2006; the concentration steps.
    """
    small = _sampled(grey)
    values, terms = small.reshape(-1), _quadratic(*small.shape).reshape(6, -1).T
    chosen = _border(small.shape).reshape(-1)
    for _ in range(ROUNDS):
        weights = np.linalg.lstsq(terms[chosen], values[chosen], rcond=None)[0]
        misfit = np.abs(values - terms @ weights)
        chosen = misfit <= np.quantile(misfit, TRIMMED_SHARE)
    return np.asarray(np.tensordot(weights, _quadratic(*grey.shape), axes=1), np.float32)


def _sampled(grey: Floats) -> Floats:
    """Return a small copy of a picture, from corner to corner, each sample averaged over its surroundings."""
    rows, columns = (np.linspace(0, side - 1, min(side, SAMPLES)).round().astype(np.intp) for side in grey.shape)
    smooth = ndimage.uniform_filter(grey, [max(side // SAMPLES, 1) for side in grey.shape])
    return np.asarray(smooth[np.ix_(rows, columns)])


def _without_specks(mask: Mask) -> Mask:
    """Return the mask without pieces that are small and apart from the largest one."""
    reach = max(round(GAP_SHARE * max(mask.shape) / 2), 1)
    pieces, count = ndimage.label(ndimage.binary_dilation(mask, np.ones((3, 3)), iterations=reach))
    areas = np.bincount(pieces[mask], minlength=count + 1)
    return np.asarray(mask & (areas >= SPECK_SHARE * areas.max())[pieces])
