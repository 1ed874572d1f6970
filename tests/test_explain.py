"""The derivative of a logit by the input: against the chain rule written out, and against a small change."""

import itertools

import numpy as np
from hypothesis import given, strategies as st

from kernels.activations import ACTIVATIONS
from kernels.explain import input_gradient
from kernels.layout import pack
from kernels.types import Layer
from tests import twins
from tests.strategies import activations, matrix, seeds


@given(seeds, st.lists(st.sampled_from([1, 5, 16, 33, 70]), min_size=2, max_size=4), activations)
def test_the_gradient_is_the_chain_rules(seed: int, sizes: list[int], activation: str) -> None:
    random = np.random.default_rng(seed)
    pairs = list(itertools.pairwise(sizes))
    params = tuple(
        Layer(matrix(seed + i, *pair) / np.sqrt(pair[0]), matrix(seed + 9 + i, pair[1])) for i, pair in enumerate(pairs)
    )
    row = random.integers(0, 256, sizes[0]).astype(np.uint8)
    shift, scale = random.normal(100, 9, sizes[0]), random.uniform(0.01, 0.02, sizes[0])
    network, answer = twins.plain(params), sizes[-1] - 1
    sums = twins.forward(network, ((row - shift) * scale)[np.newaxis], activation)
    expected = np.eye(sizes[-1])[[answer]]
    for i in range(len(network) - 1, -1, -1):
        expected = expected @ network[i][0].T
        if i > 0:
            expected = expected * twins.slope(sums[i - 1], activation)
    packed = pack(params)
    found = input_gradient(packed, row, shift, scale, ACTIVATIONS[activation], answer)
    np.testing.assert_allclose(found, expected[0] * scale, rtol=1e-9, atol=1e-12)
    for before, after in zip(pack(params), packed, strict=True):
        assert before.weight.tobytes() == after.weight.tobytes()
        assert before.bias.tobytes() == after.bias.tobytes()
