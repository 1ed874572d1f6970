"""The slow, obvious twin of every kernel of the network: plain NumPy in float64, one formula a line.

Each follows the textbook, not the kernel: nothing is fused, nothing is written in place.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.types import Params

Array = npt.NDArray[np.float64]
Network = list[tuple[Array, Array]]


def plain(params: Params) -> Network:
    """Return the parameters as the twins take them."""
    return [(np.asarray(layer.weight, np.float64), np.asarray(layer.bias, np.float64)) for layer in params]


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -700, 700))))


def activate(x: Array, activation: str) -> Array:
    if activation == "sigmoid":
        return sigmoid(x)
    return np.tanh(x) if activation == "tanh" else np.maximum(x, 0)


def slope(x: Array, activation: str) -> Array:
    """Return the derivative by the input, as calculus has it, where the kernels write it on the output."""
    if activation == "sigmoid":
        return sigmoid(x) * sigmoid(-x)
    return np.asarray(1 / np.cosh(np.clip(x, -300, 300)) ** 2 if activation == "tanh" else x > 0, np.float64)


def softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def one_hot(labels: npt.NDArray[np.uint8], classes: int) -> Array:
    return np.asarray(np.eye(classes)[labels])


def smoothed(truth: Array, smoothing: float) -> Array:
    return np.asarray((1 - smoothing) * truth + smoothing / truth.shape[1])


def loss(logits: Array, labels: npt.NDArray[np.uint8], kind: str, smoothing: float = 0.0) -> float:
    """Return the loss summed over the rows."""
    truth = one_hot(labels, logits.shape[1])
    if kind == "cross-entropy":
        return float(-(smoothed(truth, smoothing) * np.log(softmax(logits))).sum())
    return float(0.5 * ((sigmoid(logits) - truth) ** 2).sum())


def loss_gradient(logits: Array, labels: npt.NDArray[np.uint8], kind: str, smoothing: float = 0.0) -> Array:
    """Return the derivative of the mean loss by the logits."""
    truth = one_hot(labels, logits.shape[1])
    if kind == "cross-entropy":
        return (softmax(logits) - smoothed(truth, smoothing)) / len(labels)
    return (sigmoid(logits) - truth) * slope(logits, "sigmoid") / len(labels)


def forward(network: Network, x: Array, activation: str) -> list[Array]:
    """Return each layer's sums, before the activation."""
    sums: list[Array] = []
    for weight, bias in network:
        sums.append(x @ weight + bias)
        x = activate(sums[-1], activation)
    return sums


def gradient(
    network: Network, x: Array, labels: npt.NDArray[np.uint8], activation: str, kind: str, smoothing: float = 0.0
) -> Network:
    """Return the derivative of the mean loss by every weight and bias."""
    sums = forward(network, x, activation)
    inputs = [x, *(activate(s, activation) for s in sums[:-1])]
    delta = loss_gradient(sums[-1], labels, kind, smoothing)
    grads: Network = []
    for i in reversed(range(len(network))):
        grads.insert(0, (inputs[i].T @ delta, delta.sum(axis=0)))
        if i:
            delta = (delta @ network[i][0].T) * slope(sums[i - 1], activation)
    return grads


class Memory(NamedTuple):
    """What an optimizer keeps of one array."""

    first: Array
    second: Array


def step(
    value: Array, grad: Array, memory: Memory, optimizer: str, number: int, rate: float, momentum: float, decay: float
) -> tuple[Array, Memory]:
    """Return the array and the memory after one step."""
    first, second = memory
    if optimizer == "adamw":
        first = 0.9 * first + 0.1 * grad
        second = 0.999 * second + 0.001 * grad**2
        mean, square = first / (1 - 0.9**number), second / (1 - 0.999**number)
        direction = mean / (np.sqrt(square) + 1e-8)
    elif optimizer == "sgd":
        direction = grad
    else:
        first = momentum * first + grad
        direction = first if optimizer == "momentum" else grad + momentum * first
    return value - rate * (direction + decay * value), Memory(first, second)


def by_input(network: Network, x: Array, activation: str, by_logits: Array) -> Array:
    """Return the derivative by the input, (n, d), of something whose derivative by the logits is known."""
    sums, grad = forward(network, x, activation), by_logits
    for i in reversed(range(len(network))):
        grad = grad @ network[i][0].T
        if i:
            grad = grad * slope(sums[i - 1], activation)
    return grad


Labels = npt.NDArray[np.uint8]
Slopes = Callable[[Network, Array, Labels], tuple[float, Network]]
"""From a network and a mini-batch to the loss summed over its rows, and the derivative of the mean loss."""


def train(
    network: Network,
    batches: list[tuple[Array, Labels]],
    rates: list[float],
    activation: str,
    kind: str,
    optimizer: str,
    momentum: float,
    decay: float,
    smoothing: float = 0.0,
) -> tuple[Network, float]:
    """Return the network after one step a mini-batch, and the losses summed over all rows."""

    def slopes(network: Network, x: Array, labels: Labels) -> tuple[float, Network]:
        total = loss(forward(network, x, activation)[-1], labels, kind, smoothing)
        return total, gradient(network, x, labels, activation, kind, smoothing)

    return descended(network, batches, rates, slopes, optimizer, momentum, decay)


def descended(
    network: Network,
    batches: list[tuple[Array, Labels]],
    rates: list[float],
    slopes: Slopes,
    optimizer: str,
    momentum: float,
    decay: float,
) -> tuple[Network, float]:
    """Do the same for any network whose loss has slopes."""
    memories = [[Memory(np.zeros_like(a), np.zeros_like(a)) for a in layer] for layer in network]
    total = 0.0
    for number, ((x, labels), rate) in enumerate(zip(batches, rates, strict=True), start=1):
        added, grads = slopes(network, x, labels)
        total += added
        updated: Network = []
        for i, (weight, bias) in enumerate(network):
            w, memories[i][0] = step(weight, grads[i][0], memories[i][0], optimizer, number, rate, momentum, decay)
            b, memories[i][1] = step(bias, grads[i][1], memories[i][1], optimizer, number, rate, momentum, 0.0)
            updated.append((w, b))
        network = updated
    return network, total
