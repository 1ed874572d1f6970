"""Distortions against their twins, and what must hold for any image."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from kernels.images.distort import distort
from kernels.images.elastic import smoothing
from kernels.types import Bytes, Distortion
from pipeline.threads import available_threads, using_threads
from tests.kernels import twins_distort
from tests.strategies import examples, seeds

pytestmark = pytest.mark.xdist_group("distort")  # one process compiles what they share

FULL = Distortion(rotation=15, scale=0.15, aspect=0.1, slant=15, translation=2, elastic=36, smoothness=6, thickness=0.9)
FIELDS = ("rotation", "scale", "aspect", "slant", "translation", "elastic", "thickness")
EACH = [FULL, *(Distortion()._replace(**{name: getattr(FULL, name)}) for name in FIELDS)]
sides = st.integers(1, 9)
strengths = st.builds(
    Distortion,
    rotation=st.sampled_from([0, 15, 180]),
    scale=st.sampled_from([0, 0.15, 2]),
    aspect=st.sampled_from([0, 0.1, 1]),
    slant=st.sampled_from([0, 15, 60]),
    translation=st.sampled_from([0, 2.5, 30]),
    elastic=st.sampled_from([0, 8, 36]),
    smoothness=st.sampled_from([0, 2, 6]),
    thickness=st.sampled_from([0, 0.5, 1]),
)


def made_up(seed: int, count: int, height: int, width: int) -> Bytes:
    """Return random images, (count, height, width), with black pixels as well as white ones."""
    random = np.random.default_rng(seed)
    return (random.integers(0, 256, (count, height, width)) * (random.random((count, height, width)) < 0.4)).astype(
        np.uint8
    )


def blobs(seed: int, count: int, side: int = 28) -> Bytes:
    """Return smooth shapes in the middle of larger images, as digits are."""
    random = np.random.default_rng(seed)
    y, x = np.indices((side, side))
    images = np.zeros((count, side, side))
    for _ in range(6):
        centre, radius = random.uniform(0.35, 0.65, (2, count)) * side, random.uniform(0.07, 0.11, (count, 1, 1)) * side
        off = (x - centre[0][:, None, None]) ** 2 + (y - centre[1][:, None, None]) ** 2
        images = np.maximum(images, 255 * np.exp(-off / radius**2))
    return np.where(images < 8, 0, images).astype(np.uint8)


def distorted(
    images: Bytes, strength: Distortion, seed: int = 0, epoch: int = 0, rows: npt.NDArray[np.integer] | None = None
) -> Bytes:
    """Return images, (n, height, width), distorted."""
    count, height, width = images.shape
    rows = np.arange(count) if rows is None else rows
    out = np.full((rows.size, height * width), 99, np.uint8)
    distort(images.reshape(count, height * width), height, width, rows, strength, seed, epoch, out)
    return out.reshape(-1, height, width)


@examples(30)
@given(seeds, sides, sides, strengths, st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_a_batch_equals_its_twin(
    seed: int, height: int, width: int, strength: Distortion, epoch: int, drawn: int
) -> None:
    images = made_up(seed, 2, height, width)
    found = distorted(images, strength, drawn, epoch)
    for row, image in enumerate(images):
        expected, _ = twins_distort.distort_one(image, strength, row, epoch, drawn)
        # Rounded once here and not there; and float32, where a pixel is 255 and its neighbour 0.
        assert np.abs(found[row] - expected).max() <= 0.51


@given(seeds, sides, sides, st.integers(0, 99))
def test_no_strength_is_the_identity(seed: int, height: int, width: int, epoch: int) -> None:
    images = made_up(seed, 3, height, width)
    np.testing.assert_array_equal(distorted(images, Distortion(), seed, epoch), images)


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("strength", EACH)
def test_neither_threads_nor_company_nor_order_matter(strength: Distortion) -> None:
    images = blobs(0, 40)
    alone = distorted(images, strength, 5, 7)
    assert not np.array_equal(alone, images)
    with using_threads(available_threads()):
        np.testing.assert_array_equal(distorted(images, strength, 5, 7), alone)
    with using_threads(1):
        np.testing.assert_array_equal(distorted(images, strength, 5, 7), alone)
    rows = np.random.default_rng(0).integers(0, 40, 60).astype(np.int32)
    np.testing.assert_array_equal(distorted(images, strength, 5, 7, rows), alone[rows])
    np.testing.assert_array_equal(distorted(images, strength, 5, 7, np.array([17])), alone[[17]])


@pytest.mark.jit
def test_many_images_on_all_threads_equal_few_on_one() -> None:
    images = blobs(0, 40)
    rows = np.arange(3000) % 40
    with using_threads(available_threads()):
        found = distorted(images, FULL, 5, 7, rows)
    with using_threads(1):
        np.testing.assert_array_equal(found, distorted(images, FULL, 5, 7)[rows])


def test_epochs_seeds_and_rows_draw_differently() -> None:
    images = np.repeat(blobs(1, 1), 2, axis=0)
    for strength in EACH:
        first = distorted(images, strength, 0, 0)
        assert not np.array_equal(first[0], first[1])
        assert not np.array_equal(first, distorted(images, strength, 0, 1))
        assert not np.array_equal(first, distorted(images, strength, 1, 0))
        assert not np.array_equal(first, distorted(images, strength, 2**32, 0))


@examples(10)
@given(seeds, strengths)
def test_blank_paper_stays_blank(seed: int, strength: Distortion) -> None:
    assert not distorted(np.zeros((2, 5, 7), np.uint8), strength, seed).any()


def test_there_may_be_nothing_to_distort() -> None:
    assert distorted(np.zeros((0, 4, 6), np.uint8), FULL).shape == (0, 4, 6)
    assert distorted(blobs(0, 2), FULL, rows=np.zeros(0, np.int64)).shape == (0, 28, 28)


@examples(25)
@given(seeds, st.integers(1, 12), st.integers(1, 12))
def test_ink_that_is_moved_too_far_stops_at_the_border(seed: int, height: int, width: int) -> None:
    images = made_up(seed, 4, height, width)
    found = distorted(images, Distortion(translation=400), seed)
    # What one pixel loses, its neighbours gain; each is rounded once.
    change = found.sum(axis=(1, 2), dtype=float) - images.sum(axis=(1, 2))
    assert np.abs(change).max() <= 0.51 * height * width


@examples(25)
@given(seeds, st.sampled_from([0.0, 2.0, 400.0]))
def test_no_ink_is_cut_off(seed: int, far: float) -> None:
    images = blobs(seed, 8)
    before = images.sum(axis=(1, 2), dtype=float)
    linear = FULL._replace(translation=far, elastic=0, thickness=0)
    change = distorted(images, linear, seed).sum(axis=(1, 2)) / before
    assert change.max() <= 1.15**2 * 1.02
    assert change.min() >= 0.98 / 1.15**2
    # Displacements spread and crowd the ink, each by up to half; they do not take it away.
    change = distorted(images, Distortion(translation=far, elastic=36), seed).sum(axis=(1, 2)) / before
    assert change.max() <= 1.6
    assert change.min() >= 0.6


@pytest.mark.parametrize("angle", [10, 45, 120])
def test_turning_back_leaves_the_image(angle: float) -> None:
    """Find an epoch whose draw turns the other way by about as much, and turn what was turned."""
    images = blobs(3, 1)
    turns = [angle * twins_distort.shares(0, epoch, 0)[0] for epoch in range(400)]
    there = int(np.argmax(turns))
    back = int(np.argmin(np.abs(np.array(turns) + turns[there])))
    assert abs(turns[there] + turns[back]) < 1
    strength = Distortion(rotation=angle)
    transposed = distorted(images, strength, 0, there)
    again = distorted(transposed, strength, 0, back).astype(float)
    # Interpolated twice, a peak loses some of its height; a degree moves what is ten pixels out by a sixth of one.
    assert np.abs(again - images).mean() < 2
    assert np.abs(again - images).max() < 40
    assert np.abs(transposed.astype(float) - images).max() > 50


def test_a_pen_moves_edges_by_what_was_drawn() -> None:
    bar = np.zeros((1, 12, 30), np.uint8)
    bar[:, 3:9, 3:27] = 255
    for epoch in range(20):
        wide = distorted(bar, Distortion(thickness=0.5), 0, epoch)[0, :, 15].sum() / 255
        assert wide == pytest.approx(6 + 2 * 0.5 * twins_distort.shares(0, epoch, 0)[6], abs=0.01)


def test_a_thin_line_is_not_erased() -> None:
    line = np.zeros((1, 9, 30), np.uint8)
    line[:, 4, 3:27] = 255
    for epoch in range(20):
        assert distorted(line, Distortion(thickness=1), 0, epoch).sum() >= 0.49 * line.sum()


def test_ink_grows_over_the_border_of_a_full_image_only_by_making_room() -> None:
    full = np.full((1, 6, 6), 255, np.uint8)
    found = distorted(np.repeat(full, 50, axis=0), FULL)
    assert found.min() >= 0
    assert found.mean(axis=(1, 2)).min() > 60  # smaller, as its corners need room, but there


def test_the_angles_of_images_are_even() -> None:
    bars = np.zeros((100, 25, 25), np.uint8)
    bars[:, 3:22, 11:14] = 255
    found = distorted(bars, Distortion(rotation=20), 4).astype(float)
    y, x = np.indices((25, 25)) - 12
    mixed, along = (found * x * y).sum(axis=(1, 2)), (found * (y * y - x * x)).sum(axis=(1, 2))
    angles = np.degrees(np.arctan2(-2 * mixed, along) / 2)
    assert np.abs(angles).max() == pytest.approx(20, abs=1)
    assert abs(angles.mean()) < 4 * 20 / np.sqrt(3 * 100)
    assert angles.std() == pytest.approx(20 / np.sqrt(3), rel=0.15)


def test_displacements_are_as_large_as_the_paper_s() -> None:
    """In the middle of a large field, smoothed noise deviates by `alpha / (2 sigma √(3 π))`."""
    weights = smoothing(64, 64, 36, 6)
    rows = weights.down.reshape(-1, 64)[32]
    columns = weights.across.reshape(64, 64)[:, 32]
    deviation = np.linalg.norm(rows) * np.linalg.norm(columns) / np.sqrt(3)
    assert deviation == pytest.approx(36 / (2 * 6 * np.sqrt(3 * np.pi)), rel=1e-3)
