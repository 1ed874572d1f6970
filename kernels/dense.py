"""A fully connected layer over a whole mini-batch: `x W + b` and its derivatives."""

from kernels.blas import matmul
from kernels.jit import jit
from kernels.types import Floats, Layer


@jit
def dense_forward(x: Floats, layer: Layer, out: Floats) -> None:
    """Compute `out ← x · weight + bias`.

    Parameters
    ----------
    x : (batch, fan_in) float
    layer : Layer
    out : (batch, fan_out) float
    """
    for row in out:
        row[:] = layer.bias
    matmul(x, layer.weight, out, 1.0, 1.0)


@jit
def dense_backward(x: Floats, layer: Layer, grad_output: Floats, grad: Layer, grad_input: Floats) -> None:
    """Compute the derivatives of a loss by a layer's weight, bias and input.

    Parameters
    ----------
    x : (batch, fan_in) float
        The input of the forward pass.
    layer : Layer
    grad_output : (batch, fan_out) float
    grad : Layer
        On return `xᵀ · grad_output` and the column sums of `grad_output`.
    grad_input : (batch, fan_in) float
        On return `grad_output · weightᵀ`; without rows, it is not wanted.
    """
    matmul(x.T, grad_output, grad.weight, 1.0, 0.0)
    grad.bias[:] = 0
    for row in grad_output:
        for j in range(row.size):
            grad.bias[j] += row[j]
    if grad_input.shape[0] > 0:
        matmul(grad_output, layer.weight.T, grad_input, 1.0, 0.0)
