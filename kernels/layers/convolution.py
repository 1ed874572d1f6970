"""A first layer of filters: each looks at every window of an image's edges with the same weights.

A window is 5 by 5 places of `kernels.images.orientation`, 200 numbers; windows lie 2 places apart, 5 by 5 of them.
Written out below each other (im2col, it is called elsewhere), the windows of a mini-batch are the rows of a matrix, and
to slide the filters over the images is to multiply that matrix by theirs: a convolution is a fully connected layer
(`kernels.layers.dense`) that has 25 rows an image. Side by side, what the filters answer for an image's windows is
again a row, which the next layer reads.

No derivative by the windows is needed to learn, as nothing before them is learned.

References
----------
Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition. Proceedings of the
IEEE 86, 1998 (filters that share their weights).
K. Chellapilla, S. Puri, P. Simard: High performance convolutional neural networks for document processing. IWFHR 2006
(convolution as a product of matrices).
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from kernels.functions.activations import NONE
from kernels.functions.optimizers import Rule
from kernels.layers.dense import dense_descend, dense_forward, dense_forward_alone
from kernels.layers.packed import Packed
from kernels.machine.blocks import (
    SLACK,
    aligned,
    block_start,
    blocks_in,
    from_blocks,
    padded,
    room_for,
    signed,
    to_blocks,
)
from kernels.machine.jit import jit, jit_bare, jit_inline, jit_inside, jit_shared
from kernels.machine.simd import broadcast_like, convert, load, multiply, store
from kernels.types import DIRECTIONS, SIDE, Bytes, Floats, Planes

Integers = npt.NDArray[np.int64]

WINDOW, STRIDE = 5, 2
"""Places along each side of a window, and from one window to the next."""

ALONG = (SIDE - WINDOW) // STRIDE + 1
"""Windows along each side."""

WINDOWS = ALONG * ALONG
"""Windows of an image."""

TAPS = WINDOW * WINDOW * DIRECTIONS
"""Numbers in a window: the weights of a filter."""

WIDTH = int(padded(TAPS))
"""The same, rounded up to whole vectors."""

FEW = 16
"""Images up to which writing out their windows is not worth a second thread: 2.5 µs each."""

TOGETHER = 8
"""Images whose windows are written out at once to be answered: they stay in a core's cache."""


class Windows(NamedTuple):
    """A mini-batch of images as filters see it, and room for what they make of it.

    Attributes
    ----------
    scale : (d,) float32
        The same number everywhere.
    windows : flat array
        A matrix in blocks (`kernels.machine.blocks`): `WINDOWS` rows an image, of `TAPS` numbers.
    maps : flat array
        Likewise, as wide as there are filters: their answers, or the derivative by them.
    answers : (batch * WINDOWS, filters) float
        The same row after row.
    """

    scale: Floats
    windows: Floats
    maps: Floats
    answers: Floats


def empty_windows(filters: int, size: int, scale: Floats, dtype: npt.DTypeLike) -> Windows:
    """Return room for mini-batches of up to `size` images."""
    rows = size * WINDOWS
    windows, maps = room_for(rows, TAPS, dtype), room_for(rows, filters, dtype)
    return Windows(scale, windows, maps, np.empty((rows, filters), dtype))


