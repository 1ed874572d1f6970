"""Drawings among the rows: drawn anew each time they are shown, and nothing else."""

import numpy as np
import pytest

from kernels.images.drawings import StrokeDistortion
from kernels.types import Distortion
from pipeline.train.augment import augmented, faded
from pipeline.train.epoch import rows_to_see
from pipeline.train.redraw import STROKES, redrawing_of, redrawn, strength_by
from pipeline.train.shuffle import Window
from pipeline.train.training_set import TrainingSet, training_set_of, with_drawings
from pipeline.train.warm_up import warm_up
from pipeline.types import Dataset, Strokes
from tests.digits import TINY, blobs

pytestmark = pytest.mark.xdist_group("drawings")  # one process compiles what draws them

T = np.linspace(0, 1, 20)
WAVE = np.stack([T, 0.5 + np.sin(9 * T) / 2], axis=1).astype(np.float32)
DRAWINGS = Strokes(np.concatenate([WAVE, WAVE[:, ::-1].copy()]), np.array([0, 20, 30, 40]), np.array([0, 1, 3]))
DRAWN = Dataset(np.full((2, 16), 7, np.uint8), np.array([1, 2], np.uint8), (4, 4), ("0", "1", "2"))
DISTORTED = TINY._replace(distortion=1.0)


def shown(buffer: int = 0) -> TrainingSet:
    """Return rows with both drawings among them, a tenth of an epoch; images are not distorted, which takes longer."""
    config = DISTORTED._replace(shuffle_buffer=buffer)
    training_set = with_drawings(training_set_of(blobs(), config), DRAWN, DRAWINGS)
    return training_set._replace(images=training_set.images and training_set.images._replace(strength=Distortion()))


def test_rows_are_drawn_by_their_numbers_and_others_stay() -> None:
    redrawing = redrawing_of(DRAWINGS, range(10, 13), (4, 4), 1.0)
    rows = np.arange(6 * 16).reshape(6, 16).astype(np.uint8)
    numbers = np.array([9, 10, 11, 12, 13, 10])
    first, second = (redrawn(rows, numbers, redrawing, 0, epoch) for epoch in (0, 1))
    np.testing.assert_array_equal(first[[0, 4]], rows[[0, 4]])
    np.testing.assert_array_equal(first[1], first[5])
    assert (first[1] != first[3]).any(), "the same drawing, shown once more"
    assert all((first[i] != second[i]).any() for i in (1, 2, 3, 5))
    plain = redrawn(rows, numbers, redrawing._replace(strength=StrokeDistortion(pen=1e-9)), 0, 0)
    np.testing.assert_array_equal(plain[1], plain[3])
    assert (plain[1] != plain[2]).any(), "another drawing"
    np.testing.assert_array_equal(rows, np.arange(6 * 16).reshape(6, 16), "what was given is as it was")


def test_without_strength_or_drawings_rows_are_as_they_were() -> None:
    rows, redrawing = np.zeros((2, 16), np.uint8), redrawing_of(DRAWINGS, range(10, 12), (4, 4), 0.0)
    assert redrawn(rows, np.array([10, 11]), redrawing, 0, 0) is rows
    assert redrawn(rows, np.array([9, 12]), redrawing_of(DRAWINGS, range(10, 12), (4, 4), 1.0), 0, 0) is rows


def test_half_the_strength_is_half_of_all_and_the_root_of_what_thinning_leaves() -> None:
    half = strength_by(0.5)
    assert half.wobble == STROKES.wobble / 2
    assert strength_by(2.0).haste == 1, "beyond the middle of its neighbours no event goes"
    assert (1 - half.thinning) ** 2 == pytest.approx(1 - STROKES.thinning)


def test_each_showing_is_drawn_anew_and_then_distorted() -> None:
    training_set = shown()
    added = training_set.rows[training_set.rows >= 150]
    np.testing.assert_array_equal(added, np.arange(150, 162))  # a tenth of 120 rows is 12
    np.testing.assert_array_equal(training_set.labels[added], [1, 2] * 6)
    assert training_set.images
    images = [augmented(training_set.images, 0, epoch, added) for epoch in (0, 1)]
    assert len({row.tobytes() for each in images for row in each}) == 24
    np.testing.assert_array_equal(augmented(training_set.images, 0, 0)[:150], training_set.features[:150])
    both = training_set.images._replace(strength=Distortion(translation=1))
    moved = augmented(both._replace(features=images[0][:1], numbers=added[:1], redrawings=()), 0, 0)
    np.testing.assert_array_equal(augmented(both, 0, 0, added[:1]), moved)


def test_drawings_do_not_fade() -> None:
    images = shown().images
    assert images
    assert faded(images, 0.0).redrawings == images.redrawings


def test_without_distortion_rows_are_shown_as_they_are() -> None:
    plain = training_set_of(blobs(), TINY)
    assert with_drawings(plain, DRAWN, DRAWINGS).rows.tolist() == with_drawings(plain, DRAWN).rows.tolist()


def test_windows_see_the_images_that_all_rows_would() -> None:
    config, training_set = DISTORTED._replace(shuffle_buffer=32), shown(32)
    assert training_set.images
    whole = augmented(training_set.images, config.seed, 1)
    (features, _, _), labels, _ = rows_to_see(training_set, config, 1, Window(1, 2, 4))
    assert isinstance(features, np.ndarray)
    for image, label in zip(features, labels, strict=True):
        assert ((whole == image).all(axis=1) & (training_set.labels == label)).any()


def test_all_that_it_takes_is_compiled_before() -> None:
    assert warm_up(shown(), TINY) > 0
