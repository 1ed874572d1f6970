"""The forward and backward pass of a whole network over a whole mini-batch."""

from kernels.activations import activation_backward, activation_forward
from kernels.dense import dense_backward, dense_forward
from kernels.jit import jit
from kernels.types import Floats, Grads, Params


@jit
def forward(params: Params, x: Floats, outputs: tuple[Floats, ...], activation: int) -> None:
    """Compute every layer's output; the last one's are the logits.

    Parameters
    ----------
    params : Params
    x : (batch, fan_in) float
    outputs : tuple of (at least batch, fan_out) float
        One for each layer; the first `batch` rows are written.
    activation : int
        A code of `kernels.activations`, applied after every layer but the last.
    """
    rows = x.shape[0]
    dense_forward(x, params[0], outputs[0][:rows])
    for i in range(1, len(params)):
        activation_forward(outputs[i - 1][:rows], activation)
        dense_forward(outputs[i - 1][:rows], params[i], outputs[i][:rows])


@jit
def backward(
    params: Params, x: Floats, outputs: tuple[Floats, ...], deltas: tuple[Floats, ...], activation: int, grads: Grads
) -> None:
    """Compute the derivative of the loss by every parameter.

    Parameters
    ----------
    params, x, outputs, activation
        As `forward` had and left them.
    deltas : tuple of (at least batch, fan_out) float
        The last one holds the derivative of the loss by the logits; the others are overwritten.
    grads : Grads
        On return, the derivatives.
    """
    rows = x.shape[0]
    for i in range(len(params) - 1, 0, -1):
        hidden = outputs[i - 1][:rows]
        dense_backward(hidden, params[i], deltas[i][:rows], grads[i], deltas[i - 1][:rows])
        activation_backward(hidden, deltas[i - 1][:rows], activation)
    # Nobody asks for the derivative by the pixels: a matrix without rows says so.
    dense_backward(x, params[0], deltas[0][:rows], grads[0], x[:0])
