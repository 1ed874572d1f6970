"""A figure of the bench, and the document that all of them make."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, NoReturn

from pipeline.bench.document import check_document
from pipeline.bench.machine import Ceiling, machine
from pipeline.bench.networks import Setup, flops_backward, flops_forward, name_of
from pipeline.bench.timing import Seconds, compared
from pipeline.errors import DataError
from pipeline.files import read_whole
from pipeline.rules import check
from pipeline.types import Json
from pipeline.words import line

MAX_BYTES = 1 << 24
"""Of a document: a thousand times what one has."""
MAX_REASON = 300  # characters of what is wrong with one


class Row(NamedTuple):
    """One figure.

    Attributes
    ----------
    system, network, operation : str
        Such as "scrawl", "784-100-10" and "forward", "backward", "epoch" or "predict".
    batch : int
        Images in one call (of the epoch: in one mini-batch).
    images : int
        In one call.
    seconds : Seconds
        Of one call.
    ratio : float
        Scrawl's median over this system's: 1/6 says that Scrawl takes a sixth of its time.
    spread : (lowest, highest)
        Of that ratio, round by round.
    images_per_second, gflops : float
        At the median; the dense products' operations alone count, whether or not a system can leave some out.
    share : float
        Of the sgemm ceiling on as many threads: the bound of whoever multiplies everything, zeros too.
    compile_seconds : float or None
        The first epoch, all that happens at a first time included; it is no part of `seconds`.
    accuracy : float or None
        On the held-out rows, after the first epoch.
    series : "rows", "width" or None
        What of, in a measurement of how cost grows.
    """

    system: str
    network: str
    operation: str
    batch: int
    images: int
    seconds: Seconds
    ratio: float
    spread: tuple[float, float]
    images_per_second: float
    gflops: float
    share: float
    compile_seconds: float | None = None
    accuracy: float | None = None
    series: str | None = None


class Task(NamedTuple):
    """What was done: the operation, on which network, and on how many images in a call."""

    setup: Setup
    operation: str
    images: int


def row_of(system: str, task: Task, times: list[float], scrawl: list[float], ceiling: Ceiling) -> Row:
    """Return the figure of a system from its times and Scrawl's, measured in the same rounds."""
    setup, operation, images = task
    seconds, ratio, spread = compared(times, scrawl)
    rate = images * flops_of(setup, operation) / seconds.median / 1e9
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


def flops_of(setup: Setup, operation: str) -> int:
    """Return the operations of one image's part in a call."""
    ahead, back = flops_forward(setup.sizes), flops_backward(setup.sizes)
    return {"forward": ahead, "backward": back, "epoch": ahead + back, "predict": ahead}[operation]


def label_of(result: Ceiling | Row) -> str:
    """Return in a few words what was measured."""
    if isinstance(result, Ceiling):
        return f"{result.name} on {result.threads} thread(s)"
    return f"{result.network}, {result.operation} of {result.images:,}: {result.system}"


def bench_json(results: list[Ceiling | Row], threads: int, data: str) -> Json:
    """Return the figures as `bench --json` prints them, with nothing raced and nothing missing yet."""

    def plain(result: Ceiling | Row) -> Json:
        return {**result._asdict(), "seconds": result.seconds._asdict()}

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


def load_document(path: Path) -> Json:
    """Return what an earlier run printed as JSON.

    Raises
    ------
    DataError
        If it is no such file.
    """
    try:
        text = read_whole(path, MAX_BYTES).decode()
        document = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        check(isinstance(document, dict), "the document must be an object")
        check_document(document)
    except OSError as error:
        raise DataError(f"{path}: expected what `bench --json` prints; it can't be read: {error.strerror}.") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(f"{path}: expected what `bench --json` prints; {line(str(error), MAX_REASON)}") from error
    return dict(document)


def _finite(text: str) -> float:
    """Return a number of a document, which must be one that can be printed again."""
    return value if math.isfinite(value := float(text)) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    """Raise at what is no number to JSON, though Python would read it.

    Raises
    ------
    ValueError
        Always.
    """
    raise ValueError(f"a number that is not finite, {text}")
