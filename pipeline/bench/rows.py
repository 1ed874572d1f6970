"""A figure of the bench, and the document that all of them make."""

from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.bench.machine import Ceiling, machine
from pipeline.bench.networks import Setup, flops_backward, flops_forward, name_of
from pipeline.bench.timing import Seconds, compared
from pipeline.types import Json


class Row(NamedTuple):
    """One figure, by the names that `bench --json` has for its parts."""

    system: str
    network: str  # such as "784-100-10"
    operation: str  # "forward", "backward", "epoch" or "predict"
    batch: int  # images in one call; of an epoch, in one mini-batch
    images: int  # in one call
    seconds: Seconds  # of one call
    ratio: float  # Scrawl's median over this system's: 1/6 says that Scrawl takes a sixth of its time
    spread: tuple[float, float]  # the lowest and the highest of that ratio, round by round
    images_per_second: float  # at the median
    gflops: float  # likewise; all of the dense products' operations, whether or not a system can leave some out
    share: float  # of the sgemm ceiling on as many threads: the bound of whoever multiplies everything, zeros too
    compile_seconds: float | None = None  # the first epoch, with all that happens at a first time; no part of `seconds`
    accuracy: float | None = None  # on the held-out rows, after the first epoch
    series: str | None = None  # "rows" or "width": what grows, where it is measured how cost does


class Task(NamedTuple):
    """What was done: the operation, on which network, and on how many images in a call."""

    setup: Setup
    operation: str
    images: int


def row_of(system: str, task: Task, times: list[float], scrawl: list[float], ceiling: Ceiling) -> Row:
    """Return the figure of a system from its times and Scrawl's, measured in the same rounds."""
    setup, operation, images = task
    seconds, ratio, spread = compared(times, scrawl)
    ahead, back = flops_forward(setup.sizes), flops_backward(setup.sizes)
    flops = {"forward": ahead, "backward": back, "epoch": ahead + back, "predict": ahead}[operation]
    rate = images * flops / seconds.median / 1e9
    return Row(
        system=system,
        network=name_of(setup),
        operation=operation,
        batch=images if operation == "predict" else setup.batch,
        images=images,
        seconds=seconds,
        ratio=ratio,
        spread=spread,
        images_per_second=images / seconds.median,
        gflops=rate,
        share=rate / ceiling.rate,
    )


def label_of(result: Ceiling | Row) -> str:
    """Return in a few words what was measured."""
    if isinstance(result, Ceiling):
        return f"{result.name} on {result.threads} thread(s)"
    return f"{result.network}, {result.operation} of {result.images:,}: {result.system}"


def plain(result: Ceiling | Row) -> Json:
    """Return a figure as `bench --json` prints it."""
    return {**result._asdict(), "seconds": result.seconds._asdict()}


def bench_json(results: list[Ceiling | Row], threads: int, data: str) -> Json:
    """Return the figures as `bench --json` prints them, with nothing raced and nothing missing yet."""
    return {
        "machine": machine(threads),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": data,
        "ceiling": [plain(result) for result in results if isinstance(result, Ceiling)],
        "rows": [plain(result) for result in results if isinstance(result, Row)],
        "race": [],
        "distortion": None,
        "not_measured": [],
    }
