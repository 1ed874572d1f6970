"""A file declares images or its values show them; a shape that does not fit is refused."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from pipeline.errors import ConfigError, DataError
from pipeline.prepare.csv.images import declared_shape, inferred_shape, parse_shape
from pipeline.prepare.csv.layout import Layout
from pipeline.types import ImageShape

PATH = Path("a.csv")


def layout(*names: str) -> Layout:
    return Layout(",", ("label", *names), True, 0, False, tuple(range(1, len(names) + 1)), 2, 0, 9)


def grid(rows: int, columns: int, first: int = 1) -> Layout:
    return layout(*(f"{r + first}x{c + first}" for r in range(rows) for c in range(columns)))


@pytest.mark.parametrize(
    ("known", "given_shape", "expected"),
    [
        (layout(*(f"pixel{i}" for i in range(9))), None, (3, 3)),
        (layout(*(f"px_{i}" for i in range(4))), None, (2, 2)),
        (layout(*(f"Pixel.{i}" for i in range(4))), (1, 4), (1, 4)),
        (layout(*map(str, range(784))), None, (28, 28)),
        (layout(*map(str, range(783))), None, None),
        (layout("a", "pixel1", "b", "c"), None, None),
        (layout("a", "b", "c", "d"), (2, 2), (2, 2)),
        (layout("1x1", "1x1x1", "2x1", "2x2"), None, None),
    ],
)
def test_declared(known: Layout, given_shape: ImageShape | None, expected: ImageShape | None) -> None:
    assert declared_shape(PATH, known, given_shape) == expected


@given(rows=st.integers(1, 12), columns=st.integers(1, 12), first=st.integers(0, 1))
def test_a_grid_of_names_tells_its_shape(rows: int, columns: int, first: int) -> None:
    assert declared_shape(PATH, grid(rows, columns, first), None) == (rows, columns)


@pytest.mark.parametrize("shape", [(2, 3), (-2, -2), (0, 4)])
def test_a_shape_that_does_not_fit(shape: ImageShape) -> None:
    with pytest.raises(DataError, match=r"a\.csv: expected .* features for the image shape given, found 4"):
        declared_shape(PATH, layout("a", "b", "c", "d"), shape)


@pytest.mark.parametrize(
    ("names", "given_shape"), [(("a", "b", "c", "d"), (2, 2)), (("1x1", "1x2", "2x1", "2x2"), None)]
)
def test_images_that_nobody_could_draw(
    names: tuple[str, ...], given_shape: ImageShape | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert declared_shape(PATH, layout(*names), given_shape) == (2, 2)
    assert inferred_shape(1024**2, is_bytes=True) == (1024, 1024)
    assert inferred_shape(1025**2, is_bytes=True) is None
    monkeypatch.setattr("pipeline.prepare.csv.images.MAX_PIXELS", 3)
    with pytest.raises(DataError, match=r"a\.csv: expected images of at most 3 pixels, found 2 x 2; make them smaller"):
        declared_shape(PATH, layout(*names), given_shape)


@pytest.mark.parametrize("names", [("pixel0", "pixel1", "pixel2"), ("1x1", "1x2", "2x1")])
def test_pixels_that_are_no_square(names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="the header names 3 pixels, which are no square image"):
        declared_shape(PATH, layout(*names), None)


@pytest.mark.parametrize(
    ("count", "is_bytes", "expected"),
    [
        (64, True, (8, 8)),
        (64, False, None),
        (63, True, None),
        (65, True, None),
        (49, True, None),
        (1024, True, (32, 32)),
    ],
)
def test_inferred(count: int, *, is_bytes: bool, expected: ImageShape | None) -> None:
    assert inferred_shape(count, is_bytes=is_bytes) == expected


@pytest.mark.parametrize(("text", "shape"), [(None, None), ("28x28", (28, 28)), ("3X5", (3, 5))])
def test_a_shape_is_parsed(text: str | None, shape: ImageShape | None) -> None:
    assert parse_shape(text) == shape


@pytest.mark.parametrize("text", ["", "28", "28x", "0x9", "9x0", "-1x9", "2x3x4", "axb", "1" * 5000 + "x1"])
def test_what_is_no_shape_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected height and width, such as 28x28; found"):
        parse_shape(text)
