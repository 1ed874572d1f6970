"""The loop over the mini-batches of an epoch, whole, in compiled code.

A call from Python costs microseconds, a mini-batch of a small network tens of them: so the loop itself is a kernel.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.gather import gather
from kernels.jit import jit
from kernels.losses import loss_backward
from kernels.network import backward, forward
from kernels.optimizers import Step, update
from kernels.params import frozen, thawed, writable, zeros_like
from kernels.types import Bytes, Floats, Grads, OptimizerState, Params

NO_LIMIT = np.iinfo(np.int64).max
"""What a mailbox's limit is as long as nobody asks for a stop."""


class Method(NamedTuple):
    """How to learn, by the codes of `activations`, `losses` and `optimizers`.

    Attributes
    ----------
    activation, loss, optimizer : int
    momentum, weight_decay : float
    batch_size : int
    """

    activation: int
    loss: int
    optimizer: int
    momentum: float
    weight_decay: float
    batch_size: int


class Mailbox(NamedTuple):
    """What another thread may read and write while an epoch runs.

    Attributes
    ----------
    done : (1,) int64
        Mini-batches finished in this call.
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


def new_mailbox() -> Mailbox:
    """Return a mailbox that asks for nothing."""
    return Mailbox(np.zeros(1, np.int64), np.full(1, NO_LIMIT))


def _buffers(params: Params, rows: int) -> tuple[Floats, ...]:
    """Return room for each layer's output over `rows` rows."""
    return tuple(np.empty((rows, layer.bias.size), layer.bias.dtype) for layer in params)


@jit
def _train_batches(  # the arguments are those of `train_epoch`, and its working memory
    params: Params,
    state: OptimizerState,
    grads: Grads,
    inputs: Floats,
    outputs: tuple[Floats, ...],
    deltas: tuple[Floats, ...],
    features: Bytes | Floats,
    labels: Bytes,
    rows: npt.NDArray[np.int64],
    shift: Floats,
    scale: Floats,
    learning_rates: npt.NDArray[np.float64],
    steps_before: int,
    loss_sum: float,
    method: Method,
    mailbox: Mailbox,
) -> tuple[float, int, bool]:
    """Train on `rows`, mini-batch by mini-batch; return the loss sum, the batches done, and whether all was finite."""
    batch_labels = np.empty(method.batch_size, np.uint8)
    for batch in range(learning_rates.size):
        if batch >= mailbox.limit[0]:
            return loss_sum, batch, True
        chosen = rows[batch * method.batch_size : (batch + 1) * method.batch_size]
        x, y = inputs[: chosen.size], batch_labels[: chosen.size]
        gather(features, chosen, shift, scale, x)
        for i in range(chosen.size):
            y[i] = labels[chosen[i]]
        forward(params, x, outputs, method.activation)
        loss = loss_backward(outputs[-1][: chosen.size], y, method.loss, deltas[-1][: chosen.size])
        if not math.isfinite(loss):
            return loss_sum, batch, False
        backward(params, x, outputs, deltas, method.activation, grads)
        number = steps_before + batch + 1
        step = Step(method.optimizer, number, learning_rates[batch], method.momentum, method.weight_decay)
        update(params, grads, state, step)
        loss_sum += loss
        mailbox.done[0] = batch + 1
    return loss_sum, learning_rates.size, True


def train_epoch(
    params: Params,
    optimizer_state: OptimizerState,
    features: Bytes | Floats,
    labels: Bytes,
    rows: npt.NDArray[np.int64],
    shift: Floats,
    scale: Floats,
    learning_rates: npt.NDArray[np.float64],
    steps_before: int,
    loss_sum: float,
    method: Method,
    mailbox: Mailbox,
) -> EpochResult:
    """Train on `rows` in their order, mini-batch by mini-batch; nothing that was passed is changed.

    Parameters
    ----------
    params : Params
    optimizer_state : OptimizerState
    features : (n, d) uint8 or float32
    labels : (n,) uint8
    rows : (k,) int64
        Indices of rows: an epoch's shuffled order, or what is left of it.
    shift, scale : (d,) float32
        The network sees `(row - shift) * scale`.
    learning_rates : (batches,) float64
        One for each mini-batch of `rows`; the last mini-batch may be short.
    steps_before : int
        Steps taken since the run began.
    loss_sum : float
        Of the epoch's rows before `rows`.
    method : Method
    mailbox : Mailbox

    Returns
    -------
    EpochResult
    """
    working, memory = thawed(params), OptimizerState(*map(thawed, optimizer_state))
    size = min(method.batch_size, rows.size)
    inputs = np.empty((size, features.shape[1]), params[0].weight.dtype)
    outputs, deltas = _buffers(params, size), _buffers(params, size)
    mailbox.done[0] = 0
    total, batches, finite = _train_batches(
        working, memory, zeros_like(working), inputs, outputs, deltas, writable(features), labels, rows, shift, scale,
        learning_rates, steps_before, loss_sum, method, mailbox,
    )  # fmt: skip
    return EpochResult(frozen(working), OptimizerState(*map(frozen, memory)), total, batches, finite)
