"""The forward and backward pass of a whole network over a whole mini-batch."""

from kernels.functions.activations import NONE
from kernels.functions.optimizers import Rule
from kernels.layers.dense import dense_descend, dense_forward
from kernels.layers.first_layer import Inputs, first_descend, first_forward
from kernels.layers.packed import Memory, Packed
from kernels.machine.blocks import padded
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
        Of it.
    outputs : tuple of flat arrays
        A matrix in blocks for each layer (`kernels.machine.blocks.room_for`).
    activation : int
        A code of `kernels.functions.activations`, applied after every layer but the last.
    """
    last = len(network) - 1
    first_forward(x, rows, network[0], activation if last > 0 else NONE, outputs[0])
    for i in range(1, last + 1):
        code = activation if i < last else NONE
        dense_forward(outputs[i - 1], padded(network[i].fan_in), rows, network[i], code, outputs[i])


@jit
def backward(
    network: tuple[Packed, ...],
    x: Inputs,
    rows: int,
    outputs: tuple[Floats, ...],
    deltas: tuple[Floats, ...],
    activation: int,
    memory: Memory,
    rule: Rule,
) -> None:
    """Compute the derivative of the loss by every parameter, and take a step along it.

    Parameters
    ----------
    network : tuple of Packed
        Changed in place, as is `memory`.
    x, rows, outputs, activation
        As `forward` had and left them.
    deltas : tuple of flat arrays
        Shaped as `outputs`. The last one holds the derivative of the loss by the logits; the others are overwritten.
    memory : Memory
        The optimizer's; with the rule `KEEP`, the gradient is left in its first half, and no step is taken.
    rule : Rule
    """
    for i in range(len(network) - 1, 0, -1):
        dense_descend(
            outputs[i - 1], padded(network[i].fan_in), rows, network[i], deltas[i],
            activation, deltas[i - 1], memory.first[i], memory.second[i], rule,
        )  # fmt: skip
    first_descend(x, rows, network[0], deltas[0], memory.first[0], memory.second[0], rule)
