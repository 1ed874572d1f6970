"""The kernels timed: forward, backward, an epoch and prediction, in turns with NumPy, beside the machine's ceilings."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.activations import ACTIVATIONS
from kernels.epoch import Method, new_mailbox, train_epoch
from kernels.inference import infer
from kernels.losses import LOSSES
from kernels.network import backward, forward
from kernels.optimizers import OPTIMIZERS
from kernels.params import thawed, zeros_like
from pipeline.bench import numpy_network
from pipeline.bench.machine import Ceiling, ceilings, machine
from pipeline.bench.timing import Contender, Seconds, time_in_turns
from pipeline.bench.work import Work
from pipeline.threads import using_threads
from pipeline.train.initial import initial_optimizer_state, initial_params
from pipeline.types import Json, Params, TrainConfig

NETWORKS = (((784, 30, 20, 10), 15), ((784, 100, 10), 32), ((784, 800, 10), 128))
"""Sizes and mini-batch: the original project's network, a common small one, and one that BLAS likes."""

LEARNING_RATE = 0.1
PREDICTED = 10_000  # images at once: MNIST's test set


class Row(NamedTuple):
    """One figure.

    Attributes
    ----------
    system : "scrawl" or "numpy"
    network, operation : str
        Widths, such as "784-100-10"; "forward", "backward", "epoch" or "predict".
    batch : int
        Images in one call (of the epoch: in one mini-batch).
    seconds : Seconds
        Of one call.
    images_per_second, gflops : float
        At the median; the products' operations alone count.
    share : float
        Of the sgemm ceiling on as many threads.
    ratio : float
        Median time over NumPy's: below 1 is faster.
    """

    system: str
    network: str
    operation: str
    batch: int
    seconds: Seconds
    images_per_second: float
    gflops: float
    share: float
    ratio: float


class Task(NamedTuple):
    """An operation to time: each system's way of doing it, the images in a call, and the operations for each."""

    operation: str
    scrawl: Callable[[], object]
    numpy: Callable[[], object]
    images: int
    flops: int


def as_plain(params: Params) -> numpy_network.Network:
    """Return the parameters as the NumPy network takes them: float32 copies."""
    return [(np.array(layer.weight, np.float32), np.array(layer.bias, np.float32)) for layer in params]


def tasks(sizes: tuple[int, ...], batch: int, work: Work) -> tuple[Task, ...]:
    """Return the four operations on one network."""
    config = TrainConfig(hidden=sizes[1:-1], activation="sigmoid", optimizer="sgd", batch_size=batch)
    params = initial_params(sizes, config)
    back, ahead = numpy_network.flops_backward(sizes), numpy_network.flops_forward(sizes)
    return (
        Task("forward", *_forward_calls(params, batch, work), images=batch, flops=ahead),
        Task("backward", *_backward_calls(params, batch, work), images=batch, flops=back),
        Task("epoch", *_epoch_calls(params, config, work), images=work.order.size, flops=ahead + back),
        Task("predict", *_predict_calls(params, work), images=min(PREDICTED, work.labels.size), flops=ahead),
    )


Calls = tuple[Callable[[], object], Callable[[], object]]


def _forward_calls(params: Params, batch: int, work: Work) -> Calls:
    """Return both systems' forward pass over one mini-batch of scaled rows."""
    x = work.features[:batch] * np.float32(1 / 255)
    outputs = tuple(np.empty((batch, layer.bias.size), np.float32) for layer in params)
    working, plain = thawed(params), as_plain(params)
    return (
        lambda: forward(working, x, outputs, ACTIVATIONS["sigmoid"]),
        lambda: numpy_network.forward(plain, x),
    )


