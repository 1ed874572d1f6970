"""Every way that a layer is computed, over dense and over sparse rows, against the layer written out in full."""

import numba
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from kernels import reference
from kernels.functions.activations import NONE
from kernels.functions.optimizers import GRADIENT_ONLY, MOMENTUM, SGD, Step, is_idle, step_constants_from_python
from kernels.layers import dense as dense_layers, sparse_batch
from kernels.layers.csr import CsrBatch, csr_of, empty_csr, transpose, unfold
from kernels.layers.dense import dense_backward, dense_forward
from kernels.layers.packed import Moments, pack, unpack
from kernels.layers.sparse import sparse_backward, sparse_forward, sparse_scatter
from kernels.layers.sparse_batch import batch_backward, batch_forward, empty_batch
from kernels.machine.blocks import blocks_in, from_blocks, padded, room_for, to_blocks
from kernels.machine.vectors import has_wide_registers
from kernels.params import empty_like, zeros_like
from kernels.types import ACTIVATIONS, Floats, Layer
from pipeline.threads import available_threads
from tests.strategies import KIND, activations, assert_close, matrix, of_kind, seeds, sparse_rows

pytestmark = pytest.mark.xdist_group("dense")  # one process compiles what they share

# One vector, several, blocks of three and of four of them, and each a little less and more than whole.
fan_outs = st.sampled_from([1, 10, 16, 17, 30, 48, 64, 65, 100, 200])
fan_ins = st.sampled_from([1, 5, 16, 33, 80])
batches = st.integers(1, 26)

CLOSE = 1e-9, 1e-4
ONE_STEP = Step(SGD, 1, 1.0, 0.0, 0.0)
GRADIENT = Step(GRADIENT_ONLY, 1, 1.0, 0.0, 0.0)


def layer_of(seed: int, fan_in: int, fan_out: int) -> Layer:
    return Layer(of_kind(matrix(seed, fan_in, fan_out) / np.sqrt(fan_in)), of_kind(matrix(seed + 1, fan_out)))


def blocks_of(values: Floats) -> Floats:
    """Return a matrix in blocks, with slack."""
    room = room_for(len(values), values.shape[1], values.dtype)
    to_blocks(values, room, padded(values.shape[1]))
    return room


def rows_of(values: Floats, rows: int, width: int) -> Floats:
    """Return a matrix in blocks as one of rows."""
    out = np.full((rows, width), np.nan, values.dtype)
    from_blocks(values, padded(width), out)
    return out


def moments_of(layer: Layer, *, filled: bool) -> Moments:
    """Return what an optimizer may remember of a layer: something, or nothing."""
    return Moments(pack((zeros_like if filled else empty_like)((layer,)))[0], pack(empty_like((layer,)))[0])


def entries_of(features: npt.NDArray[np.uint8], dtype: type) -> tuple[CsrBatch, CsrBatch]:
    """Return scaled rows without their zeros, and the transpose."""
    rows, width = features.shape
    entries, pixels = (empty_csr(size, rows * width, np.empty(0, dtype)) for size in (rows, width))
    unfold(csr_of(features), np.arange(rows), np.full(width, 1 / 256, np.float32), entries)
    transpose(entries, rows, width, pixels)
    return entries, pixels


@given(seeds, batches, fan_ins, fan_outs, activations)
def test_layers_equal_their_twins(seed: int, rows: int, fan_in: int, fan_out: int, activation: str) -> None:
    layer, before = layer_of(seed, fan_in, fan_out), matrix(seed + 2, rows, fan_in)
    x = reference.activate(before, activation)
    inputs, out, packed = blocks_of(of_kind(x)), room_for(rows, fan_out, KIND), pack((layer,))[0]
    dense_forward(inputs, rows, packed, ACTIVATIONS[activation], out)
    assert_close(rows_of(out, rows, fan_out), reference.activate(x @ layer.weight + layer.bias, activation), *CLOSE)
    delta, grad_input = matrix(seed + 3, rows, fan_out), room_for(rows, fan_in, KIND)
    moments = moments_of(layer, filled=True)
    constants = step_constants_from_python(GRADIENT, packed.bias)
    dense_backward(
        inputs, rows, packed, blocks_of(of_kind(delta)), ACTIVATIONS[activation], grad_input, moments, constants
    )
    grad = unpack((moments.first,))[0]
    assert_close(grad.weight, x.T @ delta, *CLOSE)
    assert_close(grad.bias, delta.sum(axis=0), *CLOSE)
    expected = delta @ layer.weight.T * reference.derivative(before, activation)
    assert_close(rows_of(grad_input, rows, fan_in), expected, *CLOSE)


