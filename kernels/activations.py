"""Activation functions, applied in place, with derivatives written on their output.

The output is what the backward pass still has at hand, and for all three functions the derivative is simplest in it.
"""

from kernels.elementary import exp, tanh
from kernels.jit import jit
from kernels.types import Floats

SIGMOID, TANH, RELU = range(3)
ACTIVATIONS = {"sigmoid": SIGMOID, "tanh": TANH, "relu": RELU}
"""The code by which compiled code knows each function: one compilation serves them all."""


@jit
def sigmoid(x: float) -> float:
    """Return `1 / (1 + exp(-x))`, without overflow for large negative `x`."""
    # exp of a negative number only: it underflows to 0 at worst. One of x's own type keeps float32 what it is.
    one, small = type(x)(1), exp(-abs(x))
    return (one if x >= 0 else small) / (one + small)


@jit
def activation_forward(values: Floats, activation: int) -> None:
    """Replace each of `values` (batch, width), rows contiguous, by its activation."""
    flat, zero = values.reshape(-1), values.dtype.type(0)
    if activation == SIGMOID:
        for i in range(flat.size):
            flat[i] = sigmoid(flat[i])
    elif activation == TANH:
        for i in range(flat.size):
            flat[i] = tanh(flat[i])
    else:
        for i in range(flat.size):
            flat[i] = max(flat[i], zero)


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
