"""A thread that does the slow work, so that a window never waits.

All that touches the kernels goes through one thread: their threading layer allows no two callers at once.
"""

import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from pipeline.errors import told

T = TypeVar("T")


class Failure(NamedTuple):
    """A job that did not end well, as a person is told of it."""

    sentence: str


class Worker:
    """A thread with a queue of jobs; what comes of them is delivered in the thread that calls `deliver`."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Callable[[Any], None]] | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[Callable[[Any], None], Any, bool]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="scrawl-worker", daemon=True)
        self.pending = 0
        """Jobs whose outcome has not been delivered yet."""

    def start(self) -> None:
        """Begin to work; jobs may have been submitted before."""
        self._thread.start()

    def submit(self, job: Callable[[], T], done: Callable[[T | Failure], None]) -> None:
        """Have `job` run in the thread, and then `done` with its result, or with the failure, by `deliver`."""
        self.pending += 1
        self._jobs.put((job, done))

    def telling(self, hear: Callable[[T], None]) -> Callable[[T], None]:
        """Return what a job calls with its news, which `hear` is given by `deliver`."""
        return lambda news: self._results.put((hear, news, False))

    def deliver(self) -> bool:
        """Hand over what is finished, and news, in order; tell whether there was anything."""
        delivered = False
        while not self._results.empty():
            done, result, is_end = self._results.get()
            self.pending -= is_end
            delivered = True
            done(result)
        return delivered

    def stop(self, timeout: float) -> None:
        """End the thread after the jobs that it has, or leave it behind if they take longer than `timeout` seconds."""
        self._jobs.put(None)
        if self._thread.is_alive():  # it may not have begun
            self._thread.join(timeout)

    def _work(self) -> None:
        """Do one job after the other."""
        while (entry := self._jobs.get()) is not None:
            job, done = entry
            self._results.put((done, outcome_of(job), True))


def outcome_of(job: Callable[[], T]) -> T | Failure:
    """Return what a job returns, or the sentence for whatever went wrong in it: a window must go on."""
    try:
        return job()
    except Exception as error:  # noqa: BLE001 -- a person is told of it, whatever it is
        return Failure(told(error))
