"""The shapes that flow through the kernels: plain data, no logic."""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Bytes: TypeAlias = npt.NDArray[np.uint8]


class Layer(NamedTuple):
    """One fully connected layer.

    Attributes
    ----------
    weight : (fan_in, fan_out) float32, C-contiguous
        Float64 in the gradient checks.
    bias : (fan_out,) of the same dtype
    """

    weight: Floats
    bias: Floats


Params: TypeAlias = tuple[Layer, ...]
"""A network: its layers from input to output."""

Grads: TypeAlias = Params
"""The derivative of a loss by each parameter, shaped like the parameters."""


class OptimizerState(NamedTuple):
    """What an optimizer remembers between steps.

    Attributes
    ----------
    first : Params
        Velocity (momentum, Nesterov) or mean gradient (AdamW); empty arrays for plain SGD.
    second : Params
        Mean squared gradient (AdamW); empty arrays otherwise.
    """

    first: Params
    second: Params
