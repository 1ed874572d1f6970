"""A function of many items computed by a cluster's workers, its results in the order of the items."""

import asyncio
import concurrent.futures
import contextlib
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future as Fetched
from typing import Any, TypeVar

from pipeline.cluster.connect import Client, Future
from pipeline.errors import ScrawlError, told

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items that are given out for each worker before their turn has come: none waits, and few results lie in memory."""
PATIENCE = 30
"""Seconds without any worker after which a command gives up."""
TICK = 0.5
"""Seconds between two looks at whether there are workers."""
GONE = {"CancelledError", "FutureCancelledError", "CommClosedError", "ClosedClientError"}
"""What Dask raises where a scheduler does not answer any more, besides errors of the operating system."""


class NoWorkerLeft(Exception):  # noqa: N818 -- it says what is wrong
    """There has been no worker for a while."""


def spread(client: Client, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield `function(item)` of each item, in their order; the function travels with each of them.

    What goes wrong comes as it is: see `errors_of`.
    """
    waiting = deque[Future]()
    try:
        for item in items:
            waiting.append(client.submit(function, item, pure=False))
            if len(waiting) > AHEAD * max(len(client.nthreads()), 1):
                yield result_of(client, waiting.popleft())
        while waiting:
            yield result_of(client, waiting.popleft())
    finally:
        client.cancel(list(waiting))


def check_workers(client: Client, fault_of: Callable[[Any], str], ground: object) -> None:
    """Have every worker say what is wrong with it; raise ScrawlError with the first fault, which names the worker."""
    for address, fault in client.run(fault_of, ground, on_error="return").items():
        if isinstance(fault, ImportError) or type(fault) is Exception:  # Dask's for what a worker can't unpickle
            raise ScrawlError(f"worker {address}: expected this version of Scrawl, found another or none: {fault}.")
        if isinstance(fault, OSError):  # of the connection: those of the rows are sentences already
            raise ScrawlError(f"worker {address}: died when it was asked for the rows; was there too little memory?")
        if isinstance(fault, Exception):
            raise ScrawlError(f"worker {address}: {told(fault)}")
        if fault:
            raise ScrawlError(fault)


def result_of(client: Client, future: Future, is_over: Callable[[], bool] = lambda: False) -> Any:  # noqa: ANN401 -- whatever was computed
    """Return what came of a task; None if all is over before.

    Raises what `first_done` raises; what the task raised comes as it is.
    """
    done = first_done(client, [fetching(client, future)], is_over)
    return done and done.result()


def first_done(
    client: Client, fetched: Collection[Fetched[Any]], is_over: Callable[[], bool] = lambda: False
) -> Fetched[Any] | None:
    """Wait until one of several tasks is over, whose results are being fetched, and return it; None if all is before.

    A worker that dies takes results with it that nobody has fetched; they are computed anew. Raises NoWorkerLeft if
    there has been no worker for a while.
    """
    seen = time.monotonic()
    while not is_over():
        for done in concurrent.futures.wait(fetched, TICK, concurrent.futures.FIRST_COMPLETED).done:
            return done
        seen = time.monotonic() if client.nthreads() else seen
        if time.monotonic() - seen > PATIENCE:
            raise NoWorkerLeft
    return None


def fetching(client: Client, future: Future) -> Fetched[Any]:
    """Begin to fetch what comes of a task.

    A timeout of Dask's own `result` may fall between the result and its being handed over, which raises an error.
    """

    async def fetch() -> Any:  # noqa: ANN401 -- whatever was computed
        return await client.gather(future, asynchronous=True)

    return asyncio.run_coroutine_threadsafe(fetch(), client.loop.asyncio_loop)


@contextlib.contextmanager
def errors_of(spec: str, advice: str) -> Iterator[None]:
    """Turn what goes wrong with a cluster in the block into an error that names it and ends in the advice."""
    try:
        yield
    except ScrawlError:
        raise
    except Exception as error:
        raise ScrawlError(f"--cluster {spec}: {meaning_of(error)}. {advice}") from error


def meaning_of(error: Exception) -> str:
    """Return what an error of Dask's, or one on a worker, means."""
    name = type(error).__name__
    if isinstance(error, NoWorkerLeft):
        return "no worker is left; start some"
    if name == "KilledWorker":
        last = getattr(getattr(error, "last_worker", None), "address", "one unknown")
        return f"worker after worker has died over one task, the last {last}; was there too little memory?"
    if isinstance(error, RuntimeError) and "deserialization" in str(error):
        return "the scheduler has another version of Scrawl, or none; start it anew with this one"
    if name in GONE or isinstance(error, OSError):
        return "the scheduler is gone, or can't be reached any more"
    return f"a worker failed: {name}: {error}"
