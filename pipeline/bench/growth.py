"""How the cost of an epoch grows: with the number of rows, and with the width of a hidden layer."""

from collections.abc import Iterator

from pipeline.bench import ours
from pipeline.bench.contest import initial_network
from pipeline.bench.machine import Ceiling
from pipeline.bench.networks import Setup
from pipeline.bench.registry import SCRAWL
from pipeline.bench.rows import Row, Task, row_of
from pipeline.bench.timing import Contender, time_in_turns
from pipeline.bench.work import Work

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
        for share in SHARES:
            yield _epoch(setup, work, work.order.size // share, ceiling, runs)._replace(series="rows")
    for width in WIDTHS:
        setup = Setup((pixels, width, classes), BATCH)
        yield _epoch(setup, work, work.order.size, ceiling, runs)._replace(series="width")


def _epoch(setup: Setup, work: Work, rows: int, ceiling: Ceiling, runs: int) -> Row:
    """Return the figure of Scrawl's epoch over so many rows."""
    learner, data, order = ours.learner_of(initial_network(setup), setup), work[:2], work.order[:rows]
    contender = Contender(lambda: ours.train(learner, data, order, setup), 1)
    times = time_in_turns({SCRAWL: contender}, runs)[SCRAWL]
    return row_of(SCRAWL, Task(setup, "epoch", rows), times, times, ceiling)
