"""Drawings drawn by the batch against the slow way of one by one, and hands against their twin."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from kernels.images.drawings import Place, StrokeDistortion, Strokes, place_in
from kernels.images.strokes import EXACT, FOR_TRAINING, Fidelity, draw_strokes
from pipeline.recognise.strokes.rasterize import render
from pipeline.threads import available_threads, using_threads
from pipeline.types import Drawing
from tests.kernels import twins_strokes
from tests.strategies import examples, seeds

pytestmark = pytest.mark.xdist_group("drawings")  # one process compiles what draws them

Points = npt.NDArray[np.float32]

MNIST = place_in(28, 28)
NONE = StrokeDistortion()
FULL = StrokeDistortion(
    thinning=0.8, pen=0.3, rotation=6, slant=10, aspect=0.1, turn=6, shift=0.04, wobble=0.03, haste=0.5
)
EACH = [NONE._replace(**{name: getattr(FULL, name)}) for name in FULL._fields]


def made_up(seed: int, events: int = 12) -> list[Points]:
    """Return up to three strokes of smooth curves, some of them dots, with an event sent twice."""
    random = np.random.default_rng(seed)
    strokes = []
    for _ in range(random.integers(1, 4)):
        t = np.linspace(0, 1, random.integers(1, events + 1))[:, np.newaxis]
        a, b, c = random.uniform(-1, 1, (3, 2))
        stroke = random.uniform(0, 1, 2) + a * t + b * t * t + 0.3 * c * np.sin(7 * t)
        strokes.append(np.repeat(stroke, 1 + (np.arange(len(t)) == 2), axis=0).astype(np.float32))
    return strokes


def joined(drawings: list[list[Points]]) -> Strokes:
    """Return drawings one after the other."""
    strokes = [stroke for drawing in drawings for stroke in drawing]
    return Strokes(
        np.concatenate(strokes),
        np.cumsum([0, *map(len, strokes)]).astype(np.int64),
        np.cumsum([0, *map(len, drawings)]).astype(np.int64),
    )


def drawn(
    drawings: list[list[Points]], strength: StrokeDistortion = NONE, *, seed: int = 0, epoch: int = 0,
    place: Place = MNIST, fidelity: Fidelity = FOR_TRAINING, rows: list[int] | None = None,
) -> npt.NDArray[np.int64]:  # fmt: skip
    """Return drawings as images."""
    chosen = np.array(range(len(drawings)) if rows is None else rows, np.int64)
    out = np.full((chosen.size, place.height * place.width), 99, np.uint8)
    draw_strokes(joined(drawings), chosen, chosen, strength, seed, epoch, place, fidelity, out)
    return out.astype(np.int64)


@examples(20)
@given(seeds, st.sampled_from([(28, 28), (9, 14), (2, 2)]))
def test_an_exact_image_is_that_of_the_slow_way(seed: int, shape: tuple[int, int]) -> None:
    strokes = made_up(seed)
    expected = render(Drawing(tuple(strokes)), shape)
    assert expected is not None
    found = drawn([strokes], place=place_in(*shape), fidelity=EXACT)[0]
    assert np.abs(found - expected).max() <= 1


def test_images_to_learn_from_are_near_it() -> None:
    drawings = [made_up(seed) for seed in range(4)]
    images = [render(Drawing(tuple(strokes))) for strokes in drawings]
    expected = np.stack([image for image in images if image is not None]).astype(int)
    off = np.abs(drawn(drawings) - expected)
    assert off[expected > 0].mean() <= 4
    assert off.max() <= 64


@examples(20)
@given(seeds, st.sampled_from([*EACH, FULL]), st.integers(0, 2**33), st.integers(0, 2**31 - 1))
def test_another_hand_draws_as_its_twin_says(seed: int, strength: StrokeDistortion, key: int, epoch: int) -> None:
    strokes = made_up(seed, events=30)
    as_float = [stroke.astype(np.float64) for stroke in strokes]
    expected, wider = twins_strokes.drawn_as(as_float, strength, 0, epoch, key)
    place, small = place_in(12, 12), Fidelity(0.01, 1, 1)
    found = drawn([strokes], strength, seed=key, epoch=epoch, place=place, fidelity=small)
    as_drawn = [stroke.astype(np.float32) for stroke in expected]
    plain = drawn([as_drawn], place=place._replace(pen=place.pen * wider), fidelity=small)
    assert np.abs(found - plain).max() <= 1


@pytest.mark.jit  # slow without it
def test_neither_threads_nor_company_nor_order_matter() -> None:
    drawings = [made_up(seed) for seed in range(40)]
    with using_threads(1):
        alone = drawn(drawings, FULL, seed=5, epoch=7)
    with using_threads(available_threads()):
        many = drawn(drawings, FULL, seed=5, epoch=7, rows=[*range(40)] * 20)
    np.testing.assert_array_equal(many, np.tile(alone, (20, 1)))
    np.testing.assert_array_equal(drawn(drawings, FULL, seed=5, epoch=7, rows=[17, 3]), alone[[17, 3]])


def test_epochs_seeds_and_numbers_draw_differently() -> None:
    t = np.linspace(0, 1, 25)
    wave = np.stack([t, np.sin(9 * t) / 3], axis=1).astype(np.float32)
    drawings, place, coarse = [[wave, wave[::2] + np.float32(0.3)]] * 2, place_in(8, 8), Fidelity(0.1, 1, 1)
    for strength in EACH:
        first, second = drawn(drawings, strength, place=place, fidelity=coarse)
        assert (first != second).any()
    first = drawn(drawings, FULL, place=place, fidelity=coarse)
    for seed, epoch in ((0, 1), (1, 0), (2**32, 0)):
        assert (first != drawn(drawings, FULL, seed=seed, epoch=epoch, place=place, fidelity=coarse)).any()


def test_there_may_be_nothing_to_draw() -> None:
    assert drawn([made_up(0)], FULL, rows=[]).shape == (0, 784)


def test_a_dot_is_in_its_place() -> None:
    dot = [np.full((2, 2), 7e5, np.float32)]
    image = drawn([dot], FULL).reshape(28, 28)
    y, x = (np.indices((28, 28)) * image).sum(axis=(1, 2)) / image.sum()
    assert abs(x - 14) < 0.1
    assert abs(y - 14) < 0.1
