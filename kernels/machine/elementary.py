"""Elementary functions that LLVM can vectorise: numba's own `exp` and `tanh` are calls, one number at a time.

In float32 they are polynomials without a branch, so that a loop over an array runs in vector registers; in float64,
which serves the gradient checks, they are the standard library's.
"""

from collections.abc import Callable

import numpy as np
from numba import types
from numba.extending import overload

from kernels.machine.jit import jit

LOWEST, HIGHEST = np.float32(-87.33654), np.float32(88.72283)
"""Between the logarithms of the smallest normal and of the largest float32; below, `exp` returns 0, above, infinity."""

# log 2 in two parts: an exponent times the first is exact, so that subtracting it loses nothing.
LOG2_HIGH, LOG2_LOW, PER_LOG2 = np.float32(0.693359375), np.float32(-2.12194440e-4), np.float32(1.44269504)

# Cephes, `expf.c`: exp(r) - 1 - r over r² for |r| <= log(2) / 2.
E5, E4, E3, E2, E1, E0 = map(
    np.float32, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
)

FLAT = np.float32(9.1)
"""From here on, tanh is 1 in float32."""

HALF, ONE, TWO, ZERO, INFINITY = map(np.float32, (0.5, 1, 2, 0, np.inf))
MANTISSA_BITS, EXPONENT_BIAS = np.int32(23), np.int32(127)


@jit
def _power_of_two(n: np.int32) -> np.float32:
    """Return `2ⁿ` for -126 <= n <= 127: a float whose fraction's bits are 0."""
    return np.int32((n + EXPONENT_BIAS) << MANTISSA_BITS).view(np.float32)


@jit
def _reduced(x: np.float32) -> tuple[np.int32, np.float32]:
    """Return the `n` next to `x / log 2`, and `exp(r) - 1` for `r = x - n log 2`, which is at most log(2) / 2."""
    n = np.floor(x * PER_LOG2 + HALF)
    r = x - n * LOG2_HIGH - n * LOG2_LOW
    return np.int32(n), (((((E5 * r + E4) * r + E3) * r + E2) * r + E1) * r + E0) * (r * r) + r


@jit
def exp32(x: np.float32) -> np.float32:
    """Return `exp(x)` in float32, within 2 units in the last place.

    Notes
    -----
    `exp(x) = 2ⁿ exp(r)`, where `exp(r)` is a polynomial and `2ⁿ` is written straight into the bits of a float: into
    those of two, as `2¹²⁸` is none.

    References
    ----------
    S. L. Moshier, "Methods and programs for mathematical functions", 1989 (the Cephes library).
    """
    # So written, an undefined `x` becomes LOWEST here: what follows stays defined, and the last line restores it.
    bounded = x if x > LOWEST else LOWEST  # noqa: FURB136 -- see above
    bounded = bounded if bounded < HIGHEST else HIGHEST  # noqa: FURB136 -- likewise
    n, rest = _reduced(bounded)
    half = n >> np.int32(1)
    result = (rest + ONE) * _power_of_two(half) * _power_of_two(n - half)
    result = ZERO if x < LOWEST else result
    result = INFINITY if x > HIGHEST else result
    return result if x == x else x  # noqa: PLR0124 -- false for NaN alone


@jit
def tanh32(x: np.float32) -> np.float32:
    """Return `tanh(x)` in float32, within 3 units in the last place.

    Notes
    -----
    `m / (m + 2)` with `m = exp(2x) - 1 = 2ⁿ (exp(r) - 1) + (2ⁿ - 1)`: near 0, nothing cancels.
    """
    bounded = x if x > -FLAT else -FLAT  # noqa: FURB136 -- as in `exp32`
    bounded = bounded if bounded < FLAT else FLAT  # noqa: FURB136 -- likewise
    n, rest = _reduced(TWO * bounded)
    scale = _power_of_two(n)
    m = rest * scale + (scale - ONE)
    m = m if x == x else x  # noqa: PLR0124 -- likewise
    return m / (m + TWO)


def exp(x: float) -> float:
    """Return `exp(x)`: the specification, and what runs with the JIT switched off."""
    return np.exp(x)  # type: ignore[no-any-return] # a scalar's exponential is a scalar


def tanh(x: float) -> float:
    """Return `tanh(x)`, likewise."""
    return np.tanh(x)  # type: ignore[no-any-return] # likewise


@overload(exp)
def _exp(x: float) -> Callable[[float], float]:
    """Give numba the `exp` of its argument's type."""
    kind: object = x
    chosen = exp32 if kind == types.float32 else np.exp

    def implementation(x: float) -> float:
        return chosen(x)  # type: ignore[arg-type,return-value] # of the type that was asked for

    return implementation


@overload(tanh)
def _tanh(x: float) -> Callable[[float], float]:
    """Give numba the `tanh` of its argument's type."""
    kind: object = x
    chosen = tanh32 if kind == types.float32 else np.tanh

    def implementation(x: float) -> float:
        return chosen(x)  # type: ignore[arg-type,return-value] # likewise

    return implementation
