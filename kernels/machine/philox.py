"""Random numbers that are a function of what they are for, with no state to carry along.

A generator hands out its numbers one after the other: who draws the thousandth must draw those before it. Here, a
block of numbers is computed from its place by itself, whatever thread does so, and whatever was drawn before.

References
----------
J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011.
"""

from typing import TypeAlias

from kernels.machine.jit import jit_inline

WORD = 0xFFFFFFFF
"""The bits of a number."""

ROUNDS = 10
"""Of Philox 4x32: as many as its authors recommend."""

_FIRST_FACTOR, _SECOND_FACTOR = 0xD2511F53, 0xCD9E8D57
_FIRST_STEP, _SECOND_STEP = 0x9E3779B9, 0xBB67AE85

Words: TypeAlias = tuple[int, int, int, int]


@jit_inline
def philox(a: int, b: int, c: int, d: int, first_key: int, second_key: int) -> Words:
    """Return the four random numbers of a place.

    Parameters
    ----------
    a, b, c, d : int
        The place; as all else here, numbers of 32 bits.
    first_key, second_key : int

    Returns
    -------
    four int
        Each of 32 bits: from 0 up to, not including, 2³².

    Notes
    -----
    Compiled, a product wraps around at 64 bits with its sign; in plain Python it does not. The masks leave the same.
    """
    for _ in range(ROUNDS):
        one, two = _FIRST_FACTOR * a, _SECOND_FACTOR * c
        a, c = ((two >> 32) & WORD) ^ b ^ first_key, ((one >> 32) & WORD) ^ d ^ second_key
        b, d = two & WORD, one & WORD
        first_key, second_key = (first_key + _FIRST_STEP) & WORD, (second_key + _SECOND_STEP) & WORD
    return a, b, c, d


@jit_inline
def uniform(word: int) -> float:
    """Return a random number of 32 bits as one from -1 to 1, both excluded."""
    return (word + 0.5) / (1 << 31) - 1
