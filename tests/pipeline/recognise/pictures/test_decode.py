"""Picture files: every mode, depth, transparency and rotation, and every kind of damage."""

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from pipeline.errors import DataError
from pipeline.recognise.pictures import decode as picture
from pipeline.recognise.pictures.decode import read_grey
from pipeline.types import Floats

SCENE = np.full((20, 30), 255, np.uint8)
SCENE[4:16, 6:9] = 0


def grey_of(source: Path | bytes) -> Floats:
    return read_grey(source).grey


def saved(image: Image.Image, fmt: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, fmt, **options)
    return stream.getvalue()


@pytest.mark.parametrize("fmt", ["PNG", "BMP", "GIF", "JPEG"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK"])
def test_modes_and_formats(mode: str, fmt: str) -> None:
    image = Image.fromarray(SCENE).convert("RGB").convert(mode)
    if (mode, fmt) in {("P", "JPEG"), ("CMYK", "PNG"), ("CMYK", "BMP"), ("CMYK", "GIF")}:
        image = image.convert("RGB")
    grey = grey_of(saved(image, fmt))
    assert grey.dtype == np.float32
    assert np.abs(grey - SCENE).max() <= (40 if fmt == "JPEG" else 0)


def test_sixteen_bits() -> None:
    deep = Image.fromarray(SCENE.astype(np.uint16) * 257)
    np.testing.assert_allclose(grey_of(saved(deep)), SCENE, atol=1e-3)


def test_the_first_frame_of_an_animation() -> None:
    frames = [Image.fromarray(SCENE), Image.fromarray(255 - SCENE)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(grey_of(content), SCENE)


def test_by_how_much_a_picture_was_reduced() -> None:
    factors = [read_grey(saved(Image.new("L", (20, longest)))).factor for longest in (1024, 1025, 5000)]
    assert factors == [1, 2, 5]


def test_the_cameras_note_on_rotation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by a quarter
    content = saved(Image.fromarray(SCENE), "PNG", exif=exif)
    np.testing.assert_array_equal(grey_of(content), np.rot90(SCENE, -1))


def layered(grey: npt.NDArray[np.uint8], alpha: npt.NDArray[np.uint8]) -> bytes:
    return saved(Image.merge("LA", [Image.fromarray(grey), Image.fromarray(alpha)]))


@pytest.mark.parametrize(("level", "ground"), [(0, 255), (60, 255), (255, 0), (200, 0)])
def test_transparent_ground_contrasts_with_the_ink(level: int, ground: int) -> None:
    grey = grey_of(layered(np.full_like(SCENE, level), 255 - SCENE))
    np.testing.assert_allclose(grey, np.where(SCENE == 0, level, ground), atol=1e-3)


def test_transparent_corners_take_the_papers_grey() -> None:
    alpha = np.full_like(SCENE, 255)
    alpha[:3, :3] = 0
    grey = np.where(alpha == 0, 0, SCENE).astype(np.uint8)
    np.testing.assert_array_equal(grey_of(layered(grey, alpha)), SCENE)


def test_a_wholly_transparent_picture_is_blank() -> None:
    assert not grey_of(layered(SCENE, np.zeros_like(SCENE))).any()


def test_large_pictures_are_reduced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "LONGEST_SIDE", 10)
    assert grey_of(saved(Image.fromarray(SCENE))).shape == (7, 10)


def test_too_many_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    content = saved(Image.fromarray(SCENE))
    monkeypatch.setattr(picture, "MAX_PIXELS", 500)
    with pytest.raises(DataError, match="the picture: expected at most 500 pixels, found 30 x 20"):
        grey_of(content)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match=r"decompression bomb.*Expected at most 500 pixels"):
        grey_of(content)


def test_what_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with pytest.raises(DataError, match=r"a\.png: no such file"):
        grey_of(path)
    with pytest.raises(DataError, match="expected a picture, found a folder"):
        grey_of(tmp_path)
    with pytest.raises(DataError, match="null: the picture can't be read: expected a plain file, found a device"):
        grey_of(Path(os.devnull))
    path.write_text("label,1x1\n")
    with pytest.raises(DataError, match=r"a\.png: expected a PNG, JPEG, BMP or GIF picture, found something else"):
        grey_of(path)


def test_a_picture_cut_short_anywhere_before_its_end_is_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 30), np.uint8)
    content = saved(Image.fromarray(noise))
    # The last bytes, from the final ones of the pixels' chunk on, hold only checksums and the mark of the end.
    for length in range(len(content) - 32):
        with pytest.raises(DataError, match="expected a"):
            grey_of(content[:length])


@given(st.sampled_from(["PNG", "JPEG", "BMP", "GIF"]), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255))))
def test_damage_is_refused_or_read(fmt: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(saved(Image.fromarray(SCENE), fmt))
    for place, value in changes:
        content[place % len(content)] = value
    message = "the picture: "
    try:
        assert grey_of(bytes(content)).ndim == 2
    except DataError as error:
        message = str(error)
    assert message.startswith("the picture: ")
