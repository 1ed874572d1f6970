"""The thread beside the window: jobs in order, results where they are asked for, failures as sentences."""

import threading
import time
from collections.abc import Callable
from functools import partial

from gui.worker import Failure, Worker, outcome_of
from pipeline.errors import DataError


def test_results_come_in_order_and_in_the_thread_that_asks() -> None:
    worker, found = Worker(), list[object]()
    threads = list[str]()

    def job(number: int) -> int:
        threads.append(threading.current_thread().name)
        return number

    def done(outcome: int | Failure) -> None:
        found.append((outcome, threading.current_thread() is threading.main_thread()))

    for number in range(5):
        worker.submit(lambda number=number: job(number), done)  # type: ignore[misc] # a default binds it
    assert worker.pending == 5
    assert not worker.deliver()
    worker.start()
    end = time.monotonic() + 30
    while worker.pending and time.monotonic() < end:
        worker.deliver()
    worker.stop(timeout=10)
    assert found == [(number, True) for number in range(5)]
    assert set(threads) == {"scrawl-worker"}


def test_news_of_a_job_comes_before_its_end_and_ends_nothing() -> None:
    worker, found = Worker(), list[object]()

    def job(tell: Callable[[int], None]) -> int:
        tell(1)
        tell(2)
        return 3

    worker.submit(partial(job, worker.telling(found.append)), found.append)
    worker.start()
    worker.stop(timeout=10)
    assert worker.pending == 1
    worker.deliver()
    assert found == [1, 2, 3]
    assert worker.pending == 0


def test_whatever_goes_wrong_is_a_sentence() -> None:
    def bad() -> int:
        raise DataError("no digit here; draw one.")

    assert outcome_of(lambda: 3) == 3
    assert outcome_of(bad) == Failure("no digit here; draw one.")
    failure = outcome_of(lambda: 1 // 0)
    assert isinstance(failure, Failure)
    assert "ZeroDivisionError" in failure.sentence


def test_a_worker_that_has_not_begun_can_be_ended() -> None:
    """A window that is closed as soon as it opens, or a program that is interrupted then."""
    Worker().stop(timeout=10)
