"""Edges by direction against their twin, and what must hold for any image."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from kernels.images.orientation import MOST, orientations
from kernels.machine.threads import CHUNK
from kernels.types import DIRECTIONS, SIDE, Bytes, Floats
from pipeline.threads import available_threads, using_threads
from tests.kernels import twins_filters
from tests.strategies import examples, seeds

sides = st.integers(1, 40)
shapes = st.tuples(sides, sides) | st.just((28, 28))
scales = st.sampled_from([1 / 255, 1 / 2000, 1 / 31])  # as usual, of faint ink, and of ink that is brighter than white
DTYPES = (np.uint8, np.float32)
RIGHT, DOWN_RIGHT, DOWN, LEFT, UP = 0, 1, 2, 4, 6


def made_up(seed: int, count: int, height: int, width: int, dtype: npt.DTypeLike = np.uint8) -> Any:  # noqa: ANN401
    """Return random images, (count, height, width), with black pixels as well as grey ones."""
    random = np.random.default_rng(seed)
    images = random.uniform(0, 256, (count, height, width)) * (random.random((count, height, width)) < 0.5)
    return images.astype(dtype)


def found(images: Bytes | Floats, scale: float = 1 / 255) -> Bytes:
    """Return the edges of images, (n, height, width), by place and direction."""
    count, height, width = images.shape
    values = orientations(images.reshape(count, -1), height, width, scale).values
    return values.reshape(count, SIDE, SIDE, DIRECTIONS)


@examples(40)
@given(seeds, shapes, scales, st.sampled_from(DTYPES))
def test_edges_equal_the_twins(seed: int, shape: tuple[int, int], scale: float, dtype: type) -> None:
    images = made_up(seed, 2, *shape, dtype)
    for values, image in zip(found(images, scale), images, strict=True):
        expected = twins_filters.edges(image.astype(np.float64), scale)
        # Rounded once here and not there; and float32, whose least error shows in the root of hardly anything.
        np.testing.assert_allclose(values, expected, rtol=0, atol=0.5 + 1e-3)


@examples(10)
@given(shapes, scales, st.sampled_from(DTYPES))
def test_blank_paper_has_no_edges(shape: tuple[int, int], scale: float, dtype: type) -> None:
    assert not found(np.zeros((2, *shape), dtype), scale).any()


@pytest.mark.parametrize("shape", [(28, 28), (20, 33)])
def test_a_white_page_has_edges_at_its_borders_only(shape: tuple[int, int]) -> None:
    values, middle = found(np.full((1, *shape), 255, np.uint8))[0], SIDE // 2
    assert not values[3:-3, 3:-3].any()
    for (i, j), direction in {(middle, 0): RIGHT, (0, middle): DOWN, (middle, -1): LEFT, (-1, middle): UP}.items():
        assert np.flatnonzero(values[i, j]).tolist() == [direction]


def test_a_slanting_edge_runs_in_a_direction_of_its_own() -> None:
    y, x = np.indices((28, 28))
    values = found(np.where(x + y > 27, 255, 0).astype(np.uint8)[np.newaxis])[0]
    middle = values[SIDE // 2, SIDE // 2]
    assert middle.argmax() == DOWN_RIGHT
    assert np.flatnonzero(middle).tolist() == [DOWN_RIGHT]


def test_an_edge_sharper_than_can_be_is_no_more_than_most() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[:, 7:21, 7:21] = 1e30
    assert found(image, 1.0).max() == MOST


def test_a_pixel_that_is_all_of_an_image_has_no_edge() -> None:
    """On either side it is black: nothing at the pixel itself tells where it gets brighter."""
    assert not found(np.full((1, 1, 1), 255, np.uint8)).any()


@examples(15)
@given(seeds, shapes, st.sampled_from(DTYPES))
def test_a_turned_image_has_turned_edges(seed: int, shape: tuple[int, int], dtype: type) -> None:
    images = made_up(seed, 1, *shape, dtype)
    values = found(np.rot90(images, axes=(1, 2)).copy())
    assert differ_by_rounding(values, twins_filters.transposed(found(images)))


@examples(15)
@given(seeds, shapes, st.sampled_from(DTYPES))
def test_a_mirrored_image_has_mirrored_edges(seed: int, shape: tuple[int, int], dtype: type) -> None:
    images = made_up(seed, 1, *shape, dtype)
    values = found(images[:, :, ::-1].copy())
    assert differ_by_rounding(values, twins_filters.mirrored(found(images)))


def differ_by_rounding(values: Bytes, others: Bytes) -> bool:
    """Tell whether sums in another order are all that makes two arrays differ: by one, and hardly anywhere."""
    off = np.abs(values.astype(int) - others)
    return bool(off.max() <= 1 and off.mean() < 0.01)


@pytest.mark.jit  # without it, all threads are one
def test_threads_and_company_make_no_difference() -> None:
    images = made_up(3, CHUNK + 1, 3, 5)
    with using_threads(1):
        alone = found(images)
    with using_threads(available_threads()):
        np.testing.assert_array_equal(found(images), alone)
    for row in (0, CHUNK // 2, CHUNK):
        np.testing.assert_array_equal(found(images[row : row + 1])[0], alone[row])


@pytest.mark.parametrize("dtype", DTYPES)
def test_there_may_be_no_images(dtype: type) -> None:
    values = orientations(np.zeros((0, 12), dtype), 3, 4, 1.0).values
    assert (values.shape, values.dtype) == ((0, SIDE * SIDE * DIRECTIONS), np.dtype(np.uint8))


@pytest.mark.parametrize("dtype", DTYPES)
def test_images_are_left_as_they_are_and_may_be_read_only(dtype: type) -> None:
    images = made_up(4, 3, 6, 7, dtype)
    expected, before = found(images), images.tobytes()
    images.flags.writeable = False
    np.testing.assert_array_equal(found(images), expected)
    assert images.tobytes() == before


@pytest.mark.parametrize("times", [2, 3])
def test_a_larger_image_has_the_same_edges(times: int) -> None:
    y, x = np.indices((28 * times, 28 * times)) / times
    large = (255 * np.exp(-(((x - 12) / 4) ** 2) - ((y - 15) / 6) ** 2)).astype(np.float32)
    small = large.reshape(28, times, 28, times).mean(axis=(1, 3))
    np.testing.assert_allclose(found(large[np.newaxis]).astype(int), found(small[np.newaxis]), atol=12)
