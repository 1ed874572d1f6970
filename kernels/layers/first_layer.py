"""A mini-batch as the first layer sees it: patches of images, rows without their zeros, or a plain matrix.

The first are for filters; a fully connected layer takes rows without zeros where those are many.

Which of the three it is, is a matter of types: compiled code holds one path only.
"""

from typing import Any, TypeAlias, cast

import numpy as np
from numba.extending import overload

from kernels.functions.activations import NONE
from kernels.functions.optimizers import StepConstants
from kernels.layers.convolution import Patches, empty_patches, filters_backward, filters_forward, im2col
from kernels.layers.csr import MOST_COLUMNS, Csr, Integers, csr_of
from kernels.layers.dense import dense_backward, dense_forward
from kernels.layers.packed import Moments, Packed
from kernels.layers.sparse_batch import SparseBatch, batch_backward, batch_forward, choose, empty_batch
from kernels.layers.standardize import gather
from kernels.machine.blocks import as_int64, room_for
from kernels.machine.jit import jit
from kernels.params import writable
from kernels.types import Bytes, Floats, OrientationMaps

DENSEST = 0.35
"""Share of other numbers than 0 up to which leaving out the zeros pays: `bench` shows both sides of it."""

SAMPLE = 100
"""Rows that are looked at to tell."""


Stored: TypeAlias = Bytes | Floats | Csr | OrientationMaps
"""Rows to learn from: a matrix (n, d), the same without its zeros, or the edges of images."""

Inputs: TypeAlias = Floats | SparseBatch | Patches
"""A mini-batch: a flat array that holds a matrix in blocks (`kernels.machine.blocks`), the same without its zeros, or
the patches of images."""


