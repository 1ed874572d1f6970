"""The first layer over rows without their zeros: `x W + b`, and the step on `W`, a block of columns at a time.

The arithmetic, for a block of 64 columns: an entry costs four fused multiply-adds of 16 numbers, the loads of their
other factors, and two loads more for the entry itself. Forward, the factors are a row of the block, which lies in a
core's second cache (784 rows x 256 bytes); backward, they are a row of `δ`, which fits into the first (128 x 256), and
the sums stay in registers until the step is taken. Two loads a cycle bound both at 1.5 cycles for the 128 operations of
an entry. A dense product would do five times as many operations, most of them on zeros.
"""

from collections.abc import Callable

from kernels.functions.activations import activation_forward
from kernels.functions.optimizers import Rule, descend, is_idle, without_decay
from kernels.layers.csr import Entries
from kernels.layers.packed import Packed
from kernels.machine.blocks import block_start
from kernels.machine.jit import jit, jit_bare, named
from kernels.machine.simd import LANES, add, broadcast, broadcast_like, fma, load, multiply, store
from kernels.types import Floats


def _forward_kernel(parts: int) -> Callable[[Entries, int, Packed, int, Floats], None]:
    """Return the kernel for blocks of so many parts."""
    lanes = parts * LANES

    def forward_block(x: Entries, rows: int, layer: Packed, start: int, out: Floats) -> None:
        weight, starts, columns, values = layer.weight, x.starts, x.columns, x.values
        at, bias = layer.fan_in * start, load(layer.bias, start, parts)
        for i in range(rows):
            total = bias
            for k in range(starts[i], starts[i + 1]):
                row = load(weight, at + columns[k] * lanes, parts)
                total = fma(broadcast(values[k], parts), row, total)
            store(out, i * lanes, total)

    return jit_bare(named(forward_block, parts))


def _descend_kernel(parts: int) -> Callable[[Entries, Packed, int, Floats, int, Packed, Packed, Rule], None]:
    """Return the kernel for blocks of so many parts."""
    lanes = parts * LANES

    def descend_block(
        pixels: Entries, layer: Packed, start: int, delta: Floats, rows: int, first: Packed, second: Packed, rule: Rule
    ) -> None:
        weight, weight_first, weight_second = layer.weight, first.weight, second.weight
        starts, columns, values, at = pixels.starts, pixels.columns, pixels.values, layer.fan_in * start
        zero, idle = broadcast(delta.dtype.type(0), parts), is_idle(rule)
        for j in range(layer.fan_in):
            begin, end = starts[j], starts[j + 1]
            if begin == end and idle:
                continue
            total = zero
            for k in range(begin, end):
                total = fma(broadcast(values[k], parts), load(delta, columns[k] * lanes, parts), total)
            descend(rule, total, weight, weight_first, weight_second, at + j * lanes)
        total = zero
        for i in range(rows):
            total = add(total, load(delta, i * lanes, parts))
        descend(without_decay(rule), total, layer.bias, first.bias, second.bias, start)

    return jit_bare(named(descend_block, parts))


def _scatter_kernel(parts: int) -> Callable[[Entries, int, Packed, int, Floats, Rule], None]:
    """Return the kernel for blocks of so many parts."""
    lanes = parts * LANES

    def scatter_block(x: Entries, rows: int, layer: Packed, start: int, delta: Floats, rule: Rule) -> None:
        weight, starts, columns, values, at = layer.weight, x.starts, x.columns, x.values, layer.fan_in * start
        total = broadcast(delta.dtype.type(0), parts)
        for i in range(rows):
            row = load(delta, i * lanes, parts)
            total, change = add(total, row), multiply(row, broadcast_like(rule.rate, row))
            for k in range(starts[i], starts[i + 1]):
                place = at + columns[k] * lanes
                store(weight, place, fma(broadcast(values[k], parts), change, load(weight, place, parts)))
        descend(without_decay(rule), total, layer.bias, layer.bias, layer.bias, start)

    return jit_bare(named(scatter_block, parts))


_forward_1, _forward_2, _forward_3, _forward_4 = map(_forward_kernel, range(1, 5))
_descend_1, _descend_2, _descend_3, _descend_4 = map(_descend_kernel, range(1, 5))
_scatter_1, _scatter_2, _scatter_3, _scatter_4 = map(_scatter_kernel, range(1, 5))


@jit
def sparse_forward(x: Entries, rows: int, layer: Packed, activation: int, out: Floats, begin: int, end: int) -> None:
    """Compute some blocks of `out ← f(x · weight + bias)`.

    Parameters
    ----------
    x : Entries
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
        start, stop = block_start(layer.width, block), block_start(layer.width, block + 1)
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
def sparse_descend(
    pixels: Entries, layer: Packed, delta: Floats, rows: int, first: Packed, second: Packed, rule: Rule,
    begin: int, end: int,
) -> None:  # fmt: skip
    """Take a step on some blocks of weight and bias, along `xᵀ δ` and the column sums of `δ`.

    Parameters
    ----------
    pixels : Entries
        `xᵀ`, of `fan_in` rows: see `kernels.layers.csr.turn`.
    layer : Packed
        Changed in place, as are `first` and `second`.
    delta : flat array
        A matrix in blocks: the derivative of the loss by this layer's sums.
    rows : int
        Of the mini-batch.
    first, second : Packed
        The optimizer's memory of this layer.
    rule : Rule
    begin, end : int
        The blocks.
    """
    for block in range(begin, end):
        start, stop = block_start(layer.width, block), block_start(layer.width, block + 1)
        lanes, at = stop - start, delta.size // layer.width * start
        panel = delta[at : at + rows * lanes]
        if lanes == 4 * LANES:
            _descend_4(pixels, layer, start, panel, rows, first, second, rule)
        elif lanes == 3 * LANES:
            _descend_3(pixels, layer, start, panel, rows, first, second, rule)
        elif lanes == 2 * LANES:
            _descend_2(pixels, layer, start, panel, rows, first, second, rule)
        else:
            _descend_1(pixels, layer, start, panel, rows, first, second, rule)


@jit
def sparse_scatter(x: Entries, layer: Packed, delta: Floats, rows: int, rule: Rule, begin: int, end: int) -> None:
    """Take the same step entry by entry, straight into the weight; parameters otherwise as for `sparse_descend`.

    Only a step that leaves a weight without gradient alone can be taken so (`kernels.functions.optimizers.is_idle`). It
    reads and writes the weight for every entry, but does without turning the mini-batch round: with one block, that is
    quicker.

    Parameters
    ----------
    x : Entries
        The mini-batch row by row.
    """
    for block in range(begin, end):
        start, stop = block_start(layer.width, block), block_start(layer.width, block + 1)
        lanes, at = stop - start, delta.size // layer.width * start
        panel = delta[at : at + rows * lanes]
        if lanes == 4 * LANES:
            _scatter_4(x, rows, layer, start, panel, rule)
        elif lanes == 3 * LANES:
            _scatter_3(x, rows, layer, start, panel, rule)
        elif lanes == 2 * LANES:
            _scatter_2(x, rows, layer, start, panel, rule)
        else:
            _scatter_1(x, rows, layer, start, panel, rule)
