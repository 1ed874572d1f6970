"""Each kernel by itself, in turns with NumPy: forward, backward, an epoch and prediction."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.bench import numpy_network, scrawl_system
from pipeline.bench.contest import initial_network
from pipeline.bench.data import Work
from pipeline.bench.machine import Ceiling
from pipeline.bench.networks import Setup
from pipeline.bench.registry import NUMPY, SCRAWL
from pipeline.bench.rows import Row, Task, row_of
from pipeline.bench.system import Network, batches_of, scaled
from pipeline.bench.timing import Contender, time_in_turns
from pipeline.types import Bytes

PREDICTED = 10_000
"""Images at once: MNIST's test set."""


class Calls(NamedTuple):
    """Something to time: what it is, and each system's way of doing it."""

    task: Task
    scrawl: Callable[[], object]
    numpy: Callable[[], object]


def calls(setup: Setup, work: Work) -> tuple[Calls, ...]:
    """Return the four operations on one network."""
    network = initial_network(setup)
    return (
        _forward_calls(network, setup, work),
        _backward_calls(network, setup, work),
        epoch_calls(network, setup, work),
        _predict_calls(network, setup, work.test_features[:PREDICTED]),
    )


def epoch_calls(network: Network, setup: Setup, work: Work) -> Calls:
    """Return both systems' pass over all rows, always from the same weights on."""
    learner, rows = scrawl_system.learner_of(network, setup), scrawl_system.kept(work.features, work.labels)
    state, batches = numpy_network.initial_state(network, setup), batches_of(work.order, setup.batch)
    return Calls(
        Task(setup, "epoch", work.order.size),
        lambda: scrawl_system.train(learner, rows, work.order, setup)[0].params,
        lambda: numpy_network.train_epoch(state, (work.features, work.labels), batches, setup).network,
    )


def measured(timed: Calls, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield a row a system; each has the same number of threads, and the kernels share theirs out themselves."""
    contenders = {SCRAWL: Contender(timed.scrawl, 1), NUMPY: Contender(timed.numpy, ceiling.threads)}
    times = time_in_turns(contenders, runs)
    for system, seconds in times.items():
        yield row_of(system, timed.task, seconds, times[SCRAWL], ceiling)


def kernel_rows(setups: tuple[Setup, ...], work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield the figures of every operation on every network."""
    for setup in setups:
        for timed in calls(setup, work):
            yield from measured(timed, ceiling, runs)


def _forward_calls(network: Network, setup: Setup, work: Work) -> Calls:
    """Return both systems' forward pass over one mini-batch, its rows scaled already."""
    x = scaled(work.features[: setup.batch])
    return Calls(
        Task(setup, "forward", len(x)),
        scrawl_system.forward_call(network, scrawl_system.kept(work.features[: setup.batch], work.labels), setup),
        lambda: numpy_network.forward(network, x, setup.activation),
    )


def _backward_calls(network: Network, setup: Setup, work: Work) -> Calls:
    """Return both systems' backward pass over one mini-batch, the derivative of the loss by the logits given."""
    x, labels = scaled(work.features[: setup.batch]), work.labels[: setup.batch]
    outputs = numpy_network.forward(network, x, setup.activation)
    _, delta = numpy_network.loss_gradient(outputs[-1], labels)
    return Calls(
        Task(setup, "backward", len(x)),
        scrawl_system.backward_call(network, scrawl_system.kept(work.features[: setup.batch], labels), setup),
        lambda: numpy_network.backward(network, outputs, delta, setup.activation),
    )


def _predict_calls(network: Network, setup: Setup, features: Bytes) -> Calls:
    """Return both systems' answers for many images at once, from grey levels on."""
    working = scrawl_system.working_of(network)
    return Calls(
        Task(setup, "predict", len(features)),
        lambda: scrawl_system.predicted(working, features, setup),
        lambda: numpy_network.predict(network, scaled(features), setup.activation),
    )
