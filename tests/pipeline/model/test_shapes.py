"""The layers that a configuration stands for."""

import itertools

import pytest
from hypothesis import given, strategies as st

from kernels.layers.convolution import PATCHES, TAPS
from pipeline.model.shapes import layer_shapes
from pipeline.train.initial import initial_params
from pipeline.types import TrainConfig

sizes_ = st.lists(st.integers(1, 60), min_size=2, max_size=5).map(tuple)


@given(sizes_)
def test_without_filters_each_layer_reads_the_one_before(sizes: tuple[int, ...]) -> None:
    shapes = layer_shapes(sizes, 0)
    assert [fan_in for fan_in, _ in shapes] == list(sizes[:-1])
    assert [fan_out for _, fan_out in shapes] == list(sizes[1:])


@given(sizes_, st.integers(1, 60))
def test_filters_come_first_and_the_others_read_all_their_answers(sizes: tuple[int, ...], filters: int) -> None:
    shapes = layer_shapes(sizes, filters)
    assert shapes[0] == (TAPS, filters)
    assert shapes[1] == (PATCHES * filters, sizes[1])
    assert shapes[2:] == tuple(itertools.pairwise(sizes[1:]))


@pytest.mark.parametrize(("filters", "expected"), [(0, ((784, 30), (30, 10))), (16, ((200, 16), (400, 30), (30, 10)))])
def test_parameters_have_these_shapes(filters: int, expected: tuple[tuple[int, int], ...]) -> None:
    shapes = layer_shapes((784, 30, 10), filters)
    assert shapes == expected
    params = initial_params(shapes, TrainConfig(filters=filters, hidden=(30,)))
    assert tuple(layer.weight.shape for layer in params) == expected
    assert [layer.bias.shape for layer in params] == [(fan_out,) for _, fan_out in expected]
