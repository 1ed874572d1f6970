"""The way through the cuts of a row: what is read best, at the least cost."""

import numpy as np

from pipeline.recognise.pictures.choose import choose
from pipeline.recognise.pictures.segments import Cutting, Segment

PIXELS = np.zeros(4, np.uint8)


def segment(start: int, stop: int, width: float = 0.5, height: float = 1.0) -> Segment:
    return Segment(start, stop, (0.0, 0.0, 1.0, 1.0), width, height, PIXELS)


def two(cut: float, width: float = 1.0) -> Cutting:
    """Return a row that is one digit or, after a cut, two."""
    return Cutting((segment(0, 1), segment(0, 2, width), segment(1, 2)), (0.0, cut, 0.0), (0.2, 0.2))


def answers(*sure: float) -> np.ndarray:
    return np.array([[each, 1 - each] for each in sure])


def test_what_is_read_best_is_chosen() -> None:
    assert choose(two(0.05, 1.2), answers(0.99, 0.55, 0.99)) == (0, 2)
    assert choose(two(0.1, 0.6), answers(0.6, 0.99, 0.6)) == (1,)


def test_a_gap_parts_and_ink_holds_together() -> None:
    sure = answers(0.99, 0.99, 0.99)
    assert choose(two(0.0, 0.6), sure) == (0, 2)
    assert choose(two(0.2, 0.6), sure) == (1,)


def test_two_digits_as_wide_as_two_are_parted() -> None:
    assert choose(two(0.1, 1.6), answers(0.99, 0.99, 0.99)) == (0, 2)


def test_what_is_no_digit_is_not_chosen_where_the_network_can_tell() -> None:
    sure = answers(0.99, 0.99, 0.99)
    assert choose(two(0.2, 0.6), sure, np.array([1.0, 0.01, 1.0])) == (0, 2)
    assert choose(two(0.2, 0.6), sure, np.array([0.0, 0.0, 0.0])) == (1,)


def test_dirt_is_passed_over() -> None:
    """No segment begins with the second part."""
    dirty = Cutting((segment(0, 1), segment(2, 3)), (0.0, 0.0, 0.0, 0.0), (0.2, 0.01, 0.2))
    assert choose(dirty, answers(0.9, 0.9)) == (0, 1)


def test_lower_ones_are_rather_parts() -> None:
    both = Cutting((segment(0, 1), segment(0, 2), segment(1, 2, 0.2, 0.2)), (0.0, 0.05, 0.0), (0.2, 0.02))
    assert choose(both, answers(0.9, 0.8, 0.9)) == (1,)


def test_nothing_to_choose_from() -> None:
    assert choose(Cutting((), (0.0, 0.0), (0.01,)), np.empty((0, 2))) == ()
