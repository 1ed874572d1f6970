"""A thread that does the slow work, so that a window never waits.

All that touches the kernels goes through one thread: their threading layer allows no two callers at once.
"""

import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from pipeline.errors import told

T = TypeVar("T")
Job = tuple[Callable[[], Any], Callable[[Any], object], Callable[[str], object]]


class Worker:
    """A thread with a queue of jobs; what comes of them is delivered in the thread that calls `deliver`."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._calls: queue.SimpleQueue[tuple[Callable[[], object], bool]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="scrawl-worker", daemon=True)
        self.pending = 0
        """Jobs whose outcome has not been delivered yet."""

    def submit(self, job: Callable[[], T], done: Callable[[T], object], failed: Callable[[str], object]) -> None:
        """Have `job` run in the thread; `deliver` calls `done` with its result, or `failed` with what went wrong."""
        self.pending += 1
        self._jobs.put((job, done, failed))
        if self._thread.ident is None:  # it has not begun
            self._thread.start()

    def telling(self, hear: Callable[[T], None]) -> Callable[[T], None]:
        """Return what a job calls with its news, which `hear` is given by `deliver`."""
        return lambda news: self._calls.put((partial(hear, news), False))

    def deliver(self) -> None:
        """Hand over what is finished, and news, in order."""
        while not self._calls.empty():
            call, is_end = self._calls.get()
            try:
                call()
            finally:
                self.pending -= is_end

    def stop(self, timeout: float) -> None:
        """End the thread after the jobs that it has, or leave it behind if they take longer than `timeout` seconds."""
        self._jobs.put(None)
        if self._thread.is_alive():  # it may not have begun
            self._thread.join(timeout)

    def _work(self) -> None:
        """Do one job after the other; a person is told of whatever goes wrong in it, as a window must go on."""
        while (entry := self._jobs.get()) is not None:
            job, done, failed = entry
            try:
                ended = partial(done, job())
            except Exception as error:  # noqa: BLE001 -- whatever it is
                ended = partial(failed, told(error))
            self._calls.put((ended, True))
