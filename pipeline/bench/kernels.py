"""Scrawl's kernels by themselves: in turns with NumPy, over more and more work, and what distortions cost."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from kernels.images.orientation import orientations
from pipeline.bench import numpy_network, scrawl_system
from pipeline.bench.contest import initial_network
from pipeline.bench.data import Work
from pipeline.bench.machine import Ceiling
from pipeline.bench.networks import Setup
from pipeline.bench.rows import Row, Task, row_of
from pipeline.bench.system import GREY, NUMPY, SCRAWL, Network, batches_of, scaled
from pipeline.bench.timing import summary, time_in_turns
from pipeline.train.augment import DISTORTION, Augmentation, augmented
from pipeline.types import Json

PREDICTED = 10_000
"""Images at once: MNIST's test set."""
SHARES = (8, 4, 2, 1)
"""The rows are divided by these: an eighth, a quarter, half, and all of them."""
WIDTHS = tuple(16 << i for i in range(9))
WIDE_BATCH = 128
GROWN = 3
"""Networks to show the rows' cost on; the wide one would take longer than all others together and show the same."""
SHAPE = (28, 28)


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
    kind, first, labels = setup.activation, work.features[: setup.batch], work.labels[: setup.batch]
    batch, x = scrawl_system.kept(first, labels), scaled(first)
    outputs = numpy_network.forward(network, x, kind)
    _, delta = numpy_network.loss_gradient(outputs[-1], labels)
    forward, backward = scrawl_system.passes(network, batch, setup)
    return (
        Calls(Task(setup, "forward", len(x)), forward, lambda: numpy_network.forward(network, x, kind)),
        Calls(Task(setup, "backward", len(x)), backward, lambda: numpy_network.backward(network, outputs, delta, kind)),
    )


def _from_grey_levels(network: Network, setup: Setup, work: Work) -> tuple[Calls, Calls]:
    """Return a pass over all rows to learn from, and the answers for many images at once."""
    learner, rows = scrawl_system.learner_of(network, setup), scrawl_system.kept(work.features, work.labels)
    state, batches = numpy_network.initial_state(network, setup), batches_of(work.order, setup.batch)
    working, images = scrawl_system.working_of(network), work.test_features[:PREDICTED]
    epoch = Calls(
        Task(setup, "epoch", work.order.size),
        lambda: scrawl_system.train(learner, rows, work.order, setup)[0].params,
        lambda: numpy_network.train_epoch(state, (work.features, work.labels), batches, setup).network,
    )
    predict = Calls(
        Task(setup, "predict", len(images)),
        lambda: scrawl_system.predicted(working, images, setup),
        lambda: numpy_network.predict(network, scaled(images), setup.activation),
    )
    return epoch, predict


def kernel_rows(setups: tuple[Setup, ...], work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield a row a system for every operation on every network; each has the same number of threads."""
    for task, scrawl, numpy in (timed for setup in setups for timed in calls(setup, work)):
        times = time_in_turns({SCRAWL: scrawl, NUMPY: numpy}, runs, ceiling.threads)
        for system, seconds in times.items():
            yield row_of(system, task, seconds, times[SCRAWL], ceiling)


def growth_rows(setups: tuple[Setup, ...], work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield epochs over more and more rows on the first networks, and over all rows with wider and wider layers."""
    for setup in setups[:GROWN]:
        tasks = [Task(setup, "epoch", work.order.size // share) for share in SHARES]
        yield from _epochs("rows", tasks, work, ceiling, runs)
    wide = [Setup((work.features.shape[1], width, 10), WIDE_BATCH) for width in WIDTHS]
    yield from _epochs("width", [Task(setup, "epoch", work.order.size) for setup in wide], work, ceiling, runs)


def _epochs(series: str, tasks: list[Task], work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield the figures of Scrawl's epochs, timed in turns: a slow minute of the machine must not bend the curve."""
    times = time_in_turns({str(i): _epoch(task, work) for i, task in enumerate(tasks)}, runs)
    for task, found in zip(tasks, times.values(), strict=True):
        yield row_of(SCRAWL, task, found, found, ceiling)._replace(series=series)


def _epoch(task: Task, work: Work) -> Callable[[], object]:
    """Return a call of an epoch."""
    setup, order = task.setup, work.order[: task.images]
    learner, data = scrawl_system.learner_of(initial_network(setup), setup), scrawl_system.kept(*work[:2])
    return lambda: scrawl_system.train(learner, data, order, setup)


def distortion_json(work: Work, rows: Iterable[Row], runs: int) -> Json:
    """Return how long distorting an epoch's images takes, on the threads that kernels may use.

    Returns
    -------
    dict
        `images`, `seconds` (fastest, median, slowest), `images_per_second`; `edges_seconds`: how long it takes to find
        the edges of as many images; and `shares`: for each network of which there is an epoch in `rows`, the share of
        the distorting in the time that distorting and training take together.
    """
    images, room = Augmentation(work.features, SHAPE, DISTORTION), np.empty_like(work.features)
    distorting = {"": lambda: augmented(images, 0, 0, out=room)}
    seconds = summary(time_in_turns(distorting, runs)[""])
    edges = summary(time_in_turns({"": lambda: orientations(work.features, *SHAPE, float(GREY))}, runs)[""])
    epochs = [row for row in rows if (row.system, row.operation, row.series) == (SCRAWL, "epoch", None)]
    return {
        "images": len(work.features),
        "seconds": seconds._asdict(),
        "images_per_second": len(work.features) / seconds.median,
        "edges_seconds": edges._asdict(),
        "shares": [
            {"network": row.network, "share": seconds.median / (seconds.median + row.seconds.median)} for row in epochs
        ],
    }
