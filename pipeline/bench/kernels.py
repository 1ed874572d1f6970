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

PREDICTED = 10_000
"""Images at once: MNIST's test set."""


class Calls(NamedTuple):
    """Something to time: what it is, and each system's way of doing it."""

    task: Task
    scrawl: Callable[[], object]
    numpy: Callable[[], object]


def calls(setup: Setup, work: Work) -> tuple[Calls, ...]:
    """Return the four operations on one network, always from the same weights on."""
    network = initial_network(setup)
    return *_on_a_batch(network, setup, work), *_from_grey_levels(network, setup, work)


def _on_a_batch(network: Network, setup: Setup, work: Work) -> tuple[Calls, Calls]:
    """Return the passes over a mini-batch of scaled rows, the way back from the derivative by the logits on."""
    kind = setup.activation
    first, labels = work.features[: setup.batch], work.labels[: setup.batch]
    batch, x = scrawl_system.kept(first, labels), scaled(first)
    outputs = numpy_network.forward(network, x, kind)
    _, delta = numpy_network.loss_gradient(outputs[-1], labels)
    forward = Calls(
        Task(setup, "forward", len(x)),
        scrawl_system.forward_call(network, batch, setup),
        lambda: numpy_network.forward(network, x, kind),
    )
    backward = Calls(
        Task(setup, "backward", len(x)),
        scrawl_system.backward_call(network, batch, setup),
        lambda: numpy_network.backward(network, outputs, delta, kind),
    )
    return forward, backward


def _from_grey_levels(network: Network, setup: Setup, work: Work) -> tuple[Calls, Calls]:
    """Return a pass over all rows to learn from, and the answers for many images at once."""
    learner, rows = scrawl_system.learner_of(network, setup), scrawl_system.kept(work.features, work.labels)
    state, batches = numpy_network.initial_state(network, setup), batches_of(work.order, setup.batch)
    epoch = Calls(
        Task(setup, "epoch", work.order.size),
        lambda: scrawl_system.train(learner, rows, work.order, setup)[0].params,
        lambda: numpy_network.train_epoch(state, (work.features, work.labels), batches, setup).network,
    )
    working, images = scrawl_system.working_of(network), work.test_features[:PREDICTED]
    predict = Calls(
        Task(setup, "predict", len(images)),
        lambda: scrawl_system.predicted(working, images, setup),
        lambda: numpy_network.predict(network, scaled(images), setup.activation),
    )
    return epoch, predict


def kernel_rows(setups: tuple[Setup, ...], work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield a row a system for every operation on every network.

    Each has the same number of threads, and the kernels share theirs out themselves.
    """
    for task, scrawl, numpy in (timed for setup in setups for timed in calls(setup, work)):
        times = time_in_turns({SCRAWL: Contender(scrawl, 1), NUMPY: Contender(numpy, ceiling.threads)}, runs)
        for system, seconds in times.items():
            yield row_of(system, task, seconds, times[SCRAWL], ceiling)
