"""Scrawl's kernels as a system that is measured: every call from the bench into `kernels` is made here."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

import numpy as np

from kernels.activations import ACTIVATIONS
from kernels.epoch import Method, new_mailbox, train_epoch
from kernels.inference import infer
from kernels.losses import LOSSES, loss_backward
from kernels.network import backward, forward
from kernels.optimizers import OPTIMIZERS
from kernels.params import thawed, zeros_like
from pipeline.bench.networks import Setup
from pipeline.bench.system import GREY, Array, Job, Labels, Network, Order, System, gradients_by_step
from pipeline.threads import using_threads
from pipeline.train.initial import initial_optimizer_state
from pipeline.types import Bytes, Layer, OptimizerState, Params, TrainConfig

CROSS_ENTROPY = LOSSES["cross-entropy"]


def limited(threads: int) -> AbstractContextManager[object]:
    """Hold the kernels to so many threads, and BLAS to one."""
    return using_threads(threads)


class Learner(NamedTuple):
    """A network in training: its parameters, what the optimizer remembers, and the steps taken so far."""

    params: Params
    memory: OptimizerState
    steps: int


def open_system(job: Job) -> System:
    """Return the network in Scrawl."""
    setup = job.setup
    learner = learner_of(job.weights, setup)
    working = working_of(job.weights)

    def epoch(order: Order) -> None:
        nonlocal learner, working
        learner, _ = train(learner, (job.features, job.labels), order, setup)
        working = thawed(learner.params)

    def predict(features: Bytes) -> Labels:
        return predicted(working, features, setup)

    def gradients(features: Bytes, labels: Bytes) -> tuple[float, Network]:
        step = setup._replace(batch=labels.size, optimizer="sgd", learning_rate=1.0)
        after, loss_sum = train(learner_of(job.weights, step), (features, labels), np.arange(labels.size), step)
        return loss_sum / labels.size, gradients_by_step(job.weights, network_of(after.params))

    return System(lambda features: features, predict, epoch, gradients)


def params_of(network: Network) -> Params:
    """Return plain weights and biases as the kernels take them."""
    return tuple(Layer(weight, bias) for weight, bias in network)


def working_of(network: Network) -> Params:
    """Return a copy of plain weights and biases that kernels may write to."""
    return thawed(params_of(network))


def network_of(params: Params) -> Network:
    """Return the kernels' parameters as plain weights and biases: float32 copies."""
    return [(np.array(layer.weight, np.float32), np.array(layer.bias, np.float32)) for layer in params]


def learner_of(network: Network, setup: Setup) -> Learner:
    """Return a network before its first step."""
    params = params_of(network)
    return Learner(params, initial_optimizer_state(params, TrainConfig(optimizer=setup.optimizer)), 0)


def train(learner: Learner, rows: tuple[Bytes, Bytes], order: Order, setup: Setup) -> tuple[Learner, float]:
    """Return what an epoch over `rows` (features and labels) leads to, and the sum of the loss on the way."""
    method = Method(ACTIVATIONS[setup.activation], CROSS_ENTROPY, OPTIMIZERS[setup.optimizer], 0.0, 0.0, setup.batch)
    shift, scale = _scaling(rows[0])
    rates = np.full(-(-order.size // setup.batch), setup.learning_rate)
    result = train_epoch(
        learner.params, learner.memory, *rows, order, shift, scale, rates, learner.steps, 0.0, method, new_mailbox()
    )
    return Learner(result.params, result.optimizer_state, learner.steps + result.batches), result.loss_sum


def predicted(working: Params, features: Bytes, setup: Setup) -> Labels:
    """Return the most likely class of every row; `working` are parameters that kernels may write to."""
    shift, scale = _scaling(features)
    return np.asarray(infer(working, features, shift, scale, ACTIVATIONS[setup.activation]).argmax(axis=1))


def forward_call(network: Network, x: Array, setup: Setup) -> Callable[[], object]:
    """Return a call of the forward kernel on one mini-batch of scaled rows."""
    params, code = working_of(network), ACTIVATIONS[setup.activation]
    outputs = tuple(np.empty((len(x), layer.bias.size), np.float32) for layer in params)
    return lambda: forward(params, x, outputs, code)


def backward_call(network: Network, x: Array, labels: Bytes, setup: Setup) -> Callable[[], object]:
    """Return a call of the backward kernel, from the derivative by the logits on."""
    params, code = working_of(network), ACTIVATIONS[setup.activation]
    outputs, deltas = (tuple(np.empty((len(x), layer.bias.size), np.float32) for layer in params) for _ in range(2))
    grads = zeros_like(params)
    forward(params, x, outputs, code)
    loss_backward(outputs[-1], labels, CROSS_ENTROPY, deltas[-1])
    return lambda: backward(params, x, outputs, deltas, code, grads)


def _scaling(features: Bytes) -> tuple[Array, Array]:
    """Return shift and scale of grey levels."""
    return np.zeros(features.shape[1], np.float32), np.full(features.shape[1], GREY, np.float32)
