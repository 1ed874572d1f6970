"""A drawing as a picture: what is saved is what was drawn, and reads as what was drawn."""

import io

import numpy as np
from PIL import Image

from pipeline.recognise.pictures.normalize import read_picture
from pipeline.recognise.strokes.png import drawing_to_png
from pipeline.recognise.strokes.rasterize import render
from pipeline.types import Drawing
from tests.strokes import drawn


def pixels_of(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture)


def test_ink_is_where_it_was_drawn() -> None:
    pixels = pixels_of(drawing_to_png(Drawing((np.array([[10, 8], [10, 8], [30, 8]], np.float32),), 50, 20), 6))
    assert pixels.shape == (20, 50)
    assert (pixels[6:10, 9:31] == 0).all()
    assert (pixels[:4] == 255).all()
    assert (pixels[:, 36:] == 255).all()
    assert pixels[8, 7] < 255


def test_a_dot_an_empty_board_and_one_without_a_size() -> None:
    dot = pixels_of(drawing_to_png(Drawing((np.array([[10, 10]], np.float32),), 20, 20), 8))
    assert dot[10, 10] == 0
    assert abs((dot < 128).sum() - np.pi * 16) < 4
    assert (pixels_of(drawing_to_png(Drawing((), 9, 7), 8)) == np.full((7, 9), 255)).all()
    assert pixels_of(drawing_to_png(Drawing(()), 8)).shape == (1, 1)


def test_the_picture_is_read_as_the_strokes_are() -> None:
    strokes = tuple(np.array(line, np.float32) for line in drawn("5", events=8, height=70, at=(20, 10)))
    expected = render(Drawing(strokes))
    found = read_picture(drawing_to_png(Drawing(strokes, 90, 90), 7.7)).pixels
    assert expected is not None
    assert np.abs(found.astype(int) - expected).mean() < 6
