"""Logits of many rows, whatever their number, dtype and memory."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels import reference
from kernels.layers.packed import pack
from kernels.machine.threads import CHUNK
from kernels.network.inference import infer
from kernels.types import ACTIVATIONS
from tests.strategies import activations, assert_close, labelled_rows, network, seeds, sparse_rows

pytestmark = pytest.mark.xdist_group("dense")  # one process compiles what they share


@given(seeds, st.sampled_from([1, 2, 17]), activations)
def test_logits_equal_the_twins(seed: int, rows: int, activation: str) -> None:
    params = network(seed, (9, 8, 6, 4))
    features, _ = labelled_rows(seed, rows, 9, 4)
    shift, scale = np.full(9, 100, np.float32), np.full(9, 1 / 64, np.float32)
    logits = infer(pack(params), features, shift, scale, ACTIVATIONS[activation])
    expected = reference.forward(reference.network_of(params), (features - 100.0) / 64, activation)[-1]
    assert_close(logits, expected, 1e-9, 1e-5)


@pytest.mark.parametrize("rows", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 3])
def test_chunks_do_not_show(rows: int) -> None:
    params = network(0, (5, 3, 2, 2))
    features, _ = labelled_rows(1, rows, 5, 2)
    features.flags.writeable = False
    shift, scale = np.zeros(5, np.float32), np.full(5, 1 / 256, np.float32)
    logits = infer(pack(params), features, shift, scale, ACTIVATIONS["relu"])
    expected = reference.forward(reference.network_of(params), features / 256, "relu")[-1]
    assert_close(logits, expected, 1e-9, 1e-5)
    assert logits.shape == (rows, 2)


@given(seeds, st.sampled_from([1, 30]), st.sampled_from([10, 130]), activations)
def test_zeros_may_be_left_out(seed: int, rows: int, width: int, activation: str) -> None:
    params = network(seed, (20, width, 3))
    features, _ = sparse_rows(seed, rows, 20, 3)
    shift, scale = np.zeros(20, np.float32), np.full(20, 1 / 255, np.float32)
    logits = infer(pack(params), features, shift, scale, ACTIVATIONS[activation])
    expected = reference.forward(reference.network_of(params), features / 255.0, activation)[-1]
    assert_close(logits, expected, 1e-6, 1e-5)
