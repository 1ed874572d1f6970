"""Activation functions, applied in place, with derivatives written on their output.

The output is what the backward pass still has at hand, and for all three functions the derivative is simplest in it.
"""

from kernels.machine.elementary import exp, tanh
from kernels.machine.jit import jit
from kernels.types import ACTIVATIONS, Floats

SIGMOID, TANH, RELU = ACTIVATIONS.values()
NONE = len(ACTIVATIONS)
"""The code for the last layer."""


@jit
def sigmoid(x: float) -> float:
    """Return `1 / (1 + exp(-x))`, without overflow for large negative `x`."""
    # exp of a negative number only: it underflows to 0 at worst. A 1 of x's own type keeps the result float32.
    one, small = type(x)(1), exp(-abs(x))
    return (one if x >= 0 else small) / (one + small)


@jit
def activation_forward(values: Floats, activation: int) -> None:
    """Replace each of `values`, a flat array, by its activation."""
    zero = values.dtype.type(0)
    if activation == SIGMOID:
        for i in range(values.size):
            values[i] = sigmoid(values[i])
    elif activation == TANH:
        for i in range(values.size):
            values[i] = tanh(values[i])
    elif activation == RELU:
        for i in range(values.size):
            values[i] = max(values[i], zero)


@jit
def activation_backward(outputs: Floats, grad: Floats, activation: int) -> None:
    """Multiply `grad` by the derivative of the activation.

    Parameters
    ----------
    outputs : (n,) float
        What `activation_forward` left.
    grad : (n,) float
        On entry the derivative of the loss by the outputs, on return by the inputs.
    activation : int

    Notes
    -----
    With `a` the output: sigmoid `a (1 - a)`, tanh `1 - a²`, relu 1 where `a > 0`, else 0.
    """
    one, zero = outputs.dtype.type(1), outputs.dtype.type(0)
    if activation == SIGMOID:
        for i in range(outputs.size):
            grad[i] *= outputs[i] * (one - outputs[i])
    elif activation == TANH:
        for i in range(outputs.size):
            grad[i] *= one - outputs[i] * outputs[i]
    elif activation == RELU:
        for i in range(outputs.size):
            grad[i] *= one if outputs[i] > zero else zero
