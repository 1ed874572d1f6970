"""The networks that are timed, and the arithmetic that they ask for."""

from itertools import pairwise
from typing import NamedTuple


class Setup(NamedTuple):
    """A network and how it learns: softmax cross-entropy always, and no weight decay, so that AdamW is Adam."""

    sizes: tuple[int, ...]  # widths from the input to the output
    batch: int  # images in a mini-batch
    activation: str = "sigmoid"  # or "relu"
    optimizer: str = "sgd"  # or "adamw"
    learning_rate: float = 0.1


NETWORKS = (
    Setup((784, 30, 20, 10), 15),
    Setup((784, 100, 10), 32),
    Setup((784, 800, 10), 128),
    Setup((784, 2048, 1024, 10), 256, "relu", "adamw", 1e-3),
)
"""The original project's network, a common small one, one that BLAS likes, and a wide one in today's manner."""


def name_of(setup: Setup) -> str:
    """Return a network's widths, such as "784-30-20-10"."""
    return "-".join(map(str, setup.sizes))


def flops_forward(sizes: tuple[int, ...]) -> int:
    """Return the floating-point operations of one image's way through the network: its products alone."""
    return sum(2 * a * b for a, b in pairwise(sizes))


def flops_backward(sizes: tuple[int, ...]) -> int:
    """Return those of the way back: every weight's derivative, and every layer's input's but the first."""
    return 2 * flops_forward(sizes) - 2 * sizes[0] * sizes[1]
