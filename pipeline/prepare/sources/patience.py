"""Waiting for work that may never end, such as a download that comes byte by byte."""

import concurrent.futures
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TICK = 0.1
"""Seconds between two looks."""


def done_in_time(task: Callable[[], T], is_too_slow: Callable[[], bool], otherwise: T) -> T:
    """Return what comes of a task, done on a thread of its own, or `otherwise` if `is_too_slow` says so before it ends.

    A thread that waits for a name, an answer or its next byte can't be ended. It is left to itself, and goes with the
    process at the latest.

    Raises
    ------
    Exception
        What the task raises.
    """
    outcome: concurrent.futures.Future[T] = concurrent.futures.Future()

    def work() -> None:
        try:
            outcome.set_result(task())
        except BaseException as error:  # noqa: BLE001 -- it is raised where somebody waits for it
            outcome.set_exception(error)

    threading.Thread(target=work, name="download", daemon=True).start()
    while not concurrent.futures.wait([outcome], timeout=TICK).done:
        if is_too_slow():
            return otherwise
    return outcome.result()
