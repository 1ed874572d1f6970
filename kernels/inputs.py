"""A mini-batch as the first layer sees it: rows without their zeros where zeros are many, else a plain matrix.

Which of the two it is, is a matter of types: compiled code holds one path only.
"""

from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import overload

from kernels.activations import NONE
from kernels.batch import SparseBatch, batch_descend, batch_forward, choose, empty_batch
from kernels.compressed import MOST_COLUMNS, Compressed, Integers, compress
from kernels.dense import dense_descend, dense_forward
from kernels.gather import gather
from kernels.jit import jit
from kernels.layout import Packed, padded, room_for
from kernels.optimizers import Rule
from kernels.params import writable
from kernels.types import Bytes, Floats

DENSEST = 0.35
"""Share of other numbers than 0 up to which leaving out the zeros pays: `bench` shows both sides of it."""

SAMPLE = 100
"""Rows that are looked at to tell."""


Stored: TypeAlias = Bytes | Floats | Compressed
"""Rows to learn from: a matrix (n, d), or the same without its zeros."""

Inputs: TypeAlias = Floats | SparseBatch
"""A mini-batch: a flat array that holds a matrix in blocks (`kernels.layout`), or the same without its zeros."""


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
    return compress(cast("Bytes", features)) if has_many_zeros(features, shift, scale) else features


def features_in(features: Stored) -> int:
    """Return how many columns the rows have."""
    return features.width if isinstance(features, Compressed) else int(features.shape[1])


def room_for_batch(features: Stored, rows: Integers, size: int, scale: Floats, dtype: npt.DTypeLike) -> Inputs:
    """Return working memory for mini-batches of up to `size` of the rows."""
    if isinstance(features, Compressed):
        return empty_batch(features, rows, size, scale, dtype)
    return room_for(size, features.shape[1], dtype)


def take(features: Stored, rows: Integers, begin: int, size: int, shift: Floats, scale: Floats, x: Inputs) -> Integers:
    """Make the rows from `begin` on, `size` of them or what is left, scaled, the mini-batch, and return their numbers.

    Parameters otherwise as for `gather`; the rows after these are expected to be the next.
    """
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
    if isinstance(x, SparseBatch):
        batch_forward(x, rows, layer, activation, out)
    else:
        dense_forward(x, padded(layer.fan_in), rows, layer, activation, out, False)


def first_descend(
    x: Inputs, rows: int, layer: Packed, delta: Floats, first: Packed, second: Packed, rule: Rule
) -> None:
    """Take the first layer's step; parameters as for `dense_descend`, but nobody asks for a derivative by pixels."""
    if isinstance(x, SparseBatch):
        batch_descend(x, rows, layer, delta, first, second, rule)
    else:
        dense_descend(x, padded(layer.fan_in), rows, layer, delta, NONE, delta[:0], first, second, rule)


# numba hands the types to the outer function, and compiles one of the inner ones, whose parameters must be called the
# same: `take`, `first_forward` and `first_descend` without their question.
@overload(take)
def _take(features: Any, rows: Any, begin: Any, size: Any, shift: Any, scale: Any, x: Any) -> Any:  # noqa: ANN401, ARG001
    def sparse(features: Any, rows: Any, begin: Any, size: Any, shift: Any, scale: Any, x: Any) -> Any:  # noqa: ANN401, ARG001
        return choose(x, rows, begin, size)

    def dense(features: Any, rows: Any, begin: Any, size: Any, shift: Any, scale: Any, x: Any) -> Any:  # noqa: ANN401
        return _gather(features, rows, begin, size, shift, scale, x)

    return sparse if isinstance(x, types.BaseNamedTuple) else dense


@overload(first_forward)
def _first_forward(x: Any, rows: Any, layer: Any, activation: Any, out: Any) -> Any:  # noqa: ANN401, ARG001
    def sparse(x: Any, rows: Any, layer: Any, activation: Any, out: Any) -> Any:  # noqa: ANN401
        batch_forward(x, rows, layer, activation, out)

    def dense(x: Any, rows: Any, layer: Any, activation: Any, out: Any) -> Any:  # noqa: ANN401
        dense_forward(x, padded(layer.fan_in), rows, layer, activation, out, False)

    return sparse if isinstance(x, types.BaseNamedTuple) else dense


@overload(first_descend)
def _first_descend(x: Any, rows: Any, layer: Any, delta: Any, first: Any, second: Any, rule: Any) -> Any:  # noqa: ANN401, ARG001
    def sparse(x: Any, rows: Any, layer: Any, delta: Any, first: Any, second: Any, rule: Any) -> Any:  # noqa: ANN401
        batch_descend(x, rows, layer, delta, first, second, rule)

    def dense(x: Any, rows: Any, layer: Any, delta: Any, first: Any, second: Any, rule: Any) -> Any:  # noqa: ANN401
        dense_descend(x, padded(layer.fan_in), rows, layer, delta, NONE, delta[:0], first, second, rule)

    return sparse if isinstance(x, types.BaseNamedTuple) else dense
