"""Paper under light and shadow, and the ground beside it."""

import numpy as np
import pytest

from pipeline.recognise.pictures.background import closed, contrast_of, even_ground, ink_is_dark, strips_of
from pipeline.types import Floats

SIDE = 160


def cross() -> Floats:
    """Return a cross: 1 where it is."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[40:120, 76:86] = mask[70:80, 45:115] = 1
    return mask


@pytest.mark.parametrize("slope", [-0.4, 0.0, 0.7])
def test_the_edge_of_a_shadow_is_no_ink(slope: float) -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    shadow = np.where(y - 100 + slope * (x - 80) < 0, 1.0, 0.5).astype(np.float32)
    found = contrast_of(200 * shadow * (1 - 0.6 * cross()))
    # Ink is not told from the paper where it lies along the edge.
    assert (np.abs(found.amount[cross() == 1] - 0.6 * 255) < 0.1).mean() > 0.9
    assert np.abs(found.amount[cross() == 0]).max() < 1e-3
    assert not found.is_even


def test_even_paper_without_noise() -> None:
    found = contrast_of(np.where(cross() == 1, 90, 250).astype(np.float32))
    assert found.is_even
    assert found.noise == 0
    assert not found.strips.any()


@pytest.mark.parametrize("noise", [2.0, 8.0])
def test_noise_is_measured_beside_the_ink(noise: float) -> None:
    grey = 200 - 120 * cross() + np.random.default_rng(0).normal(0, noise, (SIDE, SIDE))
    found = contrast_of(grey.astype(np.float32))
    assert noise / 3 < found.noise < 2 * noise  # a part is smoothed away


def test_which_way_round() -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    ring = (np.abs(np.hypot(y - 80, x - 80) - 25) < 4).astype(np.float32)
    half = np.where(x < 60, 0.5, 1).astype(np.float32)
    for ink in (cross(), ring):
        assert ink_is_dark((220 - 150 * ink) * half)
        assert not ink_is_dark((60 + 150 * ink) * half)


@pytest.mark.parametrize("margin", [2, 4])
def test_the_inside_of_a_large_bold_zero_is_no_ink(margin: int) -> None:
    y, x = np.mgrid[:80, :54]
    away = np.hypot((y - 39.5) / (40 - margin), (x - 26.5) / (27 - margin))
    ring = ((away < 1) & (away > 0.4)).astype(np.float32)
    assert ink_is_dark(250 - 240 * ring)
    assert not ink_is_dark(10 + 240 * ring)


def test_ground_is_even_where_all_else_is_narrow() -> None:
    drawn = 220 - 200 * cross()
    assert even_ground(drawn) == 220
    assert even_ground(np.pad(np.full((100, 100), 220, np.float32), 50)) is None  # a sheet on black
    assert even_ground(drawn * np.linspace(0.9, 1, SIDE, dtype=np.float32)) is None


@pytest.mark.parametrize(("ground", "is_strip"), [(90.0, True), (250.0, True), (195.0, False)])
def test_a_strip_of_another_ground(ground: float, *, is_strip: bool) -> None:
    paper = np.full((SIDE, SIDE), 200, np.float32)
    paper[:, :20] = ground
    found = strips_of(paper)
    assert found[:, :20].all() == is_strip
    assert not found[:, 26:].any()


def test_a_closing_leaves_what_is_wide_and_what_goes_on_beyond_a_side() -> None:
    grey = np.full((60, 60), 9, np.float32)
    grey[:, :5] = 3
    grey[20:40, 20:40] = 4
    grey[10:12, 30:40] = 1
    expected = grey.copy()
    expected[10:12, 30:40] = 9
    np.testing.assert_array_equal(closed(grey, 20), expected)