def has_many_zeros(features: Bytes | Floats, shift: Floats, scale: Floats) -> bool:
    """Tell whether leaving out the zeros pays: bytes, most of them 0, which stay 0 when they are scaled."""
    if features.dtype != np.uint8 or not 0 < features.shape[1] <= MOST_COLUMNS or shift.any() or np.ptp(scale):
        return False
    sample = features[:: max(1, features.shape[0] // SAMPLE)]
    return bool(np.count_nonzero(sample) <= DENSEST * sample.size)


def stored(features: Bytes | Floats, shift: Floats, scale: Floats) -> Stored:
    """Return rows as they are best kept to be learned from.

    Parameters
    ----------
    features : (n, d) uint8 or float32
    shift, scale : (d,) float32
        The network sees `(row - shift) * scale`.
    """
    features = writable(features)
    return csr_of(cast("Bytes", features)) if has_many_zeros(features, shift, scale) else features


def features_in(features: Stored) -> int:
    """Return how many columns the rows have."""
    if isinstance(features, Csr):
        return features.width
    return int((features.values if isinstance(features, OrientationMaps) else features).shape[1])


def room_for_batch(features: Stored, rows: Integers, size: int, scale: Floats, layer: Packed) -> Inputs:
    """Return working memory for mini-batches of up to `size` of the rows, which `layer` is to read."""
    dtype = layer.bias.dtype
    if isinstance(features, OrientationMaps):
        return empty_patches(layer.fan_out, size, scale, dtype)
    if isinstance(features, Csr):
        return empty_batch(features, rows, size, scale, dtype)
    return room_for(size, features.shape[1], dtype)


def take(features: Stored, rows: Integers, begin: int, size: int, shift: Floats, scale: Floats, x: Inputs) -> Integers:
    """Make the rows from `begin` on, `size` of them or what is left, scaled, the mini-batch, and return their numbers.

    Parameters otherwise as for `gather`; the rows after these are expected to be the next.
    """
    if isinstance(x, Patches):
        return im2col(cast("OrientationMaps", features), rows, begin, size, x)
    if isinstance(x, SparseBatch):
        return choose(x, rows, begin, size)
    return _gather(cast("Floats", features), rows, begin, size, shift, scale, x)


@jit
def _gather(
    features: Bytes | Floats, rows: Integers, begin: int, size: int, shift: Floats, scale: Floats, x: Floats
) -> Integers:
    """Take a mini-batch."""
    chosen = rows[begin : begin + size]
    gather(features, chosen, shift, scale, x)
    return chosen


def first_forward(x: Inputs, rows: int, layer: Packed, activation: int, out: Floats) -> None:
    """Compute the first layer's output; parameters as for `dense_forward`."""
    if isinstance(x, Patches):
        filters_forward(x, rows, layer, activation, out)
    elif isinstance(x, SparseBatch):
        batch_forward(x, rows, layer, activation, out)
    else:
        dense_forward(x, rows, layer, activation, out)


def first_backward(
    x: Inputs, rows: int, layer: Packed, delta: Floats, moments: Moments, constants: StepConstants
) -> None:
    """Take the first layer's step; parameters as for `dense_backward`, but nobody asks for a derivative by pixels."""
    if isinstance(x, Patches):
        filters_backward(x, rows, layer, delta, moments, constants)
    elif isinstance(x, SparseBatch):
        batch_backward(x, rows, layer, delta, moments, constants)
    else:
        dense_backward(x, rows, layer, delta, as_int64(NONE), delta[:0], moments, constants)


# numba hands the types to the outer function, and compiles one of the inner ones, whose parameters must be called the
# same: `take`, `first_forward` and `first_backward` without their question.
@overload(take)
def _take(features: Any, rows: Any, begin: Any, size: Any, shift: Any, scale: Any, x: Any) -> Any:  # noqa: ANN401, ARG001
    def filters(features: Any, rows: Any, begin: Any, size: Any, shift: Any, scale: Any, x: Any) -> Any:  # noqa: ANN401, ARG001
        return im2col(features, rows, begin, size, x)

    def sparse(features: Any, rows: Any, begin: Any, size: Any, shift: Any, scale: Any, x: Any) -> Any:  # noqa: ANN401, ARG001
        return choose(x, rows, begin, size)

    def dense(features: Any, rows: Any, begin: Any, size: Any, shift: Any, scale: Any, x: Any) -> Any:  # noqa: ANN401
        return _gather(features, rows, begin, size, shift, scale, x)

    return {Patches: filters, SparseBatch: sparse}.get(getattr(x, "instance_class", object), dense)


@overload(first_forward)
def _first_forward(x: Any, rows: Any, layer: Any, activation: Any, out: Any) -> Any:  # noqa: ANN401, ARG001
    def filters(x: Any, rows: Any, layer: Any, activation: Any, out: Any) -> Any:  # noqa: ANN401
        filters_forward(x, rows, layer, activation, out)

    def sparse(x: Any, rows: Any, layer: Any, activation: Any, out: Any) -> Any:  # noqa: ANN401
        batch_forward(x, rows, layer, activation, out)

    def dense(x: Any, rows: Any, layer: Any, activation: Any, out: Any) -> Any:  # noqa: ANN401
        dense_forward(x, rows, layer, activation, out)

    return {Patches: filters, SparseBatch: sparse}.get(getattr(x, "instance_class", object), dense)


@overload(first_backward)
def _first_backward(x: Any, rows: Any, layer: Any, delta: Any, moments: Any, constants: Any) -> Any:  # noqa: ANN401, ARG001
    def filters(x: Any, rows: Any, layer: Any, delta: Any, moments: Any, constants: Any) -> Any:  # noqa: ANN401
        filters_backward(x, rows, layer, delta, moments, constants)

    def sparse(x: Any, rows: Any, layer: Any, delta: Any, moments: Any, constants: Any) -> Any:  # noqa: ANN401
        batch_backward(x, rows, layer, delta, moments, constants)

    def dense(x: Any, rows: Any, layer: Any, delta: Any, moments: Any, constants: Any) -> Any:  # noqa: ANN401
        dense_backward(x, rows, layer, delta, as_int64(NONE), delta[:0], moments, constants)

    return {Patches: filters, SparseBatch: sparse}.get(getattr(x, "instance_class", object), dense)
