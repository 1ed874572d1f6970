"""The same network in plain NumPy, as a good NumPy programmer would write it: what the kernels are compared with.

Whole mini-batches, float32 throughout, results written in place where that is natural; sigmoid, softmax cross-entropy,
plain SGD.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float32]
Network = list[tuple[Array, Array]]


def sigmoid(x: Array) -> Array:
    """Return the logistic function, in place."""
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1
    return np.reciprocal(x, out=x)


def forward(network: Network, x: Array) -> list[Array]:
    """Return the input and every layer's output; the last one holds logits: (batch, width) each."""
    outputs = [x]
    for i, (weight, bias) in enumerate(network):
        z = outputs[-1] @ weight
        z += bias
        outputs.append(z if i == len(network) - 1 else sigmoid(z))
    return outputs


def backward(network: Network, outputs: list[Array], labels: Bytes) -> Network:
    """Return the derivative of the mean cross-entropy by every weight and bias."""
    logits = outputs[-1]
    delta = np.exp(logits - logits.max(axis=1, keepdims=True))
    delta /= delta.sum(axis=1, keepdims=True)
    delta[np.arange(len(labels)), labels] -= 1
    delta /= np.float32(len(labels))
    grads: Network = []
    for i in reversed(range(len(network))):
        x = outputs[i]
        grads.append((x.T @ delta, delta.sum(axis=0)))
        if i:
            delta = delta @ network[i][0].T
            delta *= x * (1 - x)
    return grads[::-1]


def descend(network: Network, grads: Network, learning_rate: float) -> None:
    """Take one step of plain SGD, in place."""
    rate = np.float32(learning_rate)
    for (weight, bias), (grad_weight, grad_bias) in zip(network, grads, strict=True):
        np.subtract(weight, np.multiply(grad_weight, rate, out=grad_weight), out=weight)
        np.subtract(bias, np.multiply(grad_bias, rate, out=grad_bias), out=bias)


def train_epoch(
    network: Network, rows: tuple[Bytes, Bytes], batches: Iterable[npt.NDArray[np.int64]], learning_rate: float
) -> Network:
    """Return the network after a step on each of `batches`, given as indices into `rows` (features and labels)."""
    network = [(weight.copy(), bias.copy()) for weight, bias in network]
    features, labels = rows
    for chosen in batches:
        outputs = forward(network, features[chosen] * np.float32(1 / 255))
        descend(network, backward(network, outputs, labels[chosen]), learning_rate)
    return network


def predict(network: Network, features: Bytes) -> npt.NDArray[np.intp]:
    """Return the most likely class of every row."""
    return np.asarray(forward(network, features * np.float32(1 / 255))[-1].argmax(axis=1))


def flops_forward(sizes: Iterable[int]) -> int:
    """Return the floating-point operations of one image's way through the network: its products alone."""
    return sum(2 * a * b for a, b in pairwise(sizes))


def flops_backward(sizes: Iterable[int]) -> int:
    """Return those of the way back: every weight's derivative, and every layer's input's but the first."""
    widths = list(sizes)
    return 2 * flops_forward(widths) - 2 * widths[0] * widths[1]
