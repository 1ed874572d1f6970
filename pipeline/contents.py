"""The arrays that a stored file must hold, checked before any kernel, which checks nothing, gets hold of them."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from pipeline.archive import AnyArray
from pipeline.rules import check, check_names

Expected: TypeAlias = dict[str, tuple[tuple[int, ...], np.dtype[np.generic]]]
"""Shape and type of each array that a file must hold, by its name."""


def check_arrays(expected: Expected, found: Mapping[str, AnyArray]) -> None:
    """Raise ValueError unless just these arrays are there, each of its shape and type, and finite throughout."""
    check_names("arrays", expected, found)
    for name, (shape, dtype) in expected.items():
        array = found[name]
        is_so = array.shape == shape and array.dtype == dtype
        check(is_so, f"{name} is {array.dtype} {array.shape}, expected {dtype} {shape}")
        check(bool(np.isfinite(array).all()), f"{name} has a value that is infinite or not a number")


def length_of(name: str, axis: int, found: Mapping[str, AnyArray]) -> int:
    """Return the length of an array along an axis, of an array that decides what shapes the others must have.

    Raises ValueError if there is no such array, or no such axis, or it is empty.
    """
    check(name in found, f"missing arrays: {name}")
    shape = found[name].shape
    check(axis < len(shape) and shape[axis] > 0, f"{name} is of shape {shape}")
    return int(shape[axis])
