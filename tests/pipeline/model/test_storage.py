"""Layers in few bits come back as near to what they were as so many bits allow."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays as some_arrays

from pipeline.model.storage import BITS, LEVELS, bits_of, expected_of, restored_layer, stored_layer
from pipeline.types import Layer

WEIGHTS = some_arrays(np.float32, (5, 3), elements=st.floats(-1e4, 1e4, width=32))
BIASES = some_arrays(np.float32, 3, elements=st.floats(-1e4, 1e4, width=32))
layers = st.builds(Layer, WEIGHTS, BIASES)


@given(layers, st.sampled_from(BITS))
def test_what_is_stored_is_what_is_expected(layer: Layer, bits: int) -> None:
    arrays = stored_layer("layer7", layer, bits)
    assert bits_of(arrays, "layer7.weight") == bits
    found = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    assert found == expected_of("layer7", 5, 3, bits)


@given(layers)
def test_with_8_bits_no_weight_is_off_by_more_than_half_a_step(layer: Layer) -> None:
    """A column's step is a 127th of its largest weight; below it, float32 has no reciprocals."""
    arrays = stored_layer("a", layer, 8)
    restored = restored_layer("a", arrays)
    step = np.abs(layer.weight.astype(np.float64)).max(axis=0) / LEVELS
    assert np.all(np.abs(restored.weight.astype(np.float64) - layer.weight) <= 0.50001 * step + 1e-36)
    assert np.abs(arrays["a.weight"].astype(np.int64)).max() <= LEVELS
    np.testing.assert_array_equal(restored.bias, layer.bias)
    assert restored.weight.dtype == np.float32
    assert not restored.weight.flags.writeable


def test_the_largest_weights_of_a_column_stay_and_a_column_of_zeros_too() -> None:
    weight = np.array([[1, 0, -3], [-1, 0, 1.5]], np.float32)
    arrays = stored_layer("a", Layer(weight, np.zeros(3, np.float32)), 8)
    np.testing.assert_array_equal(arrays["a.weight"], [[127, 0, -127], [-127, 0, 64]])
    np.testing.assert_allclose(restored_layer("a", arrays).weight, weight, atol=1.5 / 127)
    assert restored_layer("a", arrays).weight[0].tolist() == [1, 0, -3]


@given(layers, st.sampled_from((32, 16)))
def test_with_more_bits_they_are_rounded_alone(layer: Layer, bits: int) -> None:
    restored = restored_layer("a", stored_layer("a", layer, bits))
    for array, exact in zip(restored, layer, strict=True):
        np.testing.assert_array_equal(array, exact.astype(np.float16) if bits == 16 else exact)


def test_what_is_too_large_for_float16_is_named() -> None:
    layer = Layer(np.ones((2, 1), np.float32), np.full(1, -7e4, np.float32))
    with pytest.raises(ValueError, match=r"a\.bias holds 70000; expected at most 65504"):
        stored_layer("a", layer, 16)


def test_other_types_are_no_weights() -> None:
    assert bits_of({"a": np.zeros(1)}, "a") == 32
    assert bits_of({}, "a") == 32
