"""The network of the textbook, in plain NumPy and float64: read this first.

All that the fast kernels do in a fully connected network is here, one formula a line: nothing is fused, nothing is
written in place, and no trick is played. The tests hold every kernel to it. A network is a list of pairs of a weight,
(fan_in, fan_out), and a bias, (fan_out,); rows of a mini-batch are rows of a matrix `x`, (rows, features).

References
----------
D. E. Rumelhart, G. E. Hinton, R. J. Williams: Learning representations by back-propagating errors. Nature 323, 1986.
I. Goodfellow, Y. Bengio, A. Courville: Deep Learning, chapters 6 and 8. MIT Press, 2016.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.types import Labels, Params

Array: TypeAlias = npt.NDArray[np.float64]
Network: TypeAlias = list[tuple[Array, Array]]


def network_of(params: Params) -> Network:
    """Return parameters as this module takes them."""
    return [(np.asarray(layer.weight, np.float64), np.asarray(layer.bias, np.float64)) for layer in params]


def sigmoid(z: Array) -> Array:
    """Return `1 / (1 + exp(-z))`; beyond 700, `exp` would overflow."""
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -700, 700))))


def activate(z: Array, activation: str) -> Array:
    """Return `f(z)`, where `f` is "sigmoid", "tanh" or "relu"."""
    if activation == "sigmoid":
        return sigmoid(z)
    return np.tanh(z) if activation == "tanh" else np.maximum(z, 0)


def derivative(z: Array, activation: str) -> Array:
    """Return `f'(z)`; at its kink, that of "relu" is taken to be 0."""
    if activation == "sigmoid":
        return sigmoid(z) * sigmoid(-z)
    return np.asarray(1 / np.cosh(np.clip(z, -300, 300)) ** 2 if activation == "tanh" else z > 0, np.float64)


def softmax(logits: Array) -> Array:
    """Return a probability for each class, (rows, classes)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def one_hot(labels: Labels, classes: int) -> Array:
    """Return a row for each label, (rows, classes): 1 for its class, 0 for all others."""
    return np.asarray(np.eye(classes)[labels])


def smoothed(truth: Array, smoothing: float) -> Array:
    """Return the truth with a share `smoothing` of its probability spread evenly over all classes."""
    return np.asarray((1 - smoothing) * truth + smoothing / truth.shape[1])


def loss(logits: Array, labels: Labels, kind: str, smoothing: float = 0.0) -> float:
    """Return the loss, "cross-entropy" (of a softmax) or "quadratic" (of a sigmoid), summed over the rows."""
    truth = one_hot(labels, logits.shape[1])
    if kind == "cross-entropy":
        return float(-(smoothed(truth, smoothing) * np.log(softmax(logits))).sum())
    return float(0.5 * ((sigmoid(logits) - truth) ** 2).sum())


def loss_backward(logits: Array, labels: Labels, kind: str, smoothing: float = 0.0) -> Array:
    """Return the derivative of the mean loss by the logits, (rows, classes)."""
    truth = one_hot(labels, logits.shape[1])
    if kind == "cross-entropy":
        return (softmax(logits) - smoothed(truth, smoothing)) / len(labels)
    return (sigmoid(logits) - truth) * derivative(logits, "sigmoid") / len(labels)


def forward(network: Network, x: Array, activation: str) -> list[Array]:
    """Return each layer's weighted sums `z = x W + b`, (rows, fan_out); those of the last layer are the logits."""
    sums: list[Array] = []
    for weight, bias in network:
        sums.append(x @ weight + bias)
        x = activate(sums[-1], activation)
    return sums


def backward(network: Network, x: Array, labels: Labels, activation: str, kind: str, smoothing: float = 0.0) -> Network:
    """Return the derivative of the mean loss by every weight and bias: the chain rule, from the last layer back."""
    sums = forward(network, x, activation)
    inputs = [x, *(activate(z, activation) for z in sums[:-1])]
    delta = loss_backward(sums[-1], labels, kind, smoothing)
    grads: Network = []
    for i in reversed(range(len(network))):
        grads.insert(0, (inputs[i].T @ delta, delta.sum(axis=0)))
        if i:
            delta = (delta @ network[i][0].T) * derivative(sums[i - 1], activation)
    return grads


def by_input(network: Network, x: Array, activation: str, by_logits: Array) -> Array:
    """Return the derivative by the input, (rows, features), of what has the derivative `by_logits` by the logits."""
    sums, delta = forward(network, x, activation), by_logits
    for i in reversed(range(len(network))):
        delta = delta @ network[i][0].T
        if i:
            delta = delta * derivative(sums[i - 1], activation)
    return delta


class Moments(NamedTuple):
    """What an optimizer remembers of one array.

    Attributes
    ----------
    first : Array
        Velocity ("momentum", "nesterov") or mean gradient ("adamw").
    second : Array
        Mean squared gradient ("adamw").
    """

    first: Array
    second: Array


def update(
    value: Array, grad: Array, moments: Moments, optimizer: str, step: int, rate: float, momentum: float, decay: float
) -> tuple[Array, Moments]:
    """Return an array of parameters and its moments after a step, which is counted from 1; the decay is decoupled."""
    first, second = moments
    if optimizer == "adamw":
        first = 0.9 * first + 0.1 * grad
        second = 0.999 * second + 0.001 * grad**2
        mean, square = first / (1 - 0.9**step), second / (1 - 0.999**step)
        direction = mean / (np.sqrt(square) + 1e-8)
    elif optimizer == "sgd":
        direction = grad
    else:
        first = momentum * first + grad
        direction = first if optimizer == "momentum" else grad + momentum * first
    return value - rate * (direction + decay * value), Moments(first, second)


LossAndGrads: TypeAlias = Callable[[Network, Array, Labels], tuple[float, Network]]
"""From a network and a mini-batch to the loss summed over its rows, and the derivative of the mean loss."""


def train(
    network: Network,
    batches: Sequence[tuple[Array, Labels]],
    rates: Sequence[float],
    loss_and_grads: LossAndGrads,
    optimizer: str,
    momentum: float,
    decay: float,
) -> tuple[Network, float]:
    """Return the network after one step a mini-batch, and the loss summed over all rows; biases do not decay."""
    moments = [[Moments(np.zeros_like(a), np.zeros_like(a)) for a in layer] for layer in network]
    total = 0.0
    for step, ((x, labels), rate) in enumerate(zip(batches, rates, strict=True), start=1):
        added, grads = loss_and_grads(network, x, labels)
        total += added
        updated: Network = []
        for i, (weight, bias) in enumerate(network):
            w, moments[i][0] = update(weight, grads[i][0], moments[i][0], optimizer, step, rate, momentum, decay)
            b, moments[i][1] = update(bias, grads[i][1], moments[i][1], optimizer, step, rate, momentum, 0.0)
            updated.append((w, b))
        network = updated
    return network, total


def dense_loss(activation: str, kind: str, smoothing: float = 0.0) -> LossAndGrads:
    """Return what `train` asks for, for a network whose layers are all fully connected."""

    def loss_and_grads(network: Network, x: Array, labels: Labels) -> tuple[float, Network]:
        total = loss(forward(network, x, activation)[-1], labels, kind, smoothing)
        return total, backward(network, x, labels, activation, kind, smoothing)

    return loss_and_grads
