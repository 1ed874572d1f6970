"""Scrawl's kernels as a system that is measured: every call from the bench into `kernels` is made here."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kernels.functions.losses import loss_backward
from kernels.functions.optimizers import Step, step_constants_from_python
from kernels.images.orientation import orientations
from kernels.layers.first_layer import Inputs, Stored, features_in, room_for_batch, stored, take
from kernels.layers.packed import Packed, pack, pack_moments
from kernels.machine.blocks import from_blocks, room_for, to_blocks
from kernels.network.epoch import EpochRows, Hyperparameters, new_stop_token, train_epoch
from kernels.network.inference import infer
from kernels.network.passes import backward, forward
from kernels.types import ACTIVATIONS, LOSSES, OPTIMIZERS, OrientationMaps
from pipeline.bench.networks import Setup
from pipeline.bench.system import GREY, Array, Job, Labels, Network, Order, System, gradients_by_step
from pipeline.threads import using_threads
from pipeline.train.initial import initial_optimizer_state
from pipeline.types import Bytes, Floats, Layer, OptimizerState, Params, TrainConfig

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

    def predict(features: Bytes) -> Labels:
        return predicted(working, features, setup)

    def gradients(features: Bytes, labels: Bytes) -> tuple[float, Network]:
        step = setup._replace(batch=labels.size, optimizer="sgd", learning_rate=1.0)
        few = kept(features, labels)
        after, loss_sum = train(learner_of(job.weights, step), few, np.arange(labels.size), step)
        return loss_sum / labels.size, gradients_by_step(job.weights, network_of(after.params))

    return System(lambda features: features, predict, epoch, gradients)


def kept(features: Bytes, labels: Bytes) -> Rows:
    """Return rows as the kernels keep them to learn from: that is done once for all epochs."""
    return Rows(stored(features, *_scaling(features.shape[1])), labels)


def found_edges(features: Bytes, height: int, width: int) -> OrientationMaps:
    """Return the edges of images by direction, as networks with filters read them."""
    return orientations(features, height, width, float(GREY))


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
    shift, scale = _scaling(features_in(rows.features))
    rates = np.full(-(-order.size // setup.batch), setup.learning_rate)
    seen = EpochRows(*rows, order, shift, scale)
    result = train_epoch(
        learner.params, learner.memory, seen, rates, learner.steps, 0.0, hyperparameters, new_stop_token()
    )
    return Learner(result.params, result.optimizer_state, learner.steps + result.batches), result.loss_sum


def predicted(working: tuple[Packed, ...], features: Bytes, setup: Setup) -> Labels:
    """Return the most likely class of every row."""
    shift, scale = _scaling(features.shape[1])
    return np.asarray(infer(working, features, shift, scale, ACTIVATIONS[setup.activation]).argmax(axis=1))


def forward_call(network: Network, rows: Rows, setup: Setup) -> Callable[[], object]:
    """Return a call of the forward kernel on the first mini-batch of some rows."""
    batch = _Batch.of(network, rows, setup)
    return lambda: forward(batch.network, batch.x, setup.batch, batch.outputs, ACTIVATIONS[setup.activation])


def backward_call(network: Network, rows: Rows, setup: Setup) -> Callable[[], object]:
    """Return a call of the backward kernel, from the derivative by the logits on; the step along it is of length 0."""
    batch, code = _Batch.of(network, rows, setup), ACTIVATIONS[setup.activation]
    moments = pack_moments(learner_of(network, setup).memory)
    constants = step_constants_from_python(Step(OPTIMIZERS[setup.optimizer], 1, 0.0, 0.0, 0.0), batch.network[0].bias)
    forward(batch.network, batch.x, setup.batch, batch.outputs, code)
    last = batch.network[-1]
    logits = np.empty((setup.batch, last.fan_out), np.float32)
    grad = np.empty_like(logits)
    from_blocks(batch.outputs[-1], last.width, logits)
    loss_backward(logits, rows.labels[: setup.batch], CROSS_ENTROPY, 0.0, grad)
    to_blocks(grad, batch.deltas[-1], last.width)
    return lambda: backward(
        batch.network, batch.x, setup.batch, batch.outputs, batch.deltas, code, moments, constants
    )  # fmt: skip


class _Batch(NamedTuple):
    """A mini-batch, a network, and working memory."""

    network: tuple[Packed, ...]
    x: Inputs
    outputs: tuple[Floats, ...]
    deltas: tuple[Floats, ...]

    @classmethod
    def of(cls, network: Network, rows: Rows, setup: Setup) -> "_Batch":
        """Return the first mini-batch of some rows."""
        packed, size, first = working_of(network), setup.batch, np.arange(setup.batch)
        shift, scale = _scaling(features_in(rows.features))
        x = room_for_batch(rows.features, first, size, scale, packed[0])
        take(rows.features, first, 0, size, shift, scale, x)
        outputs, deltas = (tuple(room_for(size, layer.fan_out, np.float32) for layer in packed) for _ in range(2))
        return cls(packed, x, outputs, deltas)


def _scaling(width: int) -> tuple[Array, Array]:
    """Return shift and scale of grey levels."""
    return np.zeros(width, np.float32), np.full(width, GREY, np.float32)
