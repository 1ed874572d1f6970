"""A first layer of filters: each looks at every patch of an image's edges with the same weights.

A patch is 5 by 5 places of `kernels.images.orientation`, 200 numbers; patches lie 2 places apart, 5 by 5 of them.
Written out below each other (im2col), the patches of a mini-batch are the rows of a matrix, and to slide the filters
over the images is to multiply that matrix by theirs: a convolution is a fully connected layer (`kernels.layers.dense`)
that has 25 rows an image. Side by side, what the filters make of an image's patches is again a row, which the next
layer reads.

No derivative by the patches is needed to learn, as nothing before them is learned.

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
from kernels.functions.optimizers import StepConstants
from kernels.layers.dense import dense_backward, dense_forward, dense_forward_alone
from kernels.layers.packed import Moments, Packed
from kernels.machine.blocks import (
    SLACK,
    aligned,
    as_int64,
    block_bounds,
    blocks_in,
    from_blocks,
    padded,
    room_for,
    to_blocks,
)
from kernels.machine.jit import jit, jit_bare, jit_inline, jit_parallel
from kernels.machine.simd import broadcast_like, convert, load, multiply, store
from kernels.types import DIRECTIONS, SIDE, Bytes, Floats, OrientationMaps

Integers = npt.NDArray[np.int64]

PATCH, STRIDE = 5, 2
"""Places along each side of a patch, and from one patch to the next."""

ALONG = (SIDE - PATCH) // STRIDE + 1
"""Patches along each side."""

PATCHES = ALONG * ALONG
"""Patches of an image."""

TAPS = PATCH * PATCH * DIRECTIONS
"""Numbers in a patch: the weights of a filter."""

WIDTH = int(padded(TAPS))
"""The same, rounded up to whole vectors."""

FEW = 16
"""Images up to which writing out their patches is not worth a second thread: 2.5 µs each."""

TOGETHER = 8
"""Images whose patches are written out at once: they stay in a core's cache."""


class Patches(NamedTuple):
    """A mini-batch of images as filters see it, and room for what they make of it.

    Attributes
    ----------
    scale : (d,) float32
        The same number everywhere.
    patches : flat array
        A matrix in blocks (`kernels.machine.blocks`): `PATCHES` rows an image, of `TAPS` numbers.
    feature_maps : flat array
        Likewise, as wide as there are filters: their outputs, or the derivative by them.
    outputs : (batch * PATCHES, filters) float
        The same row after row.
    """

    scale: Floats
    patches: Floats
    feature_maps: Floats
    outputs: Floats


def empty_patches(filters: int, size: int, scale: Floats, dtype: npt.DTypeLike) -> Patches:
    """Return room for mini-batches of up to `size` images."""
    rows = size * PATCHES
    patches, feature_maps = room_for(rows, TAPS, dtype), room_for(rows, filters, dtype)
    return Patches(scale, patches, feature_maps, np.empty((rows, filters), dtype))


