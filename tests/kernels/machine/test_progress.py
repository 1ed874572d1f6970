"""What is going to be compiled is known beforehand, and told when it has been."""

from types import SimpleNamespace
from typing import cast

import pytest
from numba.core import event

from kernels.functions import losses
from kernels.machine.jit import Kernel
from kernels.machine.progress import COMPILING, LINKING, watching, work_for


def test_kernels_are_found_through_functions_kernels_and_closures() -> None:
    def inner() -> None: ...

    def elsewhere() -> None: ...

    inner.__module__, elsewhere.__module__ = "kernels.here", "kernels.elsewhere"
    hidden, other = Kernel(inner), Kernel(elsewhere)

    def outer() -> object:
        return (lambda: hidden), other, cast

    outer.__module__ = "kernels.here"
    here, there = (f"{function.__module__}.{function.__qualname__}()" for function in (inner, elsewhere))
    assert set(work_for(outer)) == {here, there}
    assert set(work_for(outer, without=("kernels.elsewhere",))) == {here}
    assert not work_for(hidden, outer, without=("kernels.here",))


def test_a_kernel_that_python_calls_is_more_work_the_more_it_calls() -> None:
    def step() -> None: ...

    step.__module__ = "kernels.here"
    kernel = Kernel(step)

    def whole() -> object:
        return kernel

    whole.__module__ = "kernels.here"
    work = work_for(Kernel(whole))
    inner, outer = (f"kernels.here.{function.__qualname__}" for function in (step, whole))
    assert work == {inner: 1, f"{outer}()": 1 + 2 * LINKING}


def test_what_is_compiled_is_no_work_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def step() -> None: ...

    step.__module__ = "kernels.here"
    kernel = Kernel(step)
    assert work_for(kernel)
    monkeypatch.setattr("kernels.machine.progress._is_compiled", lambda dispatcher: dispatcher is kernel.entry)
    assert not work_for(kernel)


def test_who_watches_is_told_and_no_longer_than_that() -> None:
    told: list[str] = []
    details = {"dispatcher": SimpleNamespace(py_func=losses.loss_backward, targetoptions={"no_cpython_wrapper": True})}
    with watching(lambda: told.append("begin"), told.append), event.trigger_event(COMPILING, data=details):
        assert told == ["begin"]
    with event.trigger_event(COMPILING, data=details):
        pass
    assert told == ["begin", "kernels.functions.losses.loss_backward"]
