"""The arrays that a stored file must hold, checked before any kernel, which checks nothing, gets hold of them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from pipeline.archive import AnyArray
from pipeline.rules import check, check_names


class Expected(NamedTuple):
    """An array that a file must hold."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]


def check_arrays(expected: Iterable[Expected], found: Mapping[str, AnyArray]) -> None:
    """Raise ValueError unless just these arrays are there, each of its shape and type, and finite throughout."""
    by_name = {each.name: each for each in expected}
    check_names("arrays", by_name, found)
    for each in by_name.values():
        _check_array(each, found[each.name])


def length_of(name: str, axis: int, found: Mapping[str, AnyArray]) -> int:
    """Return the length of an array along an axis, of an array that decides what shapes the others must have.

    Raises ValueError if there is no such array, or no such axis, or it is empty.
    """
    check(name in found, f"missing arrays: {name}")
    shape = found[name].shape
    check(axis < len(shape) and shape[axis] > 0, f"{name} is of shape {shape}")
    return int(shape[axis])


def _check_array(expected: Expected, array: AnyArray) -> None:
    """Raise unless an array has its shape and type, and is finite throughout."""
    name, shape, dtype = expected
    found = f"{array.dtype} {array.shape}"
    check(array.shape == shape and array.dtype == dtype, f"{name} is {found}, expected {dtype} {shape}")
    check(bool(np.isfinite(array).all()), f"{name} has a value that is infinite or not a number")
