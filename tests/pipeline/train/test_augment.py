"""Training rows distorted for an epoch: how strongly, which, and the sheet that shows them."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from kernels.types import Distortion
from pipeline.errors import ConfigError, OutputError
from pipeline.train.augment import (
    DISTORTION,
    HIGHEST,
    Augmentation,
    augmentation_of,
    augmented,
    changed,
    faded,
    share_left,
)
from pipeline.train.preview import EPOCHS, LINE, tiled, write_sheet
from tests.digits import blobs


def images() -> Augmentation:
    """Return a few small images, to be distorted by what is usual."""
    return augmentation_of(blobs(rows=30), DISTORTION)


def test_strengths_that_can_be_are_left_alone() -> None:
    for strength in (DISTORTION, HIGHEST, Distortion()):
        assert changed(DISTORTION, strength._asdict()) == strength


@pytest.mark.parametrize(
    ("name", "value"), [("thickness", 1.1), ("slant", 90), ("scale", -0.1), ("elastic", float("nan"))]
)
def test_strengths_that_can_not_be_are_named(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be a number from 0 to .*; found {value}"):
        changed(DISTORTION, {name: value, "rotation": None})


def test_options_take_the_place_of_what_is_usual() -> None:
    assert changed(DISTORTION, {"rotation": 3.0, "scale": None}) == DISTORTION._replace(rotation=3.0)


def test_strengths_fade() -> None:
    half = faded(images(), 0.5).strength
    assert half.rotation == DISTORTION.rotation / 2
    assert half.smoothness == DISTORTION.smoothness
    np.testing.assert_array_equal(augmented(faded(images(), 0.0), 3, 4), images().features)
    assert not np.array_equal(augmented(faded(images(), 0.5), 3, 4), augmented(images(), 3, 4))


def test_rows_are_distorted_as_they_are_among_all() -> None:
    everything, rows = augmented(images(), 3, 4), np.array([7, 3, 7])
    room = np.empty((3, 16), np.uint8)
    assert augmented(images(), 3, 4, rows=rows, out=room) is room
    np.testing.assert_array_equal(room, everything[rows])
    assert not np.array_equal(augmented(images(), 3, 5), everything)
    assert not np.array_equal(augmented(images(), 4, 4), everything)


def test_only_images_of_grey_levels_are_distorted() -> None:
    with pytest.raises(ConfigError, match="expected images to distort"):
        augmentation_of(blobs(image_shape=None), DISTORTION)
    fractions = blobs()._replace(features=blobs().features.astype(np.float32))
    with pytest.raises(ConfigError, match="found float32"):
        augmentation_of(fractions, DISTORTION)


@pytest.mark.jit  # slow without it
def test_a_sheet_shows_an_image_of_each_class_and_what_becomes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    document = write_sheet(path, blobs(rows=30), DISTORTION, 0)
    assert document["images"] == 30
    assert document["seconds"] > 0
    assert document["strength"] == DISTORTION._asdict()
    first = path.read_bytes()
    with Image.open(io.BytesIO(first)) as page:
        assert page.size == ((EPOCHS + 1) * (84 + LINE) + LINE, 3 * (84 + LINE) + LINE)
    write_sheet(path, blobs(rows=30), DISTORTION, 0)
    assert path.read_bytes() == first
    write_sheet(path, blobs(rows=30), DISTORTION, 1)
    assert path.read_bytes() != first


def test_the_speed_that_is_told_is_that_of_all_rows(tmp_path: Path) -> None:
    document = write_sheet(tmp_path / "sheet.png", blobs(rows=6), DISTORTION, 0)
    assert (document["images"], document["seed"]) == (6, 0)
    assert document["seconds"] > 0


def test_a_sheet_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "sheet.png").mkdir()
    with pytest.raises(OutputError, match=r"sheet\.png"):
        write_sheet(tmp_path / "sheet.png", blobs(rows=30), DISTORTION, 0)


@given(st.integers(1, 200), st.floats(0, 1))
def test_distortions_fade_at_the_end_only(epochs: int, decay: float) -> None:
    shares = [share_left(epoch, epochs, decay) for epoch in range(epochs)]
    assert all(0 <= share <= 1 for share in shares)
    assert shares == sorted(shares, reverse=True)
    assert sum(share == 1 for share in shares) >= int((1 - decay) * epochs) - 1
    assert shares[-1] == (0 if decay else 1)


def test_tiles_lie_where_they_belong() -> None:
    tiles = np.zeros((2, 3, 42, 50), np.uint8)
    tiles[1, 2] = 255
    with Image.open(io.BytesIO(tiled(tiles))) as page:
        pixels = np.asarray(page)
    assert pixels.shape == (2 * 86 + 2, 3 * 102 + 2)
    assert not pixels[88:-2, 206:-2].any()
    assert (pixels[2:86, 2:102] == 255).all()
