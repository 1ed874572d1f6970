"""The same network in plain NumPy, as a good NumPy programmer would write it: what all others are compared with.

Whole mini-batches, float32 throughout, results written in place where that is natural; sigmoid or relu, softmax
cross-entropy, plain SGD or AdamW without decay.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from pipeline.bench.networks import Setup
from pipeline.bench.system import Array, Job, Labels, Network, Order, System, batches_of, scaled
from pipeline.types import Bytes

# The defaults of Kingma & Ba, "Adam: a method for stochastic optimization", 2015.
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

limited = threadpool_limits
"""Holds BLAS to so many threads; NumPy itself has one."""


class State(NamedTuple):
    """A network in training; its means and squares, which AdamW keeps of the gradient, are empty for plain SGD."""

    network: Network
    means: Network
    squares: Network
    steps: int


def open_system(job: Job) -> System:
    """Return the network in NumPy."""
    setup, rows = job.setup, (job.features, job.labels)
    state = initial_state(job.weights, setup)

    def epoch(order: Order) -> None:
        nonlocal state
        state = train_epoch(state, rows, batches_of(order, setup.batch), setup)

    def gradients(features: Bytes, labels: Bytes) -> tuple[float, Network]:
        outputs = forward(job.weights, scaled(features), setup.activation)
        loss, delta = loss_gradient(outputs[-1], labels)
        return loss, backward(job.weights, outputs, delta, setup.activation)

    return System(scaled, lambda x: predict(state.network, x, setup.activation), epoch, gradients)


def initial_state(network: Network, setup: Setup) -> State:
    """Return the state before the first step, on a copy of the network."""
    remembered = network if setup.optimizer == "adamw" else []
    means, squares = ([(np.zeros_like(weight), np.zeros_like(bias)) for weight, bias in remembered] for _ in range(2))
    return State(_copy(network), means, squares, 0)


def activate(x: Array, activation: str) -> Array:
    """Apply the logistic function or relu, in place."""
    if activation == "relu":
        return np.maximum(x, 0, out=x)
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1
    return np.reciprocal(x, out=x)


def forward(network: Network, x: Array, activation: str) -> list[Array]:
    """Return the input and every layer's output; the last one holds logits: (batch, width) each."""
    outputs = [x]
    for i, (weight, bias) in enumerate(network):
        z = outputs[-1] @ weight
        z += bias
        outputs.append(z if i == len(network) - 1 else activate(z, activation))
    return outputs


def loss_gradient(logits: Array, labels: Bytes) -> tuple[float, Array]:
    """Return the mean cross-entropy, and its derivative by the logits."""
    delta = logits - logits.max(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    chosen = delta[rows, labels]
    np.exp(delta, out=delta)
    total = delta.sum(axis=1, keepdims=True)
    delta /= total
    delta[rows, labels] -= 1
    delta /= np.float32(len(labels))
    return float(np.mean(np.log(total[:, 0]) - chosen)), delta


def backward(network: Network, outputs: list[Array], delta: Array, activation: str) -> Network:
    """Return the derivative by every weight and bias, from `delta`, the one by the logits."""
    grads: Network = []
    for i in reversed(range(len(network))):
        x = outputs[i]
        grads.append((x.T @ delta, delta.sum(axis=0)))
        if i:
            delta = delta @ network[i][0].T
            delta *= x > 0 if activation == "relu" else x * (1 - x)
    return grads[::-1]


def adamw_step(value: Array, grad: Array, memory: tuple[Array, Array], rate: float, epsilon: float) -> None:
    """Take one step of AdamW, in place; `memory` is mean and square, and `grad` serves as working memory."""
    mean, square = memory
    mean *= np.float32(BETA1)
    mean += np.float32(1 - BETA1) * grad
    grad *= grad
    grad *= np.float32(1 - BETA2)
    square *= np.float32(BETA2)
    square += grad
    np.sqrt(square, out=grad)
    grad += np.float32(epsilon)
    np.divide(mean, grad, out=grad)
    grad *= np.float32(rate)
    value -= grad


def update(state: State, grads: Network, setup: Setup) -> State:
    """Take one step, in place, and return the state after it."""
    number = state.steps + 1
    # Both bias corrections, moved out of the arrays: m̂ / (√ŝ + ε) with m̂ = m / c₁ and ŝ = s / c₂.
    root = math.sqrt(1 - BETA2**number)
    rate = setup.learning_rate * root / (1 - BETA1**number)
    for i, layer in enumerate(state.network):
        for j, (value, grad) in enumerate(zip(layer, grads[i], strict=True)):
            if setup.optimizer == "adamw":
                adamw_step(value, grad, (state.means[i][j], state.squares[i][j]), rate, EPSILON * root)
            else:
                np.multiply(grad, np.float32(setup.learning_rate), out=grad)
                np.subtract(value, grad, out=value)
    return state._replace(steps=number)


def train_epoch(state: State, rows: tuple[Bytes, Bytes], batches: Iterable[Order], setup: Setup) -> State:
    """Return the state after a step on each of `batches`, given as indices into `rows` (features and labels)."""
    state = State(_copy(state.network), _copy(state.means), _copy(state.squares), state.steps)
    features, labels = rows
    for chosen in batches:
        outputs = forward(state.network, scaled(features[chosen]), setup.activation)
        _, delta = loss_gradient(outputs[-1], labels[chosen])
        state = update(state, backward(state.network, outputs, delta, setup.activation), setup)
    return state


def predict(network: Network, x: Array, activation: str) -> Labels:
    """Return the most likely class of every row."""
    return np.asarray(forward(network, x, activation)[-1].argmax(axis=1))


def _copy(network: Network) -> Network:
    """Return a network that shares nothing with the given one."""
    return [(weight.copy(), bias.copy()) for weight, bias in network]
