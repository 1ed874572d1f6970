"""A layer's numbers in 32, 16 or 8 bits each: how they are kept in a file, and made float32 again."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.archive import AnyArray
from pipeline.contents import Expected
from pipeline.types import Layer

BITS = (32, 16, 8)
"""float32; float16; and whole numbers from -127 to 127, of which each column of a weight has a step of its own."""
LARGEST_HALF = float(np.finfo(np.float16).max)
LEVELS = 127

_WEIGHTS: Mapping[int, npt.DTypeLike] = {32: np.float32, 16: np.float16, 8: np.int8}
_BIASES: Mapping[int, npt.DTypeLike] = {32: np.float32, 16: np.float16, 8: np.float32}

Arrays: TypeAlias = Mapping[str, AnyArray]


def stored_layer(prefix: str, layer: Layer, bits: int) -> dict[str, AnyArray]:
    """Return the arrays that a layer is kept as, by the names in `expected_of`.

    Raises ValueError if a number is too large for float16.

    With 8 bits a column's step is the largest of its weights over 127, and each weight the nearest multiple: no weight
    is off by more than half a step (Jacob et al., "Quantization and training of neural networks for efficient
    integer-arithmetic-only inference", 2018, without their zero point).
    """
    if bits == 8:  # noqa: PLR2004 -- one of three
        step = np.abs(layer.weight).max(axis=0) / np.float32(LEVELS)
        multiples = np.rint(np.divide(layer.weight, step, out=np.zeros_like(layer.weight), where=step > 0))
        whole = np.clip(multiples, -LEVELS, LEVELS).astype(np.int8)
        return {f"{prefix}.weight": whole, f"{prefix}.step": step, f"{prefix}.bias": layer.bias}
    arrays = {f"{prefix}.weight": layer.weight, f"{prefix}.bias": layer.bias}
    if bits == 16:  # noqa: PLR2004 -- likewise
        for name, array in arrays.items():
            if (largest := float(np.abs(array).max())) > LARGEST_HALF:
                expected = f"expected at most {LARGEST_HALF:.6g}, float16's largest number"
                raise ValueError(f"{name} holds {largest:.6g}; {expected}")
    return {name: array.astype(_BIASES[bits], copy=False) for name, array in arrays.items()}


def bits_of(arrays: Arrays, name: str) -> int:
    """Return how many bits a weight is kept in; 32 if it is nothing that `stored_layer` makes."""
    found = arrays[name].dtype if name in arrays else None
    return next((bits for bits, dtype in _WEIGHTS.items() if found == dtype), 32)


def expected_of(prefix: str, fan_in: int, fan_out: int, bits: int) -> Expected:
    """Return the arrays that a layer of so many inputs and outputs is kept as."""
    step: Expected = {f"{prefix}.step": ((fan_out,), np.dtype(np.float32))} if bits == min(BITS) else {}
    weight, bias = np.dtype(_WEIGHTS[bits]), np.dtype(_BIASES[bits])
    return {f"{prefix}.weight": ((fan_in, fan_out), weight), **step, f"{prefix}.bias": ((fan_out,), bias)}


def restored_layer(prefix: str, arrays: Arrays) -> Layer:
    """Return a layer in float32, read-only, from the arrays that it is kept as."""
    weight, step = _whole(arrays[f"{prefix}.weight"]), arrays.get(f"{prefix}.step")
    if step is not None:
        with np.errstate(over="ignore"):  # whoever reads it checks that all is finite
            weight = weight * step
        weight.flags.writeable = False
    return Layer(weight, _whole(arrays[f"{prefix}.bias"]))


def _whole(array: AnyArray) -> npt.NDArray[np.float32]:
    """Return a stored array as float32: itself if it is, and read-only like it."""
    whole = array.astype(np.float32, copy=False)
    whole.flags.writeable = array.flags.writeable
    return whole
