"""Rounds of shards on more workers than there are cores: `python -m tests.simulate_cluster`.

Each worker is a process that sleeps for as long as training a shard takes, and then sends a network back; all that Dask
does is real. The table holds what rounds take against the arithmetic of `docs/cluster.md`.
"""

import math
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import numpy.typing as npt

from pipeline.cluster.connect import Client, connected
from pipeline.cluster.spread import result_of

WEIGHTS = 165_000
"""Of `quick`; with the moments, three numbers of four bytes each."""
COMPUTE = 8.0
"""Seconds that a round takes one worker in all."""
WORKERS = 1, 2, 4, 8, 16
SHARDS = 16
ROUNDS = 3


def shard(state: npt.NDArray[np.float32], seconds: float, number: int) -> npt.NDArray[np.float32]:
    """Do as a worker does that trains."""
    time.sleep(seconds)
    return state + np.float32(number)


def round_seconds(client: Client, seconds: float) -> float:
    """Return what a round takes, each of whose shards takes so many seconds."""
    state = np.zeros((3, WEIGHTS), np.float32)
    started = time.perf_counter()
    futures = [client.submit(shard, state, seconds, number, pure=False) for number in range(SHARDS)]
    total = np.mean([result_of(client, future) for future in futures], axis=0)
    if total[0, 0] != (SHARDS - 1) / 2:
        raise AssertionError("a result is missing")
    return time.perf_counter() - started


def main(say: Callable[[str], object]) -> None:
    """Measure, and print a table."""
    say("| workers | a round without work | a round | by the arithmetic |\n|---|---|---|---|\n")
    for workers in WORKERS:
        with connected(f"local:{workers}") as client:
            client.wait_for_workers(workers)
            round_seconds(client, 0)  # the first one opens connections
            idle = median(round_seconds(client, 0) for _ in range(ROUNDS))
            real = median(round_seconds(client, COMPUTE / SHARDS) for _ in range(ROUNDS))
        expected = math.ceil(SHARDS / workers) * COMPUTE / SHARDS + idle
        say(f"| {workers} | {idle * 1e3:.0f} ms | {real:.2f} s | {expected:.2f} s |\n")


if __name__ == "__main__":
    main(sys.stdout.write)
