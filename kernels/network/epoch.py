"""The loop over the mini-batches of an epoch, whole, in compiled code.

A call from Python costs microseconds, a mini-batch of a small network tens of them: so the loop itself is a kernel.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.functions.losses import loss_backward
from kernels.functions.optimizers import Step, step_constants
from kernels.layers.first_layer import Inputs, Stored, room_for_batch, take
from kernels.layers.packed import Moments, Packed, pack, pack_moments, unpack, unpack_moments
from kernels.machine.blocks import from_blocks, room_for, to_blocks
from kernels.machine.jit import jit
from kernels.network.passes import backward, forward
from kernels.params import frozen
from kernels.types import Floats, Labels, OptimizerState, Params

NO_LIMIT = np.iinfo(np.int64).max
"""What the limit is as long as nobody asks for a stop."""


class Hyperparameters(NamedTuple):
    """How to learn, by the codes of `activations`, `losses` and `optimizers`.

    Attributes
    ----------
    activation, loss, optimizer : int
    momentum, weight_decay, label_smoothing : float
    batch_size : int
    """

    activation: int
    loss: int
    optimizer: int
    momentum: float
    weight_decay: float
    label_smoothing: float
    batch_size: int


class EpochRows(NamedTuple):
    """What an epoch goes through.

    Attributes
    ----------
    features : Stored
        (n, d) uint8 or float32, or without its zeros: see `kernels.layers.first_layer.stored`. Or the edges of images,
        for a network whose first layer are filters.
    labels : (n,) uint8 or uint16
    order : (k,) int64
        Indices of rows: an epoch's shuffled order, or what is left of it.
    shift, scale : (d,) float32
        The network sees `(row - shift) * scale`; of edges, whose `shift` is 0, bytes times `scale[0]`.
    """

    features: Stored
    labels: Labels
    order: npt.NDArray[np.int64]
    shift: Floats
    scale: Floats


class StopToken(NamedTuple):
    """What another thread may read and write while an epoch runs.

    Attributes
    ----------
    done : (1,) int64
        Mini-batches finished since it was 0.
    limit : (1,) int64
        The epoch ends once so many mini-batches are finished; set to 0, after the running one.
    """

    done: npt.NDArray[np.int64]
    limit: npt.NDArray[np.int64]


class EpochResult(NamedTuple):
    """What an epoch, or the part of it before a stop, leads to.

    Attributes
    ----------
    params : Params
        New and read-only, as is `optimizer_state`.
    optimizer_state : OptimizerState
    loss_sum : float
        Over all rows seen, added to the sum that came in.
    batches : int
        Finished in this call.
    finite : bool
        False if a mini-batch had an infinite or undefined loss; the epoch ended there, before its step.
    """

    params: Params
    optimizer_state: OptimizerState
    loss_sum: float
    batches: int
    finite: bool


def new_stop_token() -> StopToken:
    """Return a token that asks for nothing."""
    return StopToken(np.zeros(1, np.int64), np.full(1, NO_LIMIT))


class Workspace(NamedTuple):
    """Working memory for a mini-batch.

    Attributes
    ----------
    x : Inputs
    outputs, deltas : tuple of flat arrays
        A matrix in blocks for each layer.
    logits, grad : (batch, classes) float
        The last layer's output and the loss's derivative by it, row after row.
    labels : (batch,) uint16
    """

    x: Inputs
    outputs: tuple[Floats, ...]
    deltas: tuple[Floats, ...]
    logits: Floats
    grad: Floats
    labels: Labels


def _workspace(network: tuple[Packed, ...], rows: EpochRows, size: int) -> Workspace:
    """Return working memory for mini-batches of up to `size` of the rows."""
    dtype, classes = network[0].bias.dtype, network[-1].fan_out
    # Not by `fan_out`: filters have so many outputs for each place that they look at.
    widths = (*(layer.fan_in for layer in network[1:]), classes)
    outputs, deltas = (tuple(room_for(size, width, dtype) for width in widths) for _ in range(2))
    logits, grad = np.empty((size, classes), dtype), np.empty((size, classes), dtype)
    x = room_for_batch(rows.features, rows.order, size, rows.scale, network[0])
    return Workspace(x, outputs, deltas, logits, grad, np.empty(size, rows.labels.dtype))


@jit
def _loss(network: tuple[Packed, ...], workspace: Workspace, rows: int, loss: int, smoothing: float) -> float:
    """Return the summed loss of a mini-batch, and leave its derivative by the logits in the last of the deltas."""
    logits, grad, width = workspace.logits[:rows], workspace.grad[:rows], network[-1].width
    from_blocks(workspace.outputs[-1], width, logits)
    total = loss_backward(logits, workspace.labels[:rows], loss, smoothing, grad)
    to_blocks(grad, workspace.deltas[-1], width)
    return total


@jit
def _train_batches(
    network: tuple[Packed, ...],
    moments: tuple[Moments, ...],
    workspace: Workspace,
    rows: EpochRows,
    learning_rates: npt.NDArray[np.float64],
    steps_before: int,
    loss_sum: float,
    hyperparameters: Hyperparameters,
    stop_token: StopToken,
) -> tuple[float, int, bool]:
    """Train mini-batch by mini-batch; return the loss sum, the batches done, and whether all was finite."""
    activation, loss, optimizer, momentum, decay, smoothing, size = hyperparameters
    x, outputs, deltas = workspace.x, workspace.outputs, workspace.deltas
    for batch in range(learning_rates.size):
        if stop_token.done[0] >= stop_token.limit[0]:
            return loss_sum, batch, True
        chosen = take(rows.features, rows.order, batch * size, size, rows.shift, rows.scale, x)
        for i in range(chosen.size):
            workspace.labels[i] = rows.labels[chosen[i]]
        forward(network, x, chosen.size, outputs, activation)
        added = _loss(network, workspace, chosen.size, loss, smoothing)
        if not math.isfinite(added):
            return loss_sum, batch, False
        step = Step(optimizer, steps_before + batch + 1, learning_rates[batch], momentum, decay)
        constants = step_constants(step, network[0].bias)
        backward(network, x, chosen.size, outputs, deltas, activation, moments, constants)
        loss_sum += added
        stop_token.done[0] += 1
    return loss_sum, learning_rates.size, True


def train_epoch(
    params: Params,
    optimizer_state: OptimizerState,
    rows: EpochRows,
    learning_rates: npt.NDArray[np.float64],
    steps_before: int,
    loss_sum: float,
    hyperparameters: Hyperparameters,
    stop_token: StopToken,
) -> EpochResult:
    """Train on rows in their order, mini-batch by mini-batch; nothing that was passed is changed.

    Parameters
    ----------
    params : Params
    optimizer_state : OptimizerState
    rows : EpochRows
    learning_rates : (batches,) float64
        One for each mini-batch; the last mini-batch may be short.
    steps_before : int
        Steps taken since the run began.
    loss_sum : float
        Of the epoch's rows before these.
    hyperparameters : Hyperparameters
    stop_token : StopToken

    Returns
    -------
    EpochResult
    """
    network, moments = pack(params), pack_moments(optimizer_state)
    rows = rows._replace(labels=rows.labels.astype(np.uint16))  # for each type of them, all would be compiled anew
    workspace = _workspace(network, rows, min(hyperparameters.batch_size, rows.order.size))
    total, batches, finite = _train_batches(
        network, moments, workspace, rows, learning_rates, steps_before, loss_sum, hyperparameters, stop_token
    )
    state = OptimizerState(*map(frozen, unpack_moments(moments)))
    return EpochResult(frozen(unpack(network)), state, total, batches, finite)
