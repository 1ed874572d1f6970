"""Cuts between digits: through gaps, and through the thinnest place where digits touch."""

import itertools

import numpy as np

from pipeline.recognise.pictures.seams import FREE, seams_of
from pipeline.types import Floats


def ink(*columns: slice) -> Floats:
    """Return upright bars, 20 high, on paper."""
    paper = np.zeros((24, 40), np.float32)
    for each in columns:
        paper[2:22, each] = 1
    return paper


def test_a_gap_is_cut_in_its_middle() -> None:
    (seam,) = seams_of(ink(slice(4, 10), slice(20, 26)))
    assert seam.ink < FREE
    assert (np.abs(seam.columns - 15) <= 1).all()


def test_nothing_is_cut_off_a_bar_and_paper_has_no_seam() -> None:
    assert all(seam.ink >= FREE for seam in seams_of(ink(slice(4, 10))))
    assert seams_of(ink()) == ()


def test_digits_that_touch_are_cut_where_least_ink_is() -> None:
    touching = ink(slice(4, 10), slice(20, 26))
    touching[10:13, 10:20] = 1
    seams = seams_of(touching)
    cheapest = min(seams, key=lambda seam: seam.ink)
    assert 2.5 < cheapest.ink < 3.5
    assert (cheapest.columns > 9).all()
    assert (cheapest.columns < 21).all()


def test_slanted_digits_are_parted_along_the_slant() -> None:
    """No upright line goes between these two."""
    slanted = np.zeros((24, 48), np.float32)
    for row in range(2, 22):
        slanted[row, 30 - row : 33 - row] = slanted[row, 42 - row : 45 - row] = 1
    free = [seam for seam in seams_of(slanted) if seam.ink < FREE]
    assert len(free) == 1
    left = np.arange(48) < free[0].columns[:, np.newaxis]
    assert [slanted[left].sum(), slanted[~left].sum()] == [60, 60]


def test_seams_do_not_cross() -> None:
    random = np.random.default_rng(0)
    seams = seams_of((random.random((30, 90)) < 0.3).astype(np.float32))
    assert len(seams) > 3
    for before, after in itertools.pairwise(seams):
        assert (before.columns <= after.columns).all()


def test_no_cut_goes_through_much_ink() -> None:
    assert all(abs(seam.columns[12] - 20) > 8 for seam in seams_of(ink(slice(4, 36))))