@jit_bare
def _cut_out(values: Bytes, row: int, place: int, scale: Floats, out: Floats) -> None:
    """Write the windows of an image, `values[row]`, below those of the images before it, `place` of them."""
    real, room, flat = out.dtype.type, out.size // WIDTH, values.reshape(-1)
    factor = real(scale[0])
    for block in range(blocks_in(WIDTH)):
        start, stop = block_start(WIDTH, block), block_start(WIDTH, block + 1)
        first, last = start // DIRECTIONS, min(stop, TAPS) // DIRECTIONS - 1
        for window in range(WINDOWS):
            corner = row * SIDE * SIDE + window // ALONG * STRIDE * SIDE + window % ALONG * STRIDE
            to = room * start + (place * WINDOWS + window) * (stop - start)
            for tap in range(first, last):  # a vector is two taps: the second half is overwritten by the next one
                at = (corner + tap // WINDOW * SIDE + tap % WINDOW) * DIRECTIONS
                numbers = convert(load(flat, at, 1), out)
                store(out, to + (tap - first) * DIRECTIONS, multiply(numbers, broadcast_like(factor, numbers)))
            at = (corner + last // WINDOW * SIDE + last % WINDOW) * DIRECTIONS
            for k in range(DIRECTIONS):
                out[to + (last - first) * DIRECTIONS + k] = real(flat[at + k]) * factor


@jit_shared
def _cut_out_shared(values: Bytes, rows: Integers, scale: Floats, out: Floats) -> None:
    for i in numba.prange(rows.size):
        _cut_out(values, rows[i], signed(i), scale, out)


@jit
def cut_out(planes: Planes, rows: Integers, begin: int, size: int, x: Windows) -> Integers:
    """Make the rows from `begin` on, `size` of them or what is left, the mini-batch, and return their numbers."""
    chosen = rows[begin : begin + size]
    if chosen.size > FEW:
        _cut_out_shared(planes.values, chosen, x.scale, x.windows)
    else:
        for i in range(chosen.size):
            _cut_out(planes.values, chosen[i], i, x.scale, x.windows)
    return chosen


@jit_inline
def _in_place(layer: Packed) -> bool:
    """Tell whether the filters' answers, in blocks, lie row after row anyway: in a single block without padding."""
    return layer.width == layer.fan_out and blocks_in(layer.width) == 1


@jit_inside
def _answers(x: Windows, rows: int, layer: Packed) -> Floats:
    """Return where the filters' answers lie row after row."""
    count = rows * WINDOWS
    if _in_place(layer):
        return x.maps[: count * layer.fan_out].reshape(count, layer.fan_out)
    return x.answers[:count]


@jit
def filters_forward(x: Windows, rows: int, layer: Packed, activation: int, out: Floats) -> None:
    """Compute what the filters answer, `f(windows · weight + bias)`, an image's answers in a row.

    Parameters
    ----------
    x : Windows
        Of a mini-batch; its room is written to.
    rows : int
        Of the mini-batch.
    layer : Packed
        `fan_in` is `TAPS`, `fan_out` the number of filters.
    activation : int
        The code of `f`.
    out : flat array
        A matrix in blocks, `WINDOWS * fan_out` wide.
    """
    wide, answers = WINDOWS * layer.fan_out, _answers(x, rows, layer)
    dense_forward(x.windows, signed(WIDTH), rows * WINDOWS, layer, activation, x.maps)
    if not _in_place(layer):
        from_blocks(x.maps, layer.width, answers)
    to_blocks(answers.reshape(rows, wide), out, padded(wide))


@jit
def filters_descend(
    x: Windows, rows: int, layer: Packed, delta: Floats, first: Packed, second: Packed, rule: Rule
) -> None:
    """Take a step on the filters, along what all windows of all images add up to.

    Parameters
    ----------
    x, rows, layer
        As `filters_forward` had them; the layer is changed in place, as are `first` and `second`.
    delta : flat array
        As its `out`: the derivative of the loss by the filters' pre-activations.
    first, second : Packed
        The optimizer's memory of this layer.
    rule : Rule
    """
    wide, answers = WINDOWS * layer.fan_out, _answers(x, rows, layer)
    from_blocks(delta, padded(wide), answers.reshape(rows, wide))
    if not _in_place(layer):
        if layer.width > layer.fan_out:
            x.maps[:] = 0  # what pads must not be taken for a derivative: an activation of 0 need not be 0
        to_blocks(answers, x.maps, layer.width)
    nobody, none = x.maps[:0], signed(NONE)  # asks for a derivative
    dense_descend(x.windows, signed(WIDTH), rows * WINDOWS, layer, x.maps, none, nobody, first, second, rule)


@jit
def filter_answers(layer: Packed, values: Bytes, scale: Floats, activation: int) -> Floats:
    """Return what the filters answer for images, on this thread.

    Parameters
    ----------
    layer : Packed
    values : (n, SIDE * SIDE * DIRECTIONS) uint8
        Of `Planes`.
    scale : (d,) float32
        The same number everywhere.
    activation : int

    Returns
    -------
    (n, WINDOWS * filters) of the layer's dtype
    """
    images, room = values.shape[0], TOGETHER * WINDOWS + SLACK
    answers = np.empty((images * WINDOWS, layer.fan_out), layer.bias.dtype)
    windows, maps = aligned(room * WIDTH, layer.bias), aligned(room * layer.width, layer.bias)
    windows[:] = 0  # tiles reach over the last row, and must find numbers there
    for start in range(0, images, TOGETHER):
        count = min(TOGETHER, images - start)
        rows = count * WINDOWS
        some, those = windows[: (rows + SLACK) * WIDTH], maps[: (rows + SLACK) * layer.width]
        for i in range(count):
            _cut_out(values, start + i, i, scale, some)
        dense_forward_alone(some, signed(WIDTH), rows, layer, activation, those)
        from_blocks(those, layer.width, answers[start * WINDOWS : start * WINDOWS + rows])
    return answers.reshape(images, WINDOWS * layer.fan_out)
