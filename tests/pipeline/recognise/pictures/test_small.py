"""Scans of few pixels: the ink is found whatever of the picture it covers; shade, grain and frames are none."""

import numpy as np
import pytest

from pipeline.recognise.pictures.small import FEW_PIXELS, LONG, small_ink
from pipeline.types import Bytes

RING = np.hypot(*np.mgrid[-7.5:8, -7.5:8])
SHAPES = {
    "a bold 0 that touches all sides": np.abs(RING - 5.5) < 2.5,
    "a thin 0 that touches all sides": np.abs(RING - 7) < 0.7,
    "a 1 that covers most": np.abs(np.subtract(*np.mgrid[:16, :16])) < 9,
    "an upright 1 with room beside it": np.pad(np.ones((16, 3), bool), ((0, 0), (6, 7))),
    "a 7": (np.arange(16)[:, np.newaxis] < 3) | (np.abs(np.add(*np.mgrid[:16, :16]) - 15) < 2),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (90, 200)])
def test_ink_is_found(name: str, ink: int, paper: int) -> None:
    mask = np.asarray(SHAPES[name], bool)
    found = small_ink(np.where(mask, ink, paper).astype(np.float32))
    assert found
    np.testing.assert_array_equal(found[1], mask)
    np.testing.assert_array_equal(found[0], np.where(mask, abs(ink - paper), 0))


def framed() -> Bytes:
    grey = np.full((24, 24), 255, np.uint8)
    grey[:2] = grey[-2:] = grey[:, :2] = grey[:, -2:] = grey[10:14, 10:14] = 0
    return grey


UNCLEAR = {
    "nothing": np.full((16, 16), 200),
    "faint": np.where(RING < 5, 200, 240),
    "shade": np.tile(np.linspace(60, 255, 32), (32, 1)),
    "uneven paper": np.where(np.arange(32) == 5, 20, np.tile(np.where(np.arange(32) < 16, 255, 140), (32, 1))),
    "a frame": framed(),
    "a light frame": 255 - framed(),
    "large": np.where(np.arange(40) < 9, 0, np.full((FEW_PIXELS + 1, 40), 255)),
    "long": np.where(np.arange(LONG + 1) < 9, 0, np.full((20, LONG + 1), 255)),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_unclear_is_left_to_others(name: str) -> None:
    assert small_ink(UNCLEAR[name].astype(np.float32)) is None