@given(seeds, batches, fan_ins, fan_outs, activations)
def test_layers_without_the_zeros_equal_their_twins(
    seed: int, rows: int, fan_in: int, fan_out: int, activation: str
) -> None:
    layer, (features, _) = layer_of(seed, fan_in, fan_out), sparse_rows(seed, rows, fan_in, 2)
    x, out, packed = features / 256.0, room_for(rows, fan_out, KIND), pack((layer,))[0]
    entries, pixels = entries_of(features, KIND)
    sparse_forward(entries, rows, packed, ACTIVATIONS[activation], out, 0, blocks_in(packed.width))
    assert_close(rows_of(out, rows, fan_out), reference.activate(x @ layer.weight + layer.bias, activation), *CLOSE)
    delta = matrix(seed + 3, rows, fan_out)
    moments = moments_of(layer, filled=True)
    constants = step_constants_from_python(GRADIENT, packed.bias)
    sparse_backward(pixels, packed, blocks_of(of_kind(delta)), rows, moments, constants, 0, blocks_in(packed.width))
    grad = unpack((moments.first,))[0]
    assert_close(grad.weight, x.T @ delta, *CLOSE)
    assert_close(grad.bias, delta.sum(axis=0), *CLOSE)


@given(seeds, batches, fan_ins, fan_outs)
def test_a_step_entry_by_entry_is_the_same_step(seed: int, rows: int, fan_in: int, fan_out: int) -> None:
    layer, (features, _) = layer_of(seed, fan_in, fan_out), sparse_rows(seed, rows, fan_in, 2)
    entries, pixels = entries_of(features, KIND)
    scattered, summed = pack((layer,))[0], pack((layer,))[0]
    delta, constants, blocks = (
        blocks_of(of_kind(matrix(seed + 3, rows, fan_out))),
        step_constants_from_python(ONE_STEP, summed.bias),
        blocks_in(summed.width),
    )
    sparse_scatter(entries, scattered, delta, rows, constants, 0, blocks)
    sparse_backward(pixels, summed, delta, rows, moments_of(layer, filled=False), constants, 0, blocks)
    assert_close(scattered.weight, summed.weight, *CLOSE)
    assert_close(scattered.bias, summed.bias, *CLOSE)


def test_wide_tiles_are_for_wide_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CPU_NAME", None)
    for features, wide in (("+avx2,+avx512f", True), ("+avx2", False)):
        monkeypatch.setattr(numba.config, "CPU_FEATURES", features)
        assert has_wide_registers() == wide
    monkeypatch.setattr(numba.config, "CPU_NAME", "generic")
    assert not has_wide_registers()


def test_only_a_plain_step_leaves_what_has_no_gradient_alone() -> None:
    like = np.zeros(1, np.float32)
    assert is_idle(step_constants_from_python(ONE_STEP, like))
    assert not is_idle(step_constants_from_python(ONE_STEP._replace(weight_decay=0.1), like))
    assert not is_idle(step_constants_from_python(ONE_STEP._replace(optimizer=MOMENTUM), like))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Return rows and inputs of a layer that threads share; without the JIT, fewer are said to be enough for them."""
    if not numba.config.DISABLE_JIT:  # type: ignore[attr-defined] # made at run time
        return 230, 300
    for module in (dense_layers, sparse_batch):
        monkeypatch.setattr(module, "PARALLEL_THRESHOLD", 1)
    return 23, 30


@pytest.mark.parametrize("fan_out", [pytest.param(10, marks=pytest.mark.jit), 200])
def test_the_number_of_threads_does_not_change_a_bit(large: tuple[int, int], fan_out: int) -> None:
    rows, fan_in = large
    layer = Layer(*(array.astype(np.float32) for array in layer_of(1, fan_in, fan_out)))
    features, _ = sparse_rows(2, rows, fan_in, 2)
    inputs, delta = blocks_of(features.astype(np.float32) / 256), blocks_of(matrix(3, rows, fan_out).astype(np.float32))
    data, order = csr_of(features), np.arange(rows)
    entries = data.indptr[rows]
    assert rows * fan_in * padded(fan_out) > dense_layers.PARALLEL_THRESHOLD, "or this would not test the shared path"
    assert fan_out == 10 or entries * padded(fan_out) > sparse_batch.PARALLEL_THRESHOLD, "likewise"
    results = set()
    for threads in range(1, available_threads() + 1):
        numba.set_num_threads(threads)
        dense, sparse = pack((layer,))[0], pack((layer,))[0]
        outs = [room_for(rows, fan_out, np.float32) for _ in range(2)] + [room_for(rows, fan_in, np.float32)]
        dense_forward(inputs, rows, dense, NONE, outs[0])
        batch = empty_batch(data, order, rows, np.full(fan_in, 1 / 256, np.float32), np.float32)
        batch.chosen[:] = order
        batch_forward(batch, rows, sparse, NONE, outs[1])
        constants = step_constants_from_python(ONE_STEP, dense.bias)
        nothing = moments_of(layer, filled=False)
        dense_backward(inputs, rows, dense, delta, ACTIVATIONS["tanh"], outs[2], nothing, constants)
        batch_backward(batch, rows, sparse, delta, nothing, constants)
        arrays = [*outs, dense.weight, dense.bias, sparse.weight, sparse.bias]
        results.add(b"".join(array.tobytes() for array in arrays))
        np.testing.assert_allclose(dense.weight, sparse.weight, rtol=1e-4, atol=1e-4)
    assert len(results) == 1
