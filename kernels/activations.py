"""Activation functions, applied in place, with derivatives written on their output.

The output is what the backward pass still has at hand, and for all three functions the derivative is simplest in it.
"""

import math

from kernels.jit import jit
from kernels.types import Floats

SIGMOID, TANH, RELU = range(3)
ACTIVATIONS = {"sigmoid": SIGMOID, "tanh": TANH, "relu": RELU}
"""The code by which compiled code knows each function: one compilation serves them all."""


@jit
def sigmoid(x: float) -> float:
    """Return `1 / (1 + exp(-x))`, without overflow for large negative `x`."""
    # exp of a negative number only: it underflows to 0 at worst.
    small = math.exp(-abs(x))
    return 1 / (1 + small) if x >= 0 else small / (1 + small)


@jit
def activation_forward(values: Floats, activation: int) -> None:
    """Replace each of `values` (batch, width) by its activation."""
    if activation == SIGMOID:
        for row in values:
            for j in range(row.size):
                row[j] = sigmoid(row[j])
    elif activation == TANH:
        for row in values:
            for j in range(row.size):
                row[j] = math.tanh(row[j])
    else:
        for row in values:
            for j in range(row.size):
                row[j] = max(row[j], row.dtype.type(0))


@jit
def activation_backward(outputs: Floats, grad: Floats, activation: int) -> None:
    """Multiply `grad` by the derivative of the activation.

    Parameters
    ----------
    outputs : (batch, width) float
        What `activation_forward` left.
    grad : (batch, width) float
        On entry the derivative of the loss by the outputs, on return by the inputs.
    activation : int

    Notes
    -----
    With `a` the output: sigmoid `a (1 - a)`, tanh `1 - a²`, relu 1 where `a > 0`, else 0.
    """
    one, zero = outputs.dtype.type(1), outputs.dtype.type(0)
    for i in range(outputs.shape[0]):
        for j in range(outputs.shape[1]):
            a = outputs[i, j]
            if activation == SIGMOID:
                grad[i, j] *= a * (one - a)
            elif activation == TANH:
                grad[i, j] *= one - a * a
            else:
                grad[i, j] *= one if a > zero else zero
