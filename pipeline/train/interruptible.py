"""Work on a thread of its own, so that the main thread can show progress and hear Ctrl-C."""

import concurrent.futures
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TypeVar

import numba

from kernels.network.epoch import StopToken

TICK = 0.1
"""Seconds between two looks at the progress: smooth to the eye, free of cost."""

State = TypeVar("State")


@contextlib.contextmanager
def stopping_on_signals(stop_token: StopToken, heard: Callable[[int], object]) -> Iterator[None]:
    """Have Ctrl-C (and a polite kill) ask for a stop at the next mini-batch instead of ending the process at once.

    The token is the running epoch's; `heard` takes the number of each signal.
    """

    def ask(number: int, _frame: FrameType | None) -> None:
        stop_token.limit[0] = 0
        heard(number)

    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may listen to signals; elsewhere the caller sets `stop` itself.
        yield
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def on_a_thread(states: Iterator[State], tick: Callable[[], None]) -> Iterator[State]:
    """Yield what `states` yields, computed on a thread of its own; call `tick` while waiting.

    Kernels may use as many threads there as here: to numba, that is a setting of the thread that calls them.
    """
    with concurrent.futures.ThreadPoolExecutor(
        1, "training", numba.set_num_threads, (numba.get_num_threads(),)
    ) as executor:
        while True:
            future = executor.submit(next, states, None)
            while not concurrent.futures.wait([future], timeout=TICK).done:
                tick()
            state = future.result()
            if state is None:
                return
            yield state
