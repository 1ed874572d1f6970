"""What takes too long is left behind, and what goes wrong is told."""

import threading

import pytest

from pipeline.prepare.sources.patience import done_in_time


def test_what_comes_of_a_task() -> None:
    assert done_in_time(lambda: 1, lambda: False, 2) == 1
    with pytest.raises(ZeroDivisionError):
        done_in_time(lambda: 1 // 0, lambda: False, 2)


def test_a_task_that_never_ends_is_left_behind() -> None:
    ended = threading.Event()
    looks = iter([False, True])
    assert not done_in_time(ended.wait, lambda: next(looks), otherwise=False)
    ended.set()
