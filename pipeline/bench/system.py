"""What every system that is measured has to offer, whatever library does its work, and which systems there are.

A system is a module with two functions: `limited(threads)`, a context in which its library keeps to so many threads,
and `open_system(job)`, which returns a `System`.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.bench.networks import Setup
from pipeline.types import Bytes

Array: TypeAlias = npt.NDArray[np.float32]
Order: TypeAlias = npt.NDArray[np.int64]
Labels: TypeAlias = npt.NDArray[np.intp]
Network: TypeAlias = list[tuple[Array, Array]]
"""Weight (fan_in, fan_out) and bias (fan_out,) of every layer, from the input to the output."""

GREY = np.float32(1 / 255)
"""What every system multiplies grey levels by."""


class Entry(NamedTuple):
    """A system that can be measured: its module, what to install for it, and whether it does more than predict."""

    module: str
    packages: tuple[str, ...]
    trains: bool = True


def not_installed(entry: Entry, error: ImportError) -> str:
    """Return why a system can't be measured, and what to do."""
    return f"not installed (pip install {' '.join(entry.packages)}): {error}"


SCRAWL, NUMPY = "scrawl", "numpy"
SYSTEMS = {
    SCRAWL: Entry("pipeline.bench.scrawl_system", ("numba",)),
    NUMPY: Entry("pipeline.bench.numpy_network", ("numpy",)),
    "scikit-learn": Entry("pipeline.bench.peers.scikit_learn", ("scikit-learn",)),
    "torch": Entry("pipeline.bench.peers.torch_eager", ("torch",)),
    "jax": Entry("pipeline.bench.peers.jax_scan", ("jax",)),
    "onnxruntime": Entry("pipeline.bench.peers.onnx_runtime", ("onnxruntime", "onnx"), trains=False),
}


class Job(NamedTuple):
    """What a system is asked to work on."""

    setup: Setup
    weights: Network  # where training starts from; not to be changed
    features: Bytes  # (n, d)
    labels: Bytes  # (n,)
    threads: int


class System(NamedTuple):
    """A network in a library's hands.

    Attributes
    ----------
    ready : (k, d) uint8 -> Any
        Returns rows as this library likes them best; that is never timed.
    predict : Any -> (k,) int
        Returns the most likely class of each of those rows, by the weights as they are now.
    epoch : (n,) int64 -> object, or None if the library does not train
        Goes once over the job's rows in the given order, mini-batch by mini-batch, on from where the last epoch ended.
    gradients : (k, d) uint8, (k,) uint8 -> float, Network; or None likewise
        Returns the mean loss of rows, and its derivative by each parameter, for the job's own weights.
    """

    ready: Callable[[Bytes], Any]
    predict: Callable[[Any], Labels]
    epoch: Callable[[Order], object] | None = None
    gradients: Callable[[Bytes, Bytes], tuple[float, Network]] | None = None


class Adapter(Protocol):
    """A module that makes a library measurable."""

    def limited(self, threads: int) -> AbstractContextManager[object]:
        """Hold the library to so many threads for the time of a block."""

    def open_system(self, job: Job) -> System:
        """Return the library's network for a job."""


def keep_to_cores(threads: int) -> None:
    """Let this process run on as many cores as it may have threads, where the system can be told so.

    Libraries differ in how their threads are limited; this holds for all of them.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def scaled(features: Bytes) -> Array:
    """Return grey levels from 0 to 1, in float32."""
    return features * GREY


def batches_of(order: Order, size: int) -> list[Order]:
    """Return the mini-batches of an epoch; the last one may be short."""
    return np.split(order, range(size, order.size, size))


def gradients_by_step(before: Network, after: Network) -> Network:
    """Return the derivatives that a step of plain SGD with learning rate 1 went along."""
    pairs = zip(before, after, strict=True)
    return [(weight - new_weight, bias - new_bias) for (weight, bias), (new_weight, new_bias) in pairs]
