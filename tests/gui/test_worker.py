"""The thread beside the window: jobs in order, results where they are asked for, failures as sentences."""

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from gui.worker import Worker
from pipeline.errors import DataError


def delivered(worker: Worker) -> None:
    """Have all that is pending delivered, and end the worker."""
    end = time.monotonic() + 30
    while worker.pending and time.monotonic() < end:
        worker.deliver()
    worker.stop(timeout=10)
    assert worker.pending == 0


def test_results_come_in_order_and_in_the_thread_that_asks() -> None:
    worker, found = Worker(), list[object]()
    threads = list[str]()

    def job(number: int) -> int:
        threads.append(threading.current_thread().name)
        return number

    def done(outcome: int) -> None:
        found.append((outcome, threading.current_thread() is threading.main_thread()))

    for number in range(5):
        worker.submit(partial(job, number), done, found.append)
    assert (worker.pending, found) == (5, [])
    delivered(worker)
    assert found == [(number, True) for number in range(5)]
    assert set(threads) == {"scrawl-worker"}


def test_news_of_a_job_comes_before_its_end_and_ends_nothing() -> None:
    worker, found = Worker(), list[object]()

    def job(tell: Callable[[int], None]) -> int:
        tell(1)
        tell(2)
        return 3

    worker.submit(partial(job, worker.telling(found.append)), found.append, found.append)
    worker.stop(timeout=10)
    assert worker.pending == 1
    worker.deliver()
    assert found == [1, 2, 3]
    assert worker.pending == 0


def test_whatever_goes_wrong_is_a_sentence() -> None:
    def bad() -> int:
        raise DataError("no digit here; draw one.")

    worker, results, sentences = Worker(), list[int](), list[str]()
    for job in (bad, lambda: 3, lambda: 1 // 0):
        worker.submit(job, results.append, sentences.append)
    delivered(worker)
    assert results == [3]
    assert sentences[0] == "no digit here; draw one."
    assert "ZeroDivisionError" in sentences[1]


def test_what_goes_wrong_with_a_result_is_raised_and_the_job_is_over() -> None:
    def bad(_result: int) -> None:
        raise ValueError("oh")

    worker = Worker()
    worker.submit(lambda: 3, bad, print)
    worker.stop(timeout=10)
    with pytest.raises(ValueError, match="oh"):
        worker.deliver()
    assert worker.pending == 0


def test_a_worker_that_has_not_begun_can_be_ended() -> None:
    """A window that is closed as soon as it opens, or a program that is interrupted then."""
    Worker().stop(timeout=10)
