"""Pictures: right size, the same bytes again, and a plain word where they can't be drawn."""

import io
import math
import struct
import sys
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from pipeline.errors import ScrawlError
from pipeline.report.pictures import MOST_DOTS, draw_curves, draw_worst
from pipeline.types import EpochReport

BLUE, RED = (0x3B, 0x6E, 0xA5), (0xC8, 0x55, 0x3D)


def history(epochs: int, *, validated: bool = True, fall: float = 0.5) -> tuple[EpochReport, ...]:
    """Return epochs whose loss falls by a factor each, with validation figures that level off."""
    return tuple(
        EpochReport(
            epoch,
            fall**epoch,
            0.05 + fall**epoch if validated else None,
            0.98 - fall**epoch / 2 if validated else None,
            1e-3,
            1.0,
        )
        for epoch in range(1, epochs + 1)
    )


def pixels(png: bytes) -> npt.NDArray[np.uint8]:
    """Return a PNG's pixels: (height, width, 3) uint8."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def has(picture: npt.NDArray[np.uint8], colour: tuple[int, int, int]) -> bool:
    return bool((picture == colour).all(axis=2).any())


def chunks(png: bytes) -> list[bytes]:
    """Return the names of a PNG's chunks, each with its own checksum checked."""
    names, position = [], 8
    while position < len(png):
        (length,) = struct.unpack_from(">I", png, position)
        content = png[position + 4 : position + 8 + length]
        assert struct.unpack_from(">I", png, position + 8 + length)[0] == zlib.crc32(content)
        names.append(content[:4])
        position += 12 + length
    return names


@pytest.mark.parametrize("reports", [history(1), history(12), history(MOST_DOTS + 60, fall=0.9)], ids=len)
def test_curves_show_training_and_validation(reports: tuple[EpochReport, ...]) -> None:
    picture = pixels(draw_curves(reports))
    left, right = np.split(picture, [picture.shape[1] // 2], axis=1)
    assert has(left, BLUE)
    assert has(left, RED)
    assert has(right, RED)
    assert not has(right, BLUE)


def test_what_makes_training_rows_harder_is_said_where_two_losses_are_drawn() -> None:
    plain, told = draw_curves(history(3)), draw_curves(history(3), ["labels smoothed by 0.05"])
    assert (pixels(told)[-20:] < 160).sum() > (pixels(plain)[-20:] < 160).sum()
    alone = history(3, validated=False)
    assert draw_curves(alone, ["labels smoothed by 0.05"]) == draw_curves(alone)


def test_without_validation_there_is_one_panel() -> None:
    one, two = pixels(draw_curves(history(5, validated=False))), pixels(draw_curves(history(5)))
    assert has(one, BLUE)
    assert not has(one, RED)
    assert one.shape[1] < 0.6 * two.shape[1]


@pytest.mark.parametrize("error", [0.0, 1.0])
def test_a_perfect_and_a_hopeless_network_can_be_drawn(error: float) -> None:
    reports = tuple(report._replace(loss=0.0, validation_accuracy=1 - error) for report in history(3))
    assert has(pixels(draw_curves(reports)), RED)


def test_an_epoch_without_validation_leaves_a_gap() -> None:
    reports = history(4)
    gap = reports[1]._replace(validation_loss=None, validation_accuracy=None)
    assert has(pixels(draw_curves((reports[0], gap, *reports[2:]))), RED)


def test_the_same_figures_give_the_same_bytes() -> None:
    assert draw_curves(history(12)) == draw_curves(history(12))
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8), np.uint8)
    sheets = [draw_worst(images, ["a"] * 3, ["b"] * 3, [0.5] * 3) for _ in range(2)]
    assert sheets[0] == sheets[1]


def test_nothing_in_the_file_tells_when_or_with_what_it_was_drawn() -> None:
    assert set(chunks(draw_curves(history(2)))) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (8, 1), (9, 2), (20, 3)])
def test_the_sheet_grows_by_rows(count: int, rows: int) -> None:
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 10:18, 10:18] = 200
    picture = pixels(draw_worst(images, ["7"] * count, ["1"] * count, [0.9] * count))
    assert picture.shape[0] == 176 * rows
    # One black square an image: count those that begin, along the lines where squares begin.
    dark = (picture == 0).all(axis=2)
    solid = dark[:-12, :-12] & dark[12:, 12:] & dark[12:, :-12] & dark[:-12, 12:]
    corners = solid[1:, 1:] & ~solid[:-1, 1:] & ~solid[1:, :-1]
    assert int(corners.sum()) == count


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_ink_is_dark_on_light_paper_however_faint(dtype: npt.DTypeLike) -> None:
    images = np.zeros((1, 4, 4), dtype)
    images[0, 1:3, 1:3] = 3
    picture = pixels(draw_worst(images, ["a"], ["b"], [0.7]))
    assert has(picture, (0, 0, 0))
    assert (picture == 255).mean() > 0.5


def test_blank_images_and_long_names_can_be_drawn() -> None:
    names = ["an endless name of a class"] * 2
    blank = pixels(draw_worst(np.zeros((2, 4, 4), np.uint8), names, names, [math.nextafter(1, 0)] * 2))
    assert blank.shape == pixels(draw_worst(np.zeros((2, 4, 4), np.uint8), ["a"] * 2, ["b"] * 2, [1.0] * 2)).shape


def test_no_mistakes_are_no_error() -> None:
    assert (pixels(draw_worst(np.zeros((0, 28, 28), np.uint8), [], [], [])) < 128).any(), "it says so"


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ScrawlError, match=r"Drawing needs matplotlib.*pip install '\.\[report\]'"):
        draw_curves(history(2))


def test_dollar_signs_in_names_are_no_formulas() -> None:
    sheet = draw_worst(np.zeros((1, 4, 4), np.uint8), ["$\\x$"], ["a$b$"], [0.5])
    assert (pixels(sheet) < 128).any(), "the caption"
