"""A fully connected layer over a whole mini-batch: `f(x W + b)`, its derivatives, and the step on `W` and `b`.

Forward, the work is shared out by the columns of the weight. Backward, it is shared out by its rows, one for each unit
of the layer before: whoever owns them computes these units' derivatives with the old rows, and then takes the step on
them. So nothing waits for anything, and the rows stay in one core's cache.
"""

import numba

from kernels.functions.activations import activation_backward, activation_forward
from kernels.functions.optimizers import StepConstants, update, without_decay
from kernels.layers.microkernels import TILE_ROWS, multiply, update_rows
from kernels.layers.packed import Moments, Packed
from kernels.machine.blocks import MOST_PARTS, aligned, as_int64, block_bounds, blocks_in, padded
from kernels.machine.jit import jit, jit_bare, jit_parallel
from kernels.machine.simd import LANES, add, load, load_rows, store_rows, transpose
from kernels.types import Floats

PARALLEL_THRESHOLD = 400_000
"""Multiplications from which on a product is shared among threads: 5 µs of one, a few times what sharing costs."""

CHUNKS = 4
"""Into how many pieces the rows of a mini-batch are cut where the columns alone are too few to share."""

TILE_NUMBERS = 512
"""Numbers in the largest tile."""


@jit
def _chunks_for(width: int) -> int:
    """Return into how many pieces the rows are cut."""
    return 1 if blocks_in(width) >= CHUNKS else CHUNKS


@jit
def _forward(x: Floats, rows: int, layer: Packed, item: int, activation: int, out: Floats) -> None:
    """Fill a chunk of rows of a block of `out`."""
    chunks = _chunks_for(layer.width)
    block, chunk, tiles = item // chunks, item % chunks, -(-rows // TILE_ROWS)
    begin, end = chunk * tiles // chunks * TILE_ROWS, min((chunk + 1) * tiles // chunks * TILE_ROWS, rows)
    start, stop = block_bounds(layer.width, block)
    lanes, at = stop - start, out.size // layer.width * start
    weight, bias = layer.weight, layer.bias
    multiply(x, begin, end, layer.fan_in, weight, layer.fan_in * start, lanes, bias, start, out, at)
    activation_forward(out[at + begin * lanes : at + end * lanes], activation)


@jit_parallel
def _forward_shared(x: Floats, rows: int, layer: Packed, activation: int, out: Floats) -> None:
    for item in numba.prange(blocks_in(layer.width) * _chunks_for(layer.width)):
        _forward(x, rows, layer, as_int64(item), activation, out)


@jit
def dense_forward(x: Floats, rows: int, layer: Packed, activation: int, out: Floats) -> None:
    """Compute `out ← f(x · weight + bias)`; the same to the bit on any number of threads.

    Parameters
    ----------
    x : flat array
        A matrix in blocks (`kernels.machine.blocks`), of `rows` rows and the slack; `fan_in` of its columns count.
    rows : int
    layer : Packed
    activation : int
        The code of `f`.
    out : flat array
        Likewise, as wide as the layer.
    """
    if rows * layer.fan_in * layer.width > PARALLEL_THRESHOLD:
        _forward_shared(x, rows, layer, activation, out)
    else:
        dense_forward_alone(x, rows, layer, activation, out)


@jit
def dense_forward_alone(x: Floats, rows: int, layer: Packed, activation: int, out: Floats) -> None:
    """Compute the same on this thread, whatever the size: for callers whose other threads have work of their own."""
    for item in range(blocks_in(layer.width) * _chunks_for(layer.width)):
        _forward(x, rows, layer, item, activation, out)


@jit
def _scratch_for(layer: Packed) -> Floats:
    """Return working memory for `_backward`: a tile, and a block transposed, with a row of zeros."""
    return aligned(TILE_NUMBERS + (layer.width + 1) * MOST_PARTS * LANES, layer.weight)