@jit_bare
def _im2col(values: Bytes, row: int, place: int, scale: Floats, out: Floats) -> None:
    """Write the patches of an image, `values[row]`, below those of the images before it, `place` of them."""
    real, room, flat = out.dtype.type, out.size // WIDTH, values.reshape(-1)
    factor = real(scale[0])
    for block in range(blocks_in(WIDTH)):
        start, stop = block_bounds(WIDTH, block)
        first, last = start // DIRECTIONS, min(stop, TAPS) // DIRECTIONS - 1
        for patch in range(PATCHES):
            corner = row * SIDE * SIDE + patch // ALONG * STRIDE * SIDE + patch % ALONG * STRIDE
            to = room * start + (place * PATCHES + patch) * (stop - start)
            for tap in range(first, last):  # a vector is two taps: the second half is overwritten by the next one
                at = (corner + tap // PATCH * SIDE + tap % PATCH) * DIRECTIONS
                numbers = convert(load(flat, at, 1), out)
                store(out, to + (tap - first) * DIRECTIONS, multiply(numbers, broadcast_like(factor, numbers)))
            at = (corner + last // PATCH * SIDE + last % PATCH) * DIRECTIONS
            for k in range(DIRECTIONS):
                out[to + (last - first) * DIRECTIONS + k] = real(flat[at + k]) * factor


@jit_parallel
def _im2col_shared(values: Bytes, rows: Integers, scale: Floats, out: Floats) -> None:
    for i in numba.prange(rows.size):
        _im2col(values, rows[i], as_int64(i), scale, out)


@jit
def im2col(maps: OrientationMaps, rows: Integers, begin: int, size: int, x: Patches) -> Integers:
    """Make the rows from `begin` on, `size` of them or what is left, the mini-batch, and return their numbers."""
    chosen = rows[begin : begin + size]
    if chosen.size > FEW:
        _im2col_shared(maps.values, chosen, x.scale, x.patches)
    else:
        for i in range(chosen.size):
            _im2col(maps.values, chosen[i], i, x.scale, x.patches)
    return chosen


@jit_inline
def _in_place(layer: Packed) -> bool:
    """Tell whether the filters' outputs, in blocks, lie row after row anyway: in a single block without padding."""
    return layer.width == layer.fan_out and blocks_in(layer.width) == 1


@jit
def _outputs(x: Patches, rows: int, layer: Packed) -> Floats:
    """Return where the filters' outputs lie row after row."""
    count = rows * PATCHES
    if _in_place(layer):
        return x.feature_maps[: count * layer.fan_out].reshape(count, layer.fan_out)
    return x.outputs[:count]


@jit
def filters_forward(x: Patches, rows: int, layer: Packed, activation: int, out: Floats) -> None:
    """Compute the filters' outputs, `f(patches · weight + bias)`, an image's in a row.

    Parameters
    ----------
    x : Patches
        Of a mini-batch; its room is written to.
    rows : int
        Of the mini-batch.
    layer : Packed
        `fan_in` is `TAPS`, `fan_out` the number of filters.
    activation : int
        The code of `f`.
    out : flat array
        A matrix in blocks, `PATCHES * fan_out` wide.
    """
    wide, outputs = PATCHES * layer.fan_out, _outputs(x, rows, layer)
    dense_forward(x.patches, rows * PATCHES, layer, activation, x.feature_maps)
    if not _in_place(layer):
        from_blocks(x.feature_maps, layer.width, outputs)
    to_blocks(outputs.reshape(rows, wide), out, padded(wide))


@jit
def filters_backward(
    x: Patches, rows: int, layer: Packed, delta: Floats, moments: Moments, constants: StepConstants
) -> None:
    """Take a step on the filters, along what all patches of all images add up to.

    Parameters
    ----------
    x, rows, layer
        As `filters_forward` had them; the layer is changed in place, as are `moments`.
    delta : flat array
        As its `out`: the derivative of the loss by the filters' pre-activations.
    moments : Moments
        The optimizer's, of this layer.
    constants : StepConstants
    """
    wide, outputs = PATCHES * layer.fan_out, _outputs(x, rows, layer)
    from_blocks(delta, padded(wide), outputs.reshape(rows, wide))
    if not _in_place(layer):
        if layer.width > layer.fan_out:
            x.feature_maps[:] = 0  # what pads must not be taken for a derivative: an activation of 0 need not be 0
        to_blocks(outputs, x.feature_maps, layer.width)
    nobody, none = x.feature_maps[:0], as_int64(NONE)  # asks for a derivative
    dense_backward(x.patches, rows * PATCHES, layer, x.feature_maps, none, nobody, moments, constants)


@jit
def filter_outputs(layer: Packed, values: Bytes, scale: Floats, activation: int) -> Floats:
    """Return the filters' outputs for images, on this thread.

    Parameters
    ----------
    layer : Packed
    values : (n, SIDE * SIDE * DIRECTIONS) uint8
        Of `OrientationMaps`.
    scale : (d,) float32
        The same number everywhere.
    activation : int

    Returns
    -------
    (n, PATCHES * filters) of the layer's dtype
    """
    images, room = values.shape[0], TOGETHER * PATCHES + SLACK
    outputs = np.empty((images * PATCHES, layer.fan_out), layer.bias.dtype)
    patches, feature_maps = aligned(room * WIDTH, layer.bias), aligned(room * layer.width, layer.bias)
    patches[:] = 0  # tiles reach over the last row, and must find numbers there
    for start in range(0, images, TOGETHER):
        count = min(TOGETHER, images - start)
        rows = count * PATCHES
        some, those = patches[: (rows + SLACK) * WIDTH], feature_maps[: (rows + SLACK) * layer.width]
        for i in range(count):
            _im2col(values, start + i, i, scale, some)
        dense_forward_alone(some, rows, layer, activation, those)
        from_blocks(those, layer.width, outputs[start * PATCHES : start * PATCHES + rows])
    return outputs.reshape(images, PATCHES * layer.fan_out)
