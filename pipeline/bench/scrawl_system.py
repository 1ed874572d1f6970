"""Scrawl's kernels as a system that is measured."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kernels.functions.losses import loss_backward
from kernels.functions.optimizers import Step, step_constants_from_python
from kernels.layers.first_layer import Stored, features_in, room_for_batch, stored, take
from kernels.layers.packed import Packed, pack, pack_moments
from kernels.machine.blocks import from_blocks, room_for, to_blocks
from kernels.network.epoch import EpochRows, Hyperparameters, new_stop_token, train_epoch
from kernels.network.inference import infer
from kernels.network.passes import backward, forward
from kernels.types import ACTIVATIONS, LOSSES, OPTIMIZERS
from pipeline.bench.networks import Setup
from pipeline.bench.system import GREY, Array, Job, Labels, Network, Order, System, gradients_by_step
from pipeline.threads import using_threads
from pipeline.train.initial import initial_optimizer_state
from pipeline.types import Bytes, Layer, OptimizerState, Params, TrainConfig

CROSS_ENTROPY = LOSSES["cross-entropy"]

limited = using_threads


class Rows(NamedTuple):
    """Features, perhaps without their zeros, and labels."""

    features: Stored
    labels: Bytes


class Learner(NamedTuple):
    """A network in training: its parameters, what the optimizer remembers, and the steps taken so far."""

    params: Params
    memory: OptimizerState
    steps: int


def open_system(job: Job) -> System:
    """Return the network in Scrawl."""
    setup, rows = job.setup, kept(job.features, job.labels)
    learner = learner_of(job.weights, setup)
    working = pack(learner.params)

    def epoch(order: Order) -> None:
        nonlocal learner, working
        learner, _ = train(learner, rows, order, setup)
        working = pack(learner.params)

    def gradients(features: Bytes, labels: Bytes) -> tuple[float, Network]:
        step = setup._replace(batch=labels.size, optimizer="sgd", learning_rate=1.0)
        few = kept(features, labels)
        after, loss_sum = train(learner_of(job.weights, step), few, np.arange(labels.size), step)
        return loss_sum / labels.size, gradients_by_step(job.weights, network_of(after.params))

    return System(lambda features: features, lambda features: predicted(working, features, setup), epoch, gradients)


def kept(features: Bytes, labels: Bytes) -> Rows:
    """Return rows as the kernels keep them to learn from: that is done once for all epochs."""
    return Rows(stored(features, *_scaling(features.shape[1])), labels)


def params_of(network: Network) -> Params:
    """Return plain weights and biases as the kernels take them."""
    return tuple(Layer(weight, bias) for weight, bias in network)


def working_of(network: Network) -> tuple[Packed, ...]:
    """Return plain weights and biases as the kernels work with them."""
    return pack(params_of(network))


def network_of(params: Params) -> Network:
    """Return the kernels' parameters as plain weights and biases: float32 copies."""
    return [(np.array(layer.weight, np.float32), np.array(layer.bias, np.float32)) for layer in params]


def learner_of(network: Network, setup: Setup) -> Learner:
    """Return a network before its first step."""
    params = params_of(network)
    return Learner(params, initial_optimizer_state(params, TrainConfig(optimizer=setup.optimizer)), 0)


def train(learner: Learner, rows: Rows, order: Order, setup: Setup) -> tuple[Learner, float]:
    """Return what an epoch over `rows` leads to, and the sum of the loss on the way."""
    hyperparameters = Hyperparameters(
        ACTIVATIONS[setup.activation], CROSS_ENTROPY, OPTIMIZERS[setup.optimizer], 0.0, 0.0, 0.0, setup.batch
    )
    rates = np.full(-(-order.size // setup.batch), setup.learning_rate)
    seen = EpochRows(*rows, order, *_scaling(features_in(rows.features)))
    result = train_epoch(
        learner.params, learner.memory, seen, rates, learner.steps, 0.0, hyperparameters, new_stop_token()
    )
    return Learner(result.params, result.optimizer_state, learner.steps + result.batches), result.loss_sum


def predicted(working: tuple[Packed, ...], features: Bytes, setup: Setup) -> Labels:
    """Return the most likely class of every row."""
    shift, scale = _scaling(features.shape[1])
    return np.asarray(infer(working, features, shift, scale, ACTIVATIONS[setup.activation]).argmax(axis=1))


def passes(network: Network, rows: Rows, setup: Setup) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return calls of the forward and of the backward kernel on the first mini-batch of some rows.

    The way back begins with the derivative by the logits; the step along it is of length 0.
    """
    working, size, code = working_of(network), setup.batch, ACTIVATIONS[setup.activation]
    first, (shift, scale) = np.arange(size), _scaling(features_in(rows.features))
    x = room_for_batch(rows.features, first, size, scale, working[0])
    take(rows.features, first, 0, size, shift, scale, x)
    outputs, deltas = (tuple(room_for(size, layer.fan_out, np.float32) for layer in working) for _ in range(2))
    forward(working, x, size, outputs, code)
    logits = np.empty((size, working[-1].fan_out), np.float32)
    grad = np.empty_like(logits)
    from_blocks(outputs[-1], working[-1].width, logits)
    loss_backward(logits, rows.labels[:size], CROSS_ENTROPY, 0.0, grad)
    to_blocks(grad, deltas[-1], working[-1].width)
    moments = pack_moments(learner_of(network, setup).memory)
    constants = step_constants_from_python(Step(OPTIMIZERS[setup.optimizer], 1, 0.0, 0.0, 0.0), working[0].bias)
    return (
        lambda: forward(working, x, size, outputs, code),
        lambda: backward(working, x, size, outputs, deltas, code, moments, constants),
    )


def _scaling(width: int) -> tuple[Array, Array]:
    """Return shift and scale of grey levels."""
    return np.zeros(width, np.float32), np.full(width, GREY, np.float32)
