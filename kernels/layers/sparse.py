"""The first layer over rows without their zeros: `x W + b`, and the step on `W`, a block of columns at a time.

The arithmetic, for a block of 64 columns: an entry costs four fused multiply-adds of 16 numbers, the loads of their
other factors, and two loads more for the entry itself. Forward, the factors are a row of the block, which lies in a
core's second cache (784 rows x 256 bytes); backward, they are a row of `δ`, which fits into the first (128 x 256), and
the sums stay in registers until the step is taken. Two loads a cycle bound both at 1.5 cycles for the 128 operations of
an entry. A dense product would do five times as many operations, most of them on zeros.
"""

from collections.abc import Callable

from kernels.functions.activations import activation_forward
from kernels.functions.optimizers import StepConstants, is_idle, update, without_decay
from kernels.layers.csr import CsrBatch
from kernels.layers.packed import Moments, Packed
from kernels.machine.blocks import block_bounds
from kernels.machine.jit import jit, jit_bare, named
from kernels.machine.simd import LANES, add, broadcast, broadcast_like, fma, load, multiply, store
from kernels.types import Floats


def _forward_kernel(parts: int) -> Callable[[CsrBatch, int, Packed, int, Floats], None]:
    """Return the kernel for blocks of so many parts."""
    lanes = parts * LANES

    def forward_block(x: CsrBatch, rows: int, layer: Packed, start: int, out: Floats) -> None:
        weight, indptr, columns, values = layer.weight, x.indptr, x.indices, x.data
        at, bias = layer.fan_in * start, load(layer.bias, start, parts)
        for i in range(rows):
            total = bias
            for k in range(indptr[i], indptr[i + 1]):
                row = load(weight, at + columns[k] * lanes, parts)
                total = fma(broadcast(values[k], parts), row, total)
            store(out, i * lanes, total)

    return jit_bare(named(forward_block, parts))


def _update_kernel(parts: int) -> Callable[[CsrBatch, Packed, int, Floats, int, Moments, StepConstants], None]:
    """Return the kernel for blocks of so many parts."""
    lanes = parts * LANES

    def update_block(
        pixels: CsrBatch,
        layer: Packed,
        start: int,
        delta: Floats,
        rows: int,
        moments: Moments,
        constants: StepConstants,
    ) -> None:
        weight, weight_first, weight_second = layer.weight, moments.first.weight, moments.second.weight
        indptr, columns, values, at = pixels.indptr, pixels.indices, pixels.data, layer.fan_in * start
        zero, idle = broadcast(delta.dtype.type(0), parts), is_idle(constants)
        for j in range(layer.fan_in):
            begin, end = indptr[j], indptr[j + 1]
            if begin == end and idle:
                continue
            total = zero
            for k in range(begin, end):
                total = fma(broadcast(values[k], parts), load(delta, columns[k] * lanes, parts), total)
            update(constants, total, weight, weight_first, weight_second, at + j * lanes)
        total = zero
        for i in range(rows):
            total = add(total, load(delta, i * lanes, parts))
        update(without_decay(constants), total, layer.bias, moments.first.bias, moments.second.bias, start)

    return jit_bare(named(update_block, parts))


def _scatter_kernel(parts: int) -> Callable[[CsrBatch, int, Packed, int, Floats, StepConstants], None]:
    """Return the kernel for blocks of so many parts."""
    lanes = parts * LANES

    def scatter_block(
        x: CsrBatch, rows: int, layer: Packed, start: int, delta: Floats, constants: StepConstants
    ) -> None:
        weight, indptr, columns, values, at = layer.weight, x.indptr, x.indices, x.data, layer.fan_in * start
        total = broadcast(delta.dtype.type(0), parts)
        for i in range(rows):
            row = load(delta, i * lanes, parts)
            total, change = add(total, row), multiply(row, broadcast_like(constants.negative_rate, row))
            for k in range(indptr[i], indptr[i + 1]):
                place = at + columns[k] * lanes
                store(weight, place, fma(broadcast(values[k], parts), change, load(weight, place, parts)))
        update(without_decay(constants), total, layer.bias, layer.bias, layer.bias, start)

    return jit_bare(named(scatter_block, parts))


