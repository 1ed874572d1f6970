"""Vectors that compiled code keeps in registers, and what is done to them.

LLVM's own vectoriser does well by plain loops over arrays. It does not see that the sums of a product could stay in
registers while the product's terms come by; a type of its own says so. A vector has `parts` times 16 numbers. LLVM cuts
each part into as many registers as the processor's width makes of it: one with AVX-512, two with AVX, four with SSE.

Each operation is defined by a Python body, which works on plain arrays and is what runs with the JIT switched off. With
the JIT on, the name stands for the code that numba emits instead (`kernels.machine.llvm`), and can be used in kernels
only. Nothing here checks an index: the callers' arrays are padded to whole vectors.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from kernels.machine import llvm, llvm_arithmetic as arithmetic, vectors

LANES = vectors.LANES

Number: TypeAlias = float | np.float32 | np.float64

Array: TypeAlias = npt.NDArray[Any]
"""Numbers of one dtype, float32 and float64 above all: an array with one dimension, or what stands for a vector."""

Operation = TypeVar("Operation", bound=Callable[..., Any])


def compiled_as(intrinsic: Any) -> Callable[[Operation], Operation]:  # noqa: ANN401 -- numba's
    """Return a decorator that puts what numba emits in the place of a definition, unless the JIT is switched off."""

    def chosen(definition: Operation) -> Operation:
        return definition if numba.config.DISABLE_JIT else cast("Operation", intrinsic)  # type: ignore[attr-defined] # made at run time

    return chosen


@compiled_as(llvm.broadcast)
def broadcast(value: Number, parts: int) -> Array:
    """Return a vector with `value` everywhere."""
    return np.full(LANES * parts, value)


@compiled_as(llvm.repeat)
def repeat(vector: Array, times: int) -> Array:
    """Return a vector with the parts of `vector` so many times over."""
    return np.tile(vector, times)


@compiled_as(llvm.load)
def load(array: Array, index: int, parts: int) -> Array:
    """Return the numbers from `array[index]` on; `array` is contiguous and has one dimension."""
    return array[index : index + LANES * parts].copy()


@compiled_as(llvm.store)
def store(array: Array, index: int, vector: Array) -> None:
    """Write the numbers to `array[index]` and the places after it."""
    array[index : index + vector.size] = vector


@compiled_as(llvm.store_rows)
def store_rows(array: Array, index: int, stride: int, vector: Array, parts: int) -> None:
    """Write the numbers as rows of `parts` parts each, to `array[index]`, `array[index + stride]`, and so on."""
    for i, row in enumerate(vector.reshape(-1, LANES * parts)):
        store(array, index + i * stride, row)


@compiled_as(llvm.load_like)
def load_like(array: Array, index: int, vector: Array) -> Array:
    """Return as many numbers as `vector` has, from `array[index]` on."""
    return array[index : index + vector.size].copy()


@compiled_as(llvm.broadcast_like)
def broadcast_like(value: Number, vector: Array) -> Array:
    """Return a vector as long as `vector` and of its dtype, with `value` everywhere."""
    return np.full_like(vector, value)


@compiled_as(llvm.convert)
def convert(vector: Array, array: Array) -> Array:
    """Return a vector of unsigned integers or floats as numbers of the dtype of `array`, which can hold them."""
    return np.asarray(vector, array.dtype)


@compiled_as(llvm.prefetch)
def prefetch(array: Array, index: int) -> None:
    """Ask for the line of the cache that holds `array[index]`: to have it there when it is needed changes no result."""


@compiled_as(arithmetic.add)
def add(a: Array, b: Array) -> Array:
    """Return `a + b`."""
    return a + b


@compiled_as(arithmetic.subtract)
def subtract(a: Array, b: Array) -> Array:
    """Return `a - b`."""
    return a - b


@compiled_as(arithmetic.multiply)
def multiply(a: Array, b: Array) -> Array:
    """Return `a b`."""
    return a * b


@compiled_as(arithmetic.divide)
def divide(a: Array, b: Array) -> Array:
    """Return `a / b`."""
    return a / b


@compiled_as(arithmetic.maximum)
def maximum(a: Array, b: Array) -> Array:
    """Return the greater number of each pair; neither is not-a-number."""
    return np.maximum(a, b)


@compiled_as(arithmetic.sqrt)
def sqrt(vector: Array) -> Array:
    """Return the square roots."""
    return np.asarray(np.sqrt(vector))


@compiled_as(arithmetic.flush_small)
def flush_small(vector: Array, least: Number) -> Array:
    """Return the numbers, but 0 for those nearer to it than `least`."""
    return np.where(abs(vector) < least, 0, vector).astype(vector.dtype)


@compiled_as(arithmetic.count_nonzero)
def count_nonzero(vector: Array) -> int:
    """Return how many numbers are not 0."""
    return int(np.count_nonzero(vector))


@compiled_as(arithmetic.compress)
def compress(vector: Array, condition: Array) -> Array:
    """Return a part's numbers where `condition` is not 0, one after the other, and then zeros."""
    gathered = np.zeros_like(vector)
    gathered[: np.count_nonzero(condition)] = vector[condition != 0]
    return gathered


@compiled_as(arithmetic.iota)
def iota(array: Array, start: int) -> Array:
    """Return the 16 numbers from `start` on, as integers of the dtype of `array`."""
    return np.arange(start, start + LANES, dtype=array.dtype)


@compiled_as(llvm.load_rows)
def load_rows(array: Array, index: int, stride: int) -> Array:
    """Return 16 rows of 16 numbers, from `array[index]`, `array[index + stride]`, … on, as a vector of 16 parts."""
    return np.concatenate([load(array, index + i * stride, 1) for i in range(LANES)])


@compiled_as(arithmetic.transpose)
def transpose(vector: Array) -> Array:
    """Return the transpose of 16 rows of 16 numbers, a part each."""
    return vector.reshape(LANES, LANES).T.ravel()


@compiled_as(arithmetic.fma)
def fma(a: Array, b: Array, c: Array) -> Array:
    """Return `a b + c`; compiled, it is rounded once."""
    return a * b + c


@compiled_as(arithmetic.fma_outer)
def fma_outer(array: Array, index: int, stride: int, b: Array, c: Array) -> Array:
    """Return `c` plus an outer product, `a bᵀ`, row after row; `a` is `array[index]`, `array[index + stride]`, … ."""
    rows = c.size // b.size
    a = array[index : index + (rows - 1) * stride + 1 : stride]
    return np.asarray(c + np.outer(a, b).ravel())
