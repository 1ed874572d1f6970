"""Random numbers by their place: those that are published, and evenly spread."""

import numpy as np
import pytest

from kernels.machine.jit import jit
from kernels.machine.philox import Words, philox, uniform
from tests.kernels import twins_distort


@jit
def philox_of(a: int, b: int, c: int, d: int, first_key: int, second_key: int) -> Words:
    """Return what `philox` does, compiled."""
    return philox(a, b, c, d, first_key, second_key)


@pytest.mark.parametrize(
    ("given_words", "expected"),
    [
        ((0,) * 6, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 6, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_the_generator_gives_what_its_authors_publish(given_words: tuple[int, ...], expected: Words) -> None:
    assert philox_of(*given_words) == expected
    assert tuple(twins_distort.philox(given_words[:4], given_words[4:])) == expected  # type: ignore[arg-type]


def test_numbers_lie_between_minus_one_and_one() -> None:
    assert [uniform(word) for word in (0, 2**31, 2**32 - 1)] == [2**-32 - 1, 2**-32, 1 - 2**-32]


def test_what_is_drawn_is_even() -> None:
    """Whether by row or by epoch: evenly by Kolmogorov's test, and each number without regard to the others."""
    rows = [twins_distort.shares(row, 3, 11) for row in range(1000)]
    shares = np.array(rows + [twins_distort.shares(7, epoch, 11) for epoch in range(4, 1004)])
    for drawn in shares.T:
        ordered = np.sort(drawn)
        expected = np.linspace(-1, 1, ordered.size)
        assert np.abs(ordered - expected).max() / 2 < 1.95 / np.sqrt(ordered.size)  # one in a thousand is further off
    together = np.corrcoef(shares.T) - np.eye(shares.shape[1])
    assert np.abs(together).max() < 4 / np.sqrt(len(shares))
