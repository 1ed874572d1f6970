"""The derivative of a logit by the input: against the chain rule written out, and against a small change."""

import itertools

import numpy as np
from hypothesis import given, strategies as st

from kernels import reference
from kernels.layers.convolution import PATCHES, TAPS
from kernels.layers.packed import Packed, pack
from kernels.network.saliency import input_gradient
from kernels.types import ACTIVATIONS, DIRECTIONS, SIDE, Layer, OrientationMaps
from tests.kernels import twins_filters
from tests.strategies import activations, assert_close, examples, matrix, network, of_kind, seeds

NUMBERS = SIDE * SIDE * DIRECTIONS


@given(seeds, st.lists(st.sampled_from([1, 5, 16, 33, 70]), min_size=2, max_size=4), activations)
def test_the_gradient_is_the_chain_rules(seed: int, sizes: list[int], activation: str) -> None:
    random = np.random.default_rng(seed)
    pairs = list(itertools.pairwise(sizes))
    params = tuple(
        Layer(of_kind(matrix(seed + i, *pair) / np.sqrt(pair[0])), of_kind(matrix(seed + 9 + i, pair[1])))
        for i, pair in enumerate(pairs)
    )
    row = random.integers(0, 256, sizes[0]).astype(np.uint8)
    shift = random.normal(100, 9, sizes[0]).astype(np.float32)
    scale = random.uniform(0.01, 0.02, sizes[0]).astype(np.float32)
    net, answer = reference.network_of(params), sizes[-1] - 1
    seen = np.asarray([(row - shift.astype(np.float64)) * scale.astype(np.float64)])
    expected = reference.by_input(net, seen, activation, np.eye(sizes[-1])[[answer]])
    packed = pack(params)
    found = input_gradient(packed, row, shift, scale, ACTIVATIONS[activation], answer)
    assert_close(found, expected[0] * scale, 1e-9, 1e-5)
    assert_same(packed, pack(params))


@examples(25)
@given(seeds, st.sampled_from([1, 10, 16, 70]), st.lists(st.sampled_from([1, 9]), max_size=2), activations)
def test_through_filters_it_is_the_chain_rules_too(seed: int, filters: int, hidden: list[int], activation: str) -> None:
    params = (*network(seed, (TAPS, filters)), *network(seed + 1, (PATCHES * filters, *hidden, 3)))
    values, packed = np.random.default_rng(seed).integers(0, 256, (1, NUMBERS), np.uint8), pack(params)
    zero, scale = np.zeros(NUMBERS, np.float32), np.full(NUMBERS, 1 / 128, np.float32)
    for answer in range(3):
        found = input_gradient(packed, OrientationMaps(values), zero, scale, ACTIVATIONS[activation], answer)
        expected = twins_filters.by_maps(reference.network_of(params), values[0], 1 / 128, activation, answer)
        assert_close(found, expected, 1e-9, 1e-5)
    assert_same(packed, pack(params))


def assert_same(packed: tuple[Packed, ...], others: tuple[Packed, ...]) -> None:
    for found, expected in zip(packed, others, strict=True):
        assert found.weight.tobytes() == expected.weight.tobytes()
        assert found.bias.tobytes() == expected.bias.tobytes()
