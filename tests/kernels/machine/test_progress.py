"""What is going to be compiled is known beforehand, and told when it has been."""

from types import SimpleNamespace
from typing import cast

from numba.core import event

from kernels.functions import losses
from kernels.machine.jit import Kernel
from kernels.machine.progress import COMPILING, kernels_needed_by, watching


def test_kernels_are_found_through_functions_kernels_and_closures() -> None:
    def inner() -> None: ...

    def elsewhere() -> None: ...

    inner.__module__, elsewhere.__module__ = "kernels.here", "kernels.elsewhere"
    hidden, other = Kernel(inner), Kernel(elsewhere)

    def outer() -> object:
        return (lambda: hidden), other, cast

    outer.__module__ = "kernels.here"
    names = {f"{function.__module__}.{function.__qualname__}" for function in (inner, elsewhere)}
    assert kernels_needed_by(outer) == names
    assert kernels_needed_by(outer, without=("kernels.elsewhere",)) == {f"kernels.here.{inner.__qualname__}"}
    assert not kernels_needed_by(hidden, outer, without=("kernels.here",))


def test_who_watches_is_told_and_no_longer_than_that() -> None:
    told: list[str] = []
    details = {"dispatcher": SimpleNamespace(py_func=losses.loss_backward)}
    with watching(lambda: told.append("begin"), told.append), event.trigger_event(COMPILING, data=details):
        assert told == ["begin"]
    with event.trigger_event(COMPILING, data=details):
        pass
    assert told == ["begin", "kernels.functions.losses.loss_backward"]
