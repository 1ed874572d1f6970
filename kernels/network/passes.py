"""The forward and backward pass of a whole network over a whole mini-batch."""

from kernels.functions.activations import NONE
from kernels.functions.optimizers import StepConstants
from kernels.layers.dense import dense_backward, dense_forward
from kernels.layers.first_layer import Inputs, first_backward, first_forward
from kernels.layers.packed import Moments, Packed
from kernels.machine.jit import jit
from kernels.types import Floats


@jit
def forward(network: tuple[Packed, ...], x: Inputs, rows: int, outputs: tuple[Floats, ...], activation: int) -> None:
    """Compute every layer's output; the last one's are the logits.

    Parameters
    ----------
    network : tuple of Packed
    x : Inputs
        A mini-batch.
    rows : int
        In the mini-batch; `x` may have room for more.
    outputs : tuple of flat arrays
        A matrix in blocks for each layer (`kernels.machine.blocks.room_for`).
    activation : int
        A code of `kernels.functions.activations`, applied after every layer but the last.
    """
    last = len(network) - 1
    first_forward(x, rows, network[0], activation if last > 0 else NONE, outputs[0])
    for i in range(1, last + 1):
        code = activation if i < last else NONE
        dense_forward(outputs[i - 1], rows, network[i], code, outputs[i])


@jit
def backward(
    network: tuple[Packed, ...],
    x: Inputs,
    rows: int,
    outputs: tuple[Floats, ...],
    deltas: tuple[Floats, ...],
    activation: int,
    moments: tuple[Moments, ...],
    constants: StepConstants,
) -> None:
    """Compute the derivative of the loss by every parameter, and take a step along it.

    Parameters
    ----------
    network : tuple of Packed
        Changed in place, as are `moments`.
    x, rows, outputs, activation
        As `forward` had and left them.
    deltas : tuple of flat arrays
        Shaped as `outputs`. The last one holds the derivative of the loss by the logits; the others are overwritten.
    moments : tuple of Moments
        One for each layer; with `GRADIENT_ONLY`, the gradient is left in the first of each, and no step is taken.
    constants : StepConstants
    """
    for i in range(len(network) - 1, 0, -1):
        dense_backward(outputs[i - 1], rows, network[i], deltas[i], activation, deltas[i - 1], moments[i], constants)
    first_backward(x, rows, network[0], deltas[0], moments[0], constants)
