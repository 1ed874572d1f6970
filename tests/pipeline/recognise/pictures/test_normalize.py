"""Pictures of digits: one and the same image, however the digit was put on paper or on the screen."""

import io
import tracemalloc

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from pipeline.errors import DataError
from pipeline.recognise.mnist_form import bounding_box, centre_of_mass
from pipeline.recognise.pictures.normalize import read_picture
from pipeline.recognise.strokes.rasterize import render
from pipeline.types import Bytes, Drawing

STROKE = np.array([[0, 3], [3, 0], [7, 1], [9, 4], [8, 8], [4, 13], [0, 16], [5, 15], [11, 16]], np.float32)
"""A 2."""


def digit() -> Bytes:
    pixels = render(Drawing((STROKE,)))
    assert pixels is not None
    return pixels


def saved(grey: npt.NDArray[np.uint8], fmt: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, fmt, **options)
    return stream.getvalue()


def enlarged() -> Bytes:
    """Return the digit ten times as large, in a corner of a black picture."""
    large = np.asarray(Image.fromarray(digit().reshape(28, 28)).resize((280, 280), Image.Resampling.BICUBIC))
    return np.asarray(np.pad(large, ((0, 300), (150, 0))))


def read_image(source: bytes, shape: tuple[int, int] = (28, 28)) -> Bytes:
    return read_picture(source, shape).pixels


def likeness(found: Bytes) -> float:
    """Return the correlation of an image with the rendered digit."""
    return float(np.corrcoef(found, digit())[0, 1])


def test_an_image_in_mnists_form_passes_verbatim() -> None:
    square = digit().reshape(28, 28)
    np.testing.assert_array_equal(read_image(saved(square)), digit())
    np.testing.assert_array_equal(read_image(saved(255 - square)), digit())


@pytest.mark.jit  # slow without it
def test_large_pictures_either_way_round() -> None:
    assert likeness(read_image(saved(enlarged()))) > 0.97
    assert likeness(read_image(saved(255 - enlarged()))) > 0.97


@pytest.mark.jit  # slow without it
def test_a_photo() -> None:
    large = enlarged() / 255
    light = np.linspace(150, 220, large.shape[1]) * (1 - 0.7 * large)
    noisy = light + np.random.default_rng(0).normal(0, 5, large.shape)
    assert likeness(read_image(saved(noisy.clip(0, 255).astype(np.uint8), "JPEG", quality=60))) > 0.95


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize(("size", "width"), [((300, 300), 1), ((1000, 700), 1), ((1000, 700), 30), ((60, 60), 1)])
def test_lines_of_any_width_look_as_if_drawn_with_mnists_pen(size: tuple[int, int], width: int) -> None:
    picture = Image.new("L", size, 255)
    points = [tuple(point) for point in (STROKE * (min(size) / 24) + min(size) / 10).tolist()]
    ImageDraw.Draw(picture).line(points, fill=0, width=width, joint="curve")
    assert likeness(read_image(saved(np.asarray(picture)))) > 0.85


def test_other_sizes_keep_the_proportions() -> None:
    large = read_image(saved(enlarged()), (56, 56)).reshape(56, 56)
    rows, columns = bounding_box(large > 127)
    assert max(rows.stop - rows.start, columns.stop - columns.start) == pytest.approx(40, abs=1)
    np.testing.assert_allclose(centre_of_mass(large.astype(np.float64)), 29, atol=0.3)


def test_ink_is_never_pushed_over_the_edge() -> None:
    picture = np.zeros((300, 300), np.uint8)
    picture[20:80, 20:80] = 255
    picture[78:280, 76:80] = 255
    found = read_image(saved(picture)).reshape(28, 28)
    rows, _ = bounding_box(found > 40)
    assert rows.stop - rows.start >= 19


def test_a_blank_picture() -> None:
    with pytest.raises(DataError, match="the picture: expected a digit, no ink found"):
        read_image(saved(np.full((50, 40), 200, np.uint8)))


