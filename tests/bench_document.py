"""A made-up result of the bench, with something of everything."""

from pipeline.bench.machine import Ceiling
from pipeline.bench.networks import NETWORKS, Setup
from pipeline.bench.rows import Row, Task, bench_json, row_of
from pipeline.bench.timing import Seconds
from pipeline.types import Json

SYSTEMS = ("scrawl", "numpy", "scikit-learn", "torch", "jax", "onnxruntime")
LIMITS = [Ceiling("sgemm", 1, 154.3, Seconds(1, 1, 1)), Ceiling("memory", 2, 20.2, Seconds(1, 1, 1))]


def rows() -> list[Row]:
    """Return figures of every system on every network; the last system only predicts."""
    found = []
    for i, setup in enumerate(NETWORKS):
        for operation, images in (("epoch", 60_000), ("predict", 10_000), ("predict", 1)):
            times = [1e-6 * images * 4**i * factor for factor in (1.0, 1.25, 1.5)]
            for j, system in enumerate(SYSTEMS[:-1] if operation == "epoch" else SYSTEMS):
                slower = [second * (1 + 2 * j) for second in times]
                row = row_of(system, Task(setup, operation, images), slower, times, LIMITS[0])
                first = row._replace(compile_seconds=3.456, accuracy=0.9412)
                found.append(first if operation == "epoch" else row)
    return found


def growth() -> list[Row]:
    """Return epochs over more rows on two networks, and with wider layers."""
    found = []
    for setup in NETWORKS[:2]:
        for images in (7_500, 15_000, 30_000, 60_000):
            row = row_of("scrawl", Task(setup, "epoch", images), [images * 1e-6], [images * 1e-6], LIMITS[0])
            found.append(row._replace(series="rows"))
    for width in (16, 64, 4096):
        setup = Setup((784, width, 10), 128)
        row = row_of("scrawl", Task(setup, "epoch", 60_000), [width * 1e-3], [width * 1e-3], LIMITS[0])
        found.append(row._replace(series="width"))
    return found


def race() -> list[Json]:
    """Return a race in which one did not reach the goal."""
    return [
        {
            "system": system, "network": "784-512-10", "batch": 128, "epochs": 8,
            "seconds": {"min": 3.0 + i, "median": 4.0 + i, "max": 5.0 + i},
            "accuracy": accuracy, "reached": accuracy >= 0.98, "ratio": 4 / (4 + i), "spread": [0.9 / (1 + i), 1.1],
        }
        for i, (system, accuracy) in enumerate([("scrawl", 0.9821), ("numpy", 0.9799)])
    ]  # fmt: skip


def distortion() -> Json:
    """Return what distortions cost."""
    seconds = Seconds(1.0, 2.0, 3.0)._asdict()
    shares = [{"network": "784-30-20-10", "share": 0.5}]
    figures = {"images": 60_000, "seconds": seconds, "images_per_second": 30_000.0, "shares": shares}
    return {**figures, "edges_seconds": seconds}


def whole() -> Json:
    """Return all of it."""
    document = bench_json([*LIMITS, *rows(), *growth()], 2, "MNIST")
    document["machine"]["cpu"] = "CPU"
    missing = [{"system": "theano", "reason": "not installed (pip install theano): [No] module"}]
    return {**document, "race": race(), "not_measured": missing}