@jit_bare
def _transpose_rows(layer: Packed, begin: int, end: int, out: Floats) -> None:
    """Write the weight's rows from `begin` to `end`, whole vectors of them, as columns, and a row of zeros after them.

    Rows that only pad the layer before, from `fan_in` on, are zeros too.
    """
    lanes, weight, zero = end - begin, layer.weight, out.dtype.type(0)
    for block in range(blocks_in(layer.width)):
        start, stop = block_bounds(layer.width, block)
        at = layer.fan_in * start
        for unit in range(begin, end, LANES):
            known = min(LANES, layer.fan_in - unit)
            for column in range(start, stop, LANES):
                place = column * lanes + unit - begin
                if known == LANES:
                    square = load_rows(weight, at + unit * (stop - start) + column - start, stop - start)
                    store_rows(out, place, lanes, transpose(square), 1)
                    continue
                for j in range(LANES):
                    for i in range(LANES):
                        inside = at + (unit + i) * (stop - start) + column - start + j
                        out[place + j * lanes + i] = weight[inside] if i < known else zero
    for unit in range(lanes):
        out[layer.width * lanes + unit] = zero


@jit
def _backward(
    x: Floats, rows: int, layer: Packed, delta: Floats, item: int,
    activation: int, grad_input: Floats, moments: Moments, constants: StepConstants, scratch: Floats,
) -> None:  # fmt: skip
    """Do all that the backward pass has to do with the rows of the weight that belong to a block of `x`."""
    width = padded(layer.fan_in)
    begin, end = block_bounds(width, item)
    units, at, known = end - begin, x.size // width * begin, min(end, layer.fan_in) - begin
    room, transposed = scratch[:TILE_NUMBERS], scratch[TILE_NUMBERS:]
    if grad_input.size:
        inner, zero = layer.width, as_int64(0)
        _transpose_rows(layer, begin, end, transposed)
        multiply(delta, zero, rows, inner, transposed, zero, units, transposed, inner * units, grad_input, at)
        activation_backward(x[at : at + rows * units], grad_input[at : at + rows * units], activation)
    in_delta, weight, first, second = (
        delta.size // layer.width,
        layer.weight,
        moments.first.weight,
        moments.second.weight,
    )
    for block in range(blocks_in(layer.width)):
        start, stop = block_bounds(layer.width, block)
        update_rows(
            x, at, units, known, rows, delta, in_delta * start, stop - start, room,
            weight, first, second, layer.fan_in * start + begin * (stop - start), constants,
        )  # fmt: skip


@jit_parallel
def _backward_shared(
    x: Floats, rows: int, layer: Packed, delta: Floats,
    activation: int, grad_input: Floats, first: Packed, second: Packed, constants: StepConstants,
) -> None:  # fmt: skip
    # Numba hands no tuples of tuples to threads.
    for item in numba.prange(blocks_in(padded(layer.fan_in))):
        moments, scratch = Moments(first, second), _scratch_for(layer)
        _backward(x, rows, layer, delta, as_int64(item), activation, grad_input, moments, constants, scratch)


@jit_bare
def _update_bias(layer: Packed, delta: Floats, rows: int, moments: Moments, constants: StepConstants) -> None:
    """Take the step on the bias, along the column sums of `delta`."""
    room, bias, bias_first, bias_second = delta.size // layer.width, layer.bias, moments.first.bias, moments.second.bias
    for block in range(blocks_in(layer.width)):
        start, stop = block_bounds(layer.width, block)
        for column in range(start, stop, LANES):
            at = room * start + column - start
            total = load(delta, at, 1)
            for i in range(1, rows):
                total = add(total, load(delta, at + i * (stop - start), 1))
            update(without_decay(constants), total, bias, bias_first, bias_second, column)


@jit
def dense_backward(
    x: Floats, rows: int, layer: Packed, delta: Floats,
    activation: int, grad_input: Floats, moments: Moments, constants: StepConstants,
) -> None:  # fmt: skip
    """Compute the derivative of a loss by a layer's input, and take a step on its weight and bias.

    Parameters
    ----------
    x, rows
        As `dense_forward` had them.
    layer : Packed
        Changed in place, as are `moments`.
    delta : flat array
        A matrix in blocks, as wide as the layer: the derivative by the layer's sums.
    activation : int
        The code of the function that `x` came from.
    grad_input : flat array
        Likewise, as wide as `x`: on return the derivative by what that function was applied to. Empty, it is not
        wanted.
    moments : Moments
        The optimizer's, of this layer.
    constants : StepConstants
    """
    if rows * layer.fan_in * layer.width > PARALLEL_THRESHOLD:
        first, second = moments
        _backward_shared(x, rows, layer, delta, activation, grad_input, first, second, constants)
    else:
        scratch = _scratch_for(layer)
        for item in range(blocks_in(padded(layer.fan_in))):
            _backward(x, rows, layer, delta, item, activation, grad_input, moments, constants, scratch)
    _update_bias(layer, delta, rows, moments, constants)
