"""Elastic distortions: every pixel looks a little aside, as its neighbours do.

A field of displacements is noise, drawn for each pixel and axis from -1 to 1, smoothed by a Gaussian of sigma pixels
whose weights add up to 1, times alpha. Beyond the image there is no noise: near its border, displacements are smaller.
Smoothing is separable, and a product of matrices for each axis: for images as small as digits and a Gaussian as wide
as is wanted, that is quicker than any filter.

References
----------
P. Y. Simard, D. Steinkraus, J. C. Platt: Best practices for convolutional neural networks applied to visual document
analysis. ICDAR 2003.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.images.matrices import Field, in_tiles
from kernels.machine.blocks import padded
from kernels.machine.jit import jit_bare
from kernels.machine.philox import WORD, philox

FIRST_BLOCK = 2
"""The random numbers of earlier blocks are for other things."""

HALF = 0xFFFF
"""A random number of 32 bits is enough for a pixel: 16 for each axis, of noise that is averaged anyway."""


class Smoothing(NamedTuple):
    """What turns noise into displacements.

    Attributes
    ----------
    down : flat float32
        A matrix of `height` columns and as many rows, in whole tiles: the weights along the columns of the image.
    across : flat float32
        A matrix of `width` rows, padded to whole vectors: the weights along its rows, times alpha.
    """

    down: Field
    across: Field


def smoothing(height: int, width: int, alpha: float, sigma: float) -> Smoothing:
    """Return the matrices for images of a size; parameters as in the module's docstring, in pixels."""
    down = np.zeros((int(in_tiles(height)), height), np.float32)
    across = np.zeros((width, padded(width)), np.float32)
    down[:height], across[:, :width] = _weights(height, sigma), alpha * _weights(width, sigma)
    return Smoothing(down.ravel(), across.ravel())


def _weights(size: int, sigma: float) -> npt.NDArray[np.float64]:
    """Return the Gaussian's weight of each pixel (column) for each (row)."""
    if not sigma:
        return np.eye(size)
    reach = np.arange(-int(8 * sigma) - 1, int(8 * sigma) + 2)
    total = np.exp(-(reach**2) / (2 * sigma**2)).sum()
    places = np.arange(size)
    return np.asarray(np.exp(-((places[:, None] - places) ** 2) / (2 * sigma**2)) / total)


@jit_bare
def fill_noise(across: Field, down: Field, words: int, row: int, epoch: int, seed: int) -> None:
    """Draw noise for the displacements across and down, `words` (a multiple of 4) numbers each, from -1 to 1."""
    quarter, real = words // 4, np.float32
    low, high, first_key, second_key = row & WORD, (row >> 32) & WORD, seed & WORD, (seed >> 32) & WORD
    for k in range(quarter):
        drawn = philox(k + FIRST_BLOCK, low, high, epoch, first_key, second_key)
        for part in range(4):
            word = drawn[part]
            across[part * quarter + k] = real((word & HALF) - HALF / 2) / real(HALF / 2)
            down[part * quarter + k] = real((word >> 16) - HALF / 2) / real(HALF / 2)