def test_a_crop_pasted_on_white() -> None:
    """A 1 on grey paper, on white: the paper's edge is none of it."""
    picture = np.full((200, 200), 255, np.uint8)
    picture[40:160, 60:140] = 240
    picture[55:145, 97:103] = 40
    alone = np.full((200, 200), 240, np.uint8)
    alone[55:145, 97:103] = 40
    np.testing.assert_array_equal(read_image(saved(picture)), read_image(saved(alone)))


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("part", ["left", "bottom", "all four", "thick"])
def test_remnants_of_a_forms_lines(part: str) -> None:
    """Lines along a side are none of a 1, whether at one side or at all."""
    alone = np.full((124, 166), 255, np.uint8)
    alone[30:100, 80:86] = 60
    lines = {
        "left": np.pad(alone[:, 3:], ((0, 0), (3, 0)), constant_values=20),
        "bottom": np.pad(alone[:-3], ((0, 3), (0, 0)), constant_values=20),
        "all four": np.pad(alone[1:-1, 1:-1], 1),
        "thick": np.pad(alone[4:-4, 4:-4], 4),
    }
    np.testing.assert_array_equal(read_image(saved(lines[part])), read_image(saved(alone)))


def test_a_one_may_fill_a_narrow_picture() -> None:
    picture = np.full((120, 30), 255, np.uint8)
    picture[6:114, 9:21] = 0
    assert 19 <= np.ptp(np.flatnonzero(read_image(saved(picture)).reshape(28, 28).any(axis=1))) + 1 <= 21


def test_noise_as_jpeg_is_blank() -> None:
    noise = np.random.default_rng(0).normal(230, 6, (300, 300)).clip(0, 255).astype(np.uint8)
    for quality in (60, 75, 90):
        with pytest.raises(DataError, match="no ink found"):
            read_image(saved(noise, "JPEG", quality=quality))


@pytest.mark.jit  # slow without it
def test_faint_ink_in_a_photo_is_doubtful() -> None:
    large = enlarged() / 255
    light = np.linspace(150, 220, large.shape[1])
    assert read_picture(saved(np.rint(light * (1 - 0.2 * large)).astype(np.uint8))).doubtful
    assert not read_picture(saved(np.rint(light * (1 - 0.5 * large)).astype(np.uint8))).doubtful


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize(("blur", "doubtful"), [(4, False), (28, True)])
def test_far_out_of_focus_a_digit_is_in_doubt(blur: int, *, doubtful: bool) -> None:
    """The pen is 22 pixels wide."""
    soft = ndimage.gaussian_filter(255.0 - np.pad(enlarged(), 100), blur)
    assert read_picture(saved(np.rint(soft).astype(np.uint8))).doubtful == doubtful


def test_several_digits_side_by_side_are_in_doubt() -> None:
    one = np.full((124, 166), 255, np.uint8)
    one[30:100, 80:86] = 60
    assert read_picture(saved(np.hstack([one, one]))).doubtful


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("shape", [(2, 392), (392, 2), (1, 784), (3, 3000)])
@pytest.mark.parametrize("size", [(12, 2000), (2000, 12), (40, 700)])
def test_no_shape_of_image_takes_more_room_than_a_picture(shape: tuple[int, int], size: tuple[int, int]) -> None:
    grey = np.full(size, 255, np.uint8)
    grey[size[0] // 4 : size[0] // 2 + 1, size[1] // 4 : size[1] // 2 + 1] = 20
    picture = saved(grey)
    tracemalloc.start()
    try:
        assert read_image(picture, shape).any()
        assert tracemalloc.get_traced_memory()[1] < 100_000_000  # (2, 392) took 3.7 GB for 1 x 2000
    finally:
        tracemalloc.stop()


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_longer_image_shows_the_same_digit_amid_more_paper(rows: int) -> None:
    short = read_image(saved(enlarged()), (rows, 100)).reshape(rows, 100)
    long = read_image(saved(enlarged()), (rows, 300)).reshape(rows, 300)
    np.testing.assert_allclose(long[:, 100:200].astype(int), short, atol=1)
    assert short.any()
    assert not long[:, :100].any()
    assert not long[:, 200:].any()
    upright = read_image(saved(enlarged().T.copy()), (300, rows)).reshape(300, rows)
    assert upright.any()