_forward_1, _forward_2, _forward_3, _forward_4 = map(_forward_kernel, range(1, 5))
_update_1, _update_2, _update_3, _update_4 = map(_update_kernel, range(1, 5))
_scatter_1, _scatter_2, _scatter_3, _scatter_4 = map(_scatter_kernel, range(1, 5))


@jit
def sparse_forward(x: CsrBatch, rows: int, layer: Packed, activation: int, out: Floats, begin: int, end: int) -> None:
    """Compute some blocks of `out ← f(x · weight + bias)`.

    Parameters
    ----------
    x : CsrBatch
        Of `rows` rows and `fan_in` columns.
    rows : int
    layer : Packed
    activation : int
        The code of `f`.
    out : flat array
        A matrix in blocks, of at least so many rows.
    begin, end : int
        The blocks.
    """
    for block in range(begin, end):
        start, stop = block_bounds(layer.width, block)
        lanes, at = stop - start, out.size // layer.width * start
        panel = out[at : at + rows * lanes]
        if lanes == 4 * LANES:
            _forward_4(x, rows, layer, start, panel)
        elif lanes == 3 * LANES:
            _forward_3(x, rows, layer, start, panel)
        elif lanes == 2 * LANES:
            _forward_2(x, rows, layer, start, panel)
        else:
            _forward_1(x, rows, layer, start, panel)
        activation_forward(panel, activation)


@jit
def sparse_backward(
    pixels: CsrBatch, layer: Packed, delta: Floats, rows: int, moments: Moments, constants: StepConstants,
    begin: int, end: int,
) -> None:  # fmt: skip
    """Take a step on some blocks of weight and bias, along `xᵀ δ` and the column sums of `δ`.

    Parameters
    ----------
    pixels : CsrBatch
        `xᵀ`, of `fan_in` rows: see `kernels.layers.csr.transpose`.
    layer : Packed
        Changed in place, as are `moments`.
    delta : flat array
        A matrix in blocks: the derivative of the loss by this layer's sums.
    rows : int
        Of the mini-batch.
    moments : Moments
        The optimizer's, of this layer.
    constants : StepConstants
    begin, end : int
        The blocks.
    """
    for block in range(begin, end):
        start, stop = block_bounds(layer.width, block)
        lanes, at = stop - start, delta.size // layer.width * start
        panel = delta[at : at + rows * lanes]
        if lanes == 4 * LANES:
            _update_4(pixels, layer, start, panel, rows, moments, constants)
        elif lanes == 3 * LANES:
            _update_3(pixels, layer, start, panel, rows, moments, constants)
        elif lanes == 2 * LANES:
            _update_2(pixels, layer, start, panel, rows, moments, constants)
        else:
            _update_1(pixels, layer, start, panel, rows, moments, constants)


@jit
def sparse_scatter(
    x: CsrBatch, layer: Packed, delta: Floats, rows: int, constants: StepConstants, begin: int, end: int
) -> None:
    """Take the same step entry by entry, straight into the weight; parameters otherwise as for `sparse_backward`.

    Only a step that leaves a weight without gradient alone can be taken so (`kernels.functions.optimizers.is_idle`). It
    reads and writes the weight for every entry, but does without turning the mini-batch round: with one block, that is
    quicker.

    Parameters
    ----------
    x : CsrBatch
        The mini-batch row by row.
    """
    for block in range(begin, end):
        start, stop = block_bounds(layer.width, block)
        lanes, at = stop - start, delta.size // layer.width * start
        panel = delta[at : at + rows * lanes]
        if lanes == 4 * LANES:
            _scatter_4(x, rows, layer, start, panel, constants)
        elif lanes == 3 * LANES:
            _scatter_3(x, rows, layer, start, panel, constants)
        elif lanes == 2 * LANES:
            _scatter_2(x, rows, layer, start, panel, constants)
        else:
            _scatter_1(x, rows, layer, start, panel, constants)
