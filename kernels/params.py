"""Parameters as values, frozen ones to hand out; and arrays that kernels take."""

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from kernels.types import Layer, Params

Rows = TypeVar("Rows", bound=npt.NDArray[Any])


def writable(array: Rows) -> Rows:
    """Return the array itself, or a C-contiguous copy if it is read-only or strided.

    A read-only array is a type of its own to numba: this keeps every kernel to a single compilation.
    """
    result: Rows = np.require(array, requirements=["C", "W"])
    return result


def frozen(params: Params) -> Params:
    """Make the arrays read-only, for good, and return the same parameters."""
    for layer in params:
        layer.weight.flags.writeable = False
        layer.bias.flags.writeable = False
    return params


def zeros_like(params: Params) -> Params:
    """Return parameters of the same shapes, all zero."""
    return tuple(Layer(np.zeros_like(layer.weight), np.zeros_like(layer.bias)) for layer in params)


def empty_like(params: Params) -> Params:
    """Return as many layers without any entry: what an optimizer holds that remembers nothing."""
    return tuple(Layer(layer.weight[:0, :0].copy(), layer.bias[:0].copy()) for layer in params)


def are_finite(params: Iterable[Layer]) -> bool:
    """Tell whether every weight and bias is a finite number."""
    return all(bool(np.isfinite(array).all()) for layer in params for array in layer)
