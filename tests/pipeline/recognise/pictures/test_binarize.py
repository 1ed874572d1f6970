"""Ink told from paper: uneven light, noise, specks, either way round, and nothing where nothing is."""

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.recognise.pictures.binarize import find_ink

Grey = npt.NDArray[np.float32]
SIDE = 160


def cross() -> npt.NDArray[np.bool_]:
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[40:120, 76:86] = mask[70:80, 45:115] = True
    return mask


def lit(noise: float) -> Grey:
    """Return paper that is lit from one side, with Gaussian noise."""
    y, x = np.mgrid[-1:1:160j, -1:1:160j]
    grey = 180 + 40 * x - 20 * y - 15 * (x**2 + y**2)
    return np.asarray(grey + np.random.default_rng(0).normal(0, noise, grey.shape), np.float32)


def overlap(found: npt.NDArray[np.bool_], mask: npt.NDArray[np.bool_]) -> float:
    return float((found & mask).sum() / (found | mask).sum())


@pytest.mark.parametrize("noise", [0.0, 5.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_ink_on_unevenly_lit_paper(noise: float, sign: int) -> None:
    grey = lit(noise) - 100 * cross()
    ink = find_ink(np.asarray(grey if sign < 0 else 255 - grey, np.float32))
    assert ink is not None
    assert overlap(ink.mask, cross()) > 0.95
    assert not ink.amount[:30].any()


@pytest.mark.parametrize(("paper", "level"), [(0, 255), (255, 0), (255, 227), (90, 110)])
def test_ink_on_even_paper_is_found_exactly(paper: int, level: int) -> None:
    ink = find_ink(np.where(cross(), level, paper).astype(np.float32))
    assert ink is not None
    np.testing.assert_array_equal(ink.mask, cross())
    np.testing.assert_array_equal(ink.amount, cross())


def test_specks_are_dropped_and_strokes_are_kept() -> None:
    grey = np.where(cross(), 0, 255).astype(np.float32)
    grey[10:13, 10:13] = 0
    grey[135:140, 40:120] = 0
    ink = find_ink(grey)
    assert ink is not None
    assert not ink.mask[:20, :20].any()
    assert ink.mask[137, 80]


@pytest.mark.parametrize("noise", [0.0, 1.0, 6.0])
def test_blank_paper_has_no_ink(noise: float) -> None:
    assert find_ink(lit(noise)) is None
    assert find_ink(np.full((1, 1), 9, np.float32)) is None


@pytest.mark.parametrize("kind", ["grey", "bilevel", "noise", "specks"])
def test_any_small_picture_is_read_or_refused(kind: str) -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        shape = tuple(random.integers(1, 40, 2))
        made = {
            "grey": random.integers(0, 256, shape),
            "bilevel": random.choice([0, 255], shape),
            "noise": random.normal(128, 3, shape),
            "specks": np.where(random.random(shape) < 0.02, 0, 255),
        }
        ink = find_ink(np.asarray(made[kind], np.float32))
        assert ink is None or ink.mask.any()


def test_little_that_is_left_between_lines_is_no_digit() -> None:
    short = np.full((300, 300), 255, np.float32)
    short[140:165, 150:155] = 40
    lined = short.copy()
    lined[[50, 51, 110, 111, 200, 201, 250, 251]] = 40
    ink = find_ink(short)
    assert ink is not None
    assert (ink.doubtful, ink.mask.sum()) == (False, 25 * 5)
    assert find_ink(lined) is None


def test_a_speck_alone_is_no_ink() -> None:
    grey = np.full((100, 120), 250, np.float32)
    grey[50:52, 60:62] = 30
    assert find_ink(grey) is None
