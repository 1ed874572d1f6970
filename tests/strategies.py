"""What hypothesis draws from, matrices, networks and labelled rows, and how often."""

import itertools

import numba
import numpy as np
import numpy.typing as npt
from hypothesis import settings, strategies as st

from kernels.types import Floats, Layer, Params

seeds = st.integers(0, 2**32 - 1)
widths = st.integers(1, 40)
activations = st.sampled_from(["sigmoid", "tanh", "relu"])
losses = st.sampled_from(["cross-entropy", "quadratic"])
optimizers = st.sampled_from(["sgd", "momentum", "nesterov", "adamw"])


OFTEN = 30
"""Inputs drawn where a test does not say otherwise."""
KIND: type[np.float32] | type[np.float64] = np.float64 if numba.config.DISABLE_JIT else np.float32  # type: ignore[attr-defined] # made at run time
"""What networks are made of: numbers of the product's kind where kernels are compiled, as any other kind would have all
of them compiled for the tests alone; with the JIT off, numbers that show a formula to its last digit."""


def draws(count: int) -> int:
    """Return how many inputs to draw: a fifth of them with the JIT off, a run that is for branch coverage."""
    return -(-count // 5) if numba.config.DISABLE_JIT else count  # type: ignore[attr-defined] # made at run time


def examples(count: int) -> settings:
    """Have a test draw so many inputs."""
    return settings(max_examples=draws(count))


def of_kind(values: npt.ArrayLike) -> Floats:
    """Return numbers as networks are made of them."""
    return np.asarray(values, np.float64) if KIND is np.float64 else np.asarray(values, np.float32)


def tolerance(double: float, single: float) -> float:
    """Return how close numbers are expected to be, by the kind of them that networks are made of."""
    return double if KIND is np.float64 else single


def assert_close(found: Floats, expected: Floats, double: float, single: float) -> None:
    """Compare numbers, by a tolerance for each kind of them."""
    within = tolerance(double, single)
    np.testing.assert_allclose(found, expected, rtol=within, atol=within)


def matrix(seed: int, *shape: int) -> npt.NDArray[np.float64]:
    """Return normal random numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def network(seed: int, sizes: tuple[int, ...]) -> Params:
    """Return a network with weights that keep its signals near 1, and biases that are not 0."""
    random = np.random.default_rng(seed)
    return tuple(
        Layer(of_kind(random.standard_normal((a, b)) / np.sqrt(a)), of_kind(0.1 * random.standard_normal(b)))
        for a, b in itertools.pairwise(sizes)
    )


def labelled_rows(
    seed: int, rows: int, width: int, classes: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return bytes as features, and labels."""
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (rows, width), np.uint8), random.integers(0, classes, rows, np.uint8)


def sparse_rows(seed: int, rows: int, width: int, classes: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return bytes as features, four in five of them 0, and labels."""
    features, labels = labelled_rows(seed, rows, width, classes)
    features[np.random.default_rng(seed).random(features.shape) < 0.8] = 0
    return features, labels
