"""Rendered drawings: the same image wherever, however large and in whatever order they are drawn."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.errors import DataError
from pipeline.recognise.mnist_form import centre_of_mass, frame_of
from pipeline.recognise.strokes.curves import Points
from pipeline.recognise.strokes.rasterize import render, render_all
from pipeline.types import Drawing
from tests.strategies import examples

# Small integers: moved and scaled by powers of two, they stay exact in float32.
strokes = st.integers(1, 12).flatmap(lambda n: arrays(np.int64, (n, 2), elements=st.integers(0, 200)))
drawings = st.lists(strokes, min_size=1, max_size=4).map(lambda s: [stroke.astype(np.float64) for stroke in s])
few = examples(15)


def image(strokes: list[Points], shape: tuple[int, int] = (28, 28)) -> npt.NDArray[np.int64]:
    pixels = render(Drawing(tuple(stroke.astype(np.float32) for stroke in strokes)), shape)
    assert pixels is not None
    assert pixels.dtype == np.uint8
    return pixels.reshape(shape).astype(np.int64)


def smooth_digit(events: int) -> list[Points]:
    """Return a 3, as two arcs of one stroke."""
    t = np.linspace(0, 2, events)
    angle = np.where(t < 1, -2.5 + 4 * t, -1.5 + 4 * (t - 1))
    return [np.stack([40 * np.cos(angle), 40 * np.sin(angle) + np.where(t < 1, 0, 79.7)], axis=1)]


@pytest.mark.jit  # slow without it
@few
@given(drawings, st.integers(-500, 500), st.integers(-500, 500))
def test_the_place_does_not_matter(ink: list[Points], x: int, y: int) -> None:
    assert np.abs(image(ink) - image([stroke + np.array([x, y]) for stroke in ink])).max() <= 2


@pytest.mark.jit  # slow without it
@few
@given(drawings, st.floats(0.2, 3) | st.sampled_from([1e-3, 1e3]))
def test_the_size_does_not_matter(ink: list[Points], scale: float) -> None:
    assert np.abs(image(ink) - image([stroke * scale for stroke in ink])).max() <= 2


@pytest.mark.jit  # slow without it
@few
@given(drawings)
def test_neither_order_nor_direction_of_strokes_matters(ink: list[Points]) -> None:
    assert np.abs(image(ink) - image([stroke[::-1] for stroke in ink[::-1]])).max() <= 2


@pytest.mark.jit  # slow without it
@few
@given(drawings)
def test_events_sent_twice_do_not_matter(ink: list[Points]) -> None:
    np.testing.assert_array_equal(image(ink), image([stroke.repeat(2, axis=0) for stroke in ink]))


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("parts", [2, 5, 20])
def test_splitting_the_segments_of_a_dense_stroke_changes_little(parts: int) -> None:
    stroke = smooth_digit(60)[0]
    share = np.linspace(0, 1, parts, endpoint=False)[:, np.newaxis]
    split = np.vstack([*(a + share * (b - a) for a, b in itertools.pairwise(stroke)), stroke[-1:]])
    assert np.abs(image([stroke]) - image([split])).max() <= 8


def test_a_fast_hand_draws_nearly_the_same() -> None:
    slow, fast = image(smooth_digit(201)), image(smooth_digit(11))
    assert np.abs(slow - fast).mean() < 4


@pytest.mark.jit  # slow without it
@few
@given(drawings, st.sampled_from([(28, 28), (20, 20), (32, 48), (56, 40)]))
def test_ink_fits_the_box_and_is_centred_or_stopped_at_the_edge(ink: list[Points], shape: tuple[int, int]) -> None:
    pixels, frame = image(ink, shape), frame_of(shape)
    assert 0 < pixels.max() <= 255
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    for used, axis in ((columns, 0), (rows, 1)):
        assert np.ptp(used) + 1 <= frame.box + 2
        off = abs(centre_of_mass(pixels.astype(np.float64))[axis] - frame.target[axis])
        assert off <= 0.05 or used[0] <= 1 or used[-1] >= shape[1 - axis] - 2


def test_the_longer_side_is_as_long_as_mnists() -> None:
    line = image([np.array([[0.0, 0.0], [0.0, 9.0]])])
    assert line.sum(axis=0).max() / 255 == pytest.approx(20, abs=1.0)
    assert line.sum(axis=1).max() / 255 == pytest.approx(2.2, abs=0.1)


def test_a_click_is_a_dot_of_the_pens_width() -> None:
    dot = image([np.array([[7.0, 7.0]])])
    assert dot.sum() / 255 == pytest.approx(np.pi * 1.1**2, abs=0.1)
    np.testing.assert_allclose(centre_of_mass(dot.astype(np.float64)), 14.5, atol=0.05)


@pytest.mark.jit  # slow without it
def test_lopsided_ink_stops_at_the_edge() -> None:
    scribble = np.random.default_rng(0).uniform(0, 4, (400, 2))
    pixels = image([scribble, np.array([[0.0, 0.0], [20.0, 20.0]])])
    assert pixels[-3:, -3:].any()
    assert pixels.sum() > 255 * 40


def test_an_empty_board_gives_no_image() -> None:
    assert render(Drawing(())) is None
    assert render(Drawing((np.empty((0, 2), np.float32), np.empty(0, np.float32)))) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_no_numbers_are_refused(bad: float) -> None:
    strokes = (np.zeros((2, 2), np.float32), np.array([[0, 0], [1, bad]], np.float32))
    with pytest.raises(DataError, match=r"stroke 2: expected finite coordinates, found \(1\.0, "):
        render(Drawing(strokes))


def test_points_must_be_pairs() -> None:
    with pytest.raises(DataError, match=r"stroke 1: expected points of 2 numbers, x and y, found an array \(4, 3\)"):
        render(Drawing((np.zeros((4, 3), np.float32),)))


def test_the_largest_and_the_smallest_numbers_are_drawn() -> None:
    cross = np.array([[-1.0, -1.0], [1.0, 1.0]])
    expected = image([cross])
    assert np.abs(image([cross * 3.4e38]) - expected).max() <= 2
    assert np.abs(image([cross * 1e-37]) - expected).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 784), (784, 1), (2, 392), (3, 3)])
def test_drawings_in_images_of_any_shape(shape: tuple[int, int]) -> None:
    far = np.array([[0, 0], [3e38, -3e38], [9, 9]], np.float32)
    for strokes in (far, far[1:2]):
        pixels = render(Drawing((strokes,)), shape)
        assert pixels is not None
        assert pixels.shape == (shape[0] * shape[1],)


@pytest.mark.xdist_group("drawings")  # one process compiles what draws them
def test_many_are_drawn_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    drawings = [Drawing(()), *(Drawing((np.array([[0, 0], [i, 3], [5, 9]], np.float32),)) for i in range(2))]
    alone = render_all(drawings, (9, 12))
    monkeypatch.setattr("pipeline.recognise.strokes.rasterize.MANY", 2)
    together = render_all(drawings, (9, 12))
    assert alone[0] is together[0] is None
    for one, other in zip(alone[1:], together[1:], strict=True):
        assert one is not None
        assert other is not None
        assert np.abs(one.astype(int) - other).max() <= 1


def test_of_drawings_without_ink_there_are_no_images() -> None:
    assert render_all([]) == []
    assert render_all([Drawing(()), Drawing((np.empty((0, 2), np.float32),))]) == [None, None]


@pytest.mark.jit  # slow without it
@few
@given(st.lists(drawings, max_size=4))
def test_a_few_are_drawn_together_as_one_by_one(inks: list[list[Points]]) -> None:
    together = render_all([Drawing(tuple(stroke.astype(np.float32) for stroke in ink)) for ink in inks])
    for ink, pixels in zip(inks, together, strict=True):
        assert pixels is not None
        np.testing.assert_array_equal(pixels.reshape(28, 28), image(ink))
