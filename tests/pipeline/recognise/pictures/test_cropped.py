"""Pictures that were cropped to the ink, and others that only touch all four sides."""

import numpy as np
import pytest
from scipy import ndimage

from pipeline.recognise.mnist_form import Mask
from pipeline.recognise.pictures.cropped import cropped_ink

y, x = np.mgrid[:120, :100]
SEVEN = (y < 14) | (np.abs(x - 92 + 0.7 * (y - 10)) < 9)
RING = np.abs(np.hypot((y - 59.5) / 60, (x - 49.5) / 50) - 0.88) < 0.12


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("noise", [0, 4])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("ink", [SEVEN, RING])
def test_the_bar_of_a_seven_is_no_line(ink: Mask, noise: int, *, turned: bool) -> None:
    grey = np.where(ink != turned, 40, 220) + np.random.default_rng(0).normal(0, noise, ink.shape)
    found = cropped_ink(grey.astype(np.float32))
    assert found is not None
    np.testing.assert_array_equal(found[1], ink)


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("margin", [0, 4])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("ink", [SEVEN, RING])
def test_edges_are_soft_and_hands_cut_roughly(ink: Mask, margin: int, *, turned: bool) -> None:
    soft = ndimage.gaussian_filter(np.pad(ink, 10).astype(np.float32), 3)[10:-10, 10:-10]
    grey = np.pad(220 - 180 * soft, margin, constant_values=220)
    found = cropped_ink(255 - grey if turned else grey)
    assert found is not None
    assert (found[1] == np.pad(ink, margin)).mean() > 0.95


OTHERS = {
    "nothing": np.zeros_like(SEVEN),
    "a margin": np.pad(SEVEN, 12),
    "frame": (y < 5) | (y > 114) | (x < 5) | (x > 94),
    "squares": (y % 20 < 3) | (x % 20 < 3),
    "thin net": (np.abs(y - x) < 3) | (np.abs(y + x - 110) < 3),
    "two pieces": (np.abs(x - 20) < 8) | (y > 60) & (y < 75) & (x > 40),
    "two rings": np.abs(np.hypot((y - 59.5) / 60, (np.minimum(x, 99 - x) - 24) / 25) - 0.85) < 0.15,
    "shade": (x > 48) & (y > 18) | (y > 112),
}


@pytest.mark.parametrize("what", OTHERS)
def test_other_pictures(what: str) -> None:
    assert cropped_ink(np.where(OTHERS[what], 40, 220).astype(np.float32)) is None


def test_ink_reaches_all_sides_in_one_piece_and_is_no_blot() -> None:
    cross = (np.abs(x - 50) < 21) | (np.abs(y - 60) < 21)
    apart = (x < 12) & (y < 60) | (x > 86) & (y > 50)
    found = [cropped_ink(np.where(ink, 40, 220).astype(np.float32)) for ink in (RING, cross, apart)]
    assert [each is not None for each in found] == [True, False, False]
