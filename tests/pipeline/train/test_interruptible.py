"""Work on a thread of its own, and what signals do to it."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import numba
import pytest

from kernels.network.epoch import NO_LIMIT, new_stop_token
from pipeline.threads import available_threads, using_threads
from pipeline.train.interruptible import on_a_thread, stopping_on_signals


def test_states_pass_in_order_from_one_other_thread() -> None:
    threads = set()

    def states() -> Iterator[int]:
        for i in range(5):
            threads.add(threading.get_ident())
            yield i

    assert list(on_a_thread(states(), lambda: None)) == [0, 1, 2, 3, 4]
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


def test_kernels_use_as_many_threads_there_as_here() -> None:
    def states() -> Iterator[int]:
        yield numba.get_num_threads()

    assert list(on_a_thread(states(), lambda: None)) == [available_threads()]
    with using_threads(1):
        assert list(on_a_thread(states(), lambda: None)) == [1]


def test_while_waiting_there_are_ticks() -> None:
    ticks: list[float] = []
    waiting = threading.Event()

    def states() -> Iterator[int]:
        assert waiting.wait(timeout=60)
        yield 1

    def tick() -> None:
        ticks.append(time.monotonic())
        waiting.set()

    assert list(on_a_thread(states(), tick)) == [1]
    assert ticks


def test_an_error_passes() -> None:
    def states() -> Iterator[int]:
        yield 1
        raise ValueError("from the thread")

    with pytest.raises(ValueError, match="from the thread"):
        list(on_a_thread(states(), lambda: None))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_for_a_stop_and_the_old_handler_returns(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    stop_token = new_stop_token()
    heard: list[int] = []
    with stopping_on_signals(stop_token, heard.append):
        assert stop_token.limit[0] == NO_LIMIT
        os.kill(os.getpid(), number)
        assert stop_token.limit[0] == 0
    assert heard == [number]
    assert signal.getsignal(number) is before


def test_on_another_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        with stopping_on_signals(new_stop_token(), seen.append):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
