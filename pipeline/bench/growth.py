"""How the cost of an epoch grows: with the number of rows, and with the width of a hidden layer."""

from collections.abc import Iterator

from pipeline.bench import scrawl_system
from pipeline.bench.contest import initial_network
from pipeline.bench.data import Work
from pipeline.bench.machine import Ceiling
from pipeline.bench.networks import Setup
from pipeline.bench.registry import SCRAWL
from pipeline.bench.rows import Row, Task, row_of
from pipeline.bench.timing import Contender, time_in_turns

SHARES = (8, 4, 2, 1)
"""The rows are divided by these: an eighth, a quarter, half, and all of them."""
WIDTHS = tuple(16 << i for i in range(9))
BATCH = 128
GROWN = 3
"""Networks to show the rows' cost on; the wide one would take longer than all others together and show the same."""


def growth_rows(setups: tuple[Setup, ...], work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield epochs over more and more rows on the first networks, and over all rows with wider and wider layers."""
    pixels, classes = work.features.shape[1], 10
    for setup in setups[:GROWN]:
        tasks = [Task(setup, "epoch", work.order.size // share) for share in SHARES]
        yield from _epochs("rows", tasks, work, ceiling, runs)
    wide = [Task(Setup((pixels, width, classes), BATCH), "epoch", work.order.size) for width in WIDTHS]
    yield from _epochs("width", wide, work, ceiling, runs)


def _epochs(series: str, tasks: list[Task], work: Work, ceiling: Ceiling, runs: int) -> Iterator[Row]:
    """Yield the figures of Scrawl's epochs, timed in turns: a slow minute of the machine must not bend the curve."""
    times = time_in_turns({str(i): _contender(task, work) for i, task in enumerate(tasks)}, runs)
    for task, found in zip(tasks, times.values(), strict=True):
        yield row_of(SCRAWL, task, found, found, ceiling)._replace(series=series)


def _contender(task: Task, work: Work) -> Contender:
    """Return a call of an epoch."""
    setup, order = task.setup, work.order[: task.images]
    learner, data = scrawl_system.learner_of(initial_network(setup), setup), scrawl_system.kept(*work[:2])
    return Contender(lambda: scrawl_system.train(learner, data, order, setup), 1)
