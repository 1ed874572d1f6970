"""Times that can be trusted on a shared machine: several runs, in turns, and the median."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from threadpoolctl import threadpool_limits

SHORTEST = 0.02
"""Seconds that a run should last: a thousand times the clock's own cost."""
SETTLE = 0.1
"""Seconds of rest before a run: the threads of BLAS and OpenMP spin for a while after their work, in others' way."""


class Seconds(NamedTuple):
    """Wall time of one call: the fastest, middle and slowest of several runs."""

    min: float
    median: float
    max: float


def summary(times: list[float]) -> Seconds:
    """Return the fastest, middle and slowest of the times."""
    return Seconds(min(times), statistics.median(times), max(times))


def compared(times: list[float], scrawl: list[float]) -> tuple[Seconds, float, tuple[float, float]]:
    """Return a system's times, and the ratio of Scrawl's to them: of the medians, and its bounds round by round."""
    ratios = [ours / theirs for ours, theirs in zip(scrawl, times, strict=True)]
    seconds = summary(times)
    return seconds, summary(scrawl).median / seconds.median, (min(ratios), max(ratios))


def time_in_turns(
    calls: Mapping[str, Callable[[], object]], runs: int, blas_threads: int = 1
) -> dict[str, list[float]]:
    """Return the seconds of each call in every run.

    The calls are timed one after another, again and again, so that a slow minute of the machine hits them all. A short
    one is repeated within a run until the run lasts `SHORTEST`; its time is the run's, divided. Each is made
    beforehand, so that compiling and filling caches is not counted.
    """
    with threadpool_limits(blas_threads, user_api="blas"):
        repeats = {name: _repeats(call) for name, call in calls.items()}
        rounds = [{name: _time(call, repeats[name]) for name, call in calls.items()} for _ in range(runs)]
    return {name: [times[name] for times in rounds] for name in calls}


def _repeats(call: Callable[[], object]) -> int:
    """Return how many calls a run takes to last long enough."""
    call()
    return max(1, round(SHORTEST / _time(call, 1)))


def _time(call: Callable[[], object], repeats: int) -> float:
    """Return the seconds of one call, on average over `repeats`."""
    time.sleep(SETTLE)
    if repeats > 1:  # one call alone is long: what it finds in the caches at its start does not matter
        call()
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - started) / repeats
