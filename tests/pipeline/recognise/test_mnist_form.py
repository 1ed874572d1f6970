"""MNIST's form: which pictures are taken as they are."""

import numpy as np
import pytest

from pipeline.recognise.mnist_form import bounding_box, centre_of_mass, frame_of, in_mnist_form
from pipeline.recognise.strokes.rasterize import render
from pipeline.types import Bytes, Drawing


def digit(side: int = 28) -> Bytes:
    """Return a rendered 4."""
    strokes = (np.array([[6, 0], [0, 10], [9, 10]], np.float32), np.array([[6, 5], [6, 15]], np.float32))
    pixels = render(Drawing(strokes), (side, side))
    assert pixels is not None
    return pixels.reshape(side, side)


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("side", [14, 28, 56])
def test_ready_images_pass_either_way_round(side: int) -> None:
    pixels = digit(side)
    for picture in (pixels, 255 - pixels):
        found = in_mnist_form(picture, (side, side))
        assert found is not None
        np.testing.assert_array_equal(found, pixels)


def test_other_pictures_do_not() -> None:
    pixels = digit()
    others = [
        np.roll(pixels, 3, axis=0),
        np.roll(pixels, -3, axis=1),
        pixels[4:24, 4:24],
        np.maximum(pixels, 9),
        np.zeros_like(pixels),
        np.full_like(pixels, 255),
        np.pad(pixels[::2, ::2], 7),
    ]
    assert [in_mnist_form(other, (28, 28)) is None for other in others] == [True] * len(others)


def test_proportions_scale_with_the_shorter_side() -> None:
    frame = frame_of((56, 70))
    assert (frame.box, frame.pen) == (40, 4.4)
    np.testing.assert_allclose(frame.target, [36, 29])


def test_centre_of_mass_and_bounding_box() -> None:
    ink = np.zeros((5, 9))
    ink[1, 3] = ink[2, 6] = 2
    np.testing.assert_allclose(centre_of_mass(ink), [5, 2])
    assert bounding_box(ink > 0) == (slice(1, 3), slice(3, 7))