def _backward_calls(params: Params, batch: int, work: Work) -> Calls:
    """Return both systems' backward pass over one mini-batch, NumPy's with the loss's own derivative included."""
    x, labels = work.features[:batch] * np.float32(1 / 255), work.labels[:batch]
    working, plain, grads = thawed(params), as_plain(params), zeros_like(params)
    outputs, deltas = (tuple(np.full((batch, layer.bias.size), 0.5, np.float32) for layer in params) for _ in range(2))
    forward(working, x, outputs, ACTIVATIONS["sigmoid"])
    remembered = numpy_network.forward(plain, x)
    return (
        lambda: backward(working, x, outputs, deltas, ACTIVATIONS["sigmoid"], grads),
        lambda: numpy_network.backward(plain, remembered, labels),
    )


def _epoch_calls(params: Params, config: TrainConfig, work: Work) -> Calls:
    """Return both systems' pass over all rows."""
    method = Method(ACTIVATIONS["sigmoid"], LOSSES["cross-entropy"], OPTIMIZERS["sgd"], 0.0, 0.0, config.batch_size)
    memory, plain = initial_optimizer_state(params, config), as_plain(params)
    batches = np.split(work.order, range(config.batch_size, work.order.size, config.batch_size))
    rates = np.full(len(batches), LEARNING_RATE)
    shift, scale = _scaling()
    return (
        lambda: train_epoch(
            params, memory, work.features, work.labels, work.order, shift, scale, rates, 0, 0.0, method, new_mailbox()
        ),
        lambda: numpy_network.train_epoch(plain, work[:2], batches, LEARNING_RATE),
    )


def _predict_calls(params: Params, work: Work) -> Calls:
    """Return both systems' answers for many images at once."""
    features, working, plain = work.features[:PREDICTED], thawed(params), as_plain(params)
    shift, scale = _scaling()
    return (
        lambda: infer(working, features, shift, scale, ACTIVATIONS["sigmoid"]).argmax(axis=1),
        lambda: numpy_network.predict(plain, features),
    )


def _scaling() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return shift and scale of grey levels."""
    return np.zeros(784, np.float32), np.full(784, 1 / 255, np.float32)


def measured(sizes: tuple[int, ...], batch: int, task: Task, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield a row a system; each has the same number of threads, and the kernels share theirs out themselves."""
    contenders = {"scrawl": Contender(task.scrawl, 1), "numpy": Contender(task.numpy, ceiling.threads)}
    times = time_in_turns(contenders, runs)
    for system, seconds in times.items():
        rate = task.images * task.flops / seconds.median / 1e9
        yield Row(
            system=system,
            network="-".join(map(str, sizes)),
            operation=task.operation,
            batch=batch if task.operation != "predict" else task.images,
            seconds=seconds,
            images_per_second=task.images / seconds.median,
            gflops=rate,
            share=rate / ceiling.rate,
            ratio=seconds.median / times["numpy"].median,
        )


def bench(work: Work, threads: int | None, runs: int) -> Iterator[Ceiling | Row]:
    """Yield the machine's ceilings, then every figure as soon as it is there."""
    with using_threads(threads) as count:
        limits = ceilings(count, runs)
        yield from limits
        sgemm = next(limit for limit in limits if limit.name == "sgemm" and limit.threads == count)
        for sizes, batch in NETWORKS:
            for task in tasks(sizes, batch, work):
                yield from measured(sizes, batch, task, sgemm, runs)


def label_of(result: Ceiling | Row) -> str:
    """Return in a few words what was measured."""
    if isinstance(result, Ceiling):
        return f"{result.name} on {result.threads} thread(s)"
    return f"{result.network}, {result.operation}: {result.system}"


def bench_json(results: list[Ceiling | Row], threads: int, data: str) -> Json:
    """Return the figures as `bench --json` prints them."""

    def plain(result: Ceiling | Row) -> Json:
        return {**result._asdict(), "seconds": result.seconds._asdict()}

    return {
        "machine": machine(threads),
        "data": data,
        "ceiling": [plain(result) for result in results if isinstance(result, Ceiling)],
        "rows": [plain(result) for result in results if isinstance(result, Row)],
    }
