"""Which kernels a call is going to need, and word of each as soon as it is compiled."""
# mypy: disable-error-code="no-untyped-call"
# numba has no types.

import contextlib
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from numba.core import event

from kernels.machine.jit import Kernel

COMPILING = "numba:compile"
"""What numba calls the event that a function is compiled; what comes from the cache is none."""


def kernels_needed_by(*functions: Callable[..., Any], without: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the names of all kernels that functions name, and that those name in turn.

    Parameters
    ----------
    functions : callable
        Of `kernels`.
    without : tuple of str
        Modules that the call will take no way through: of kinds of inputs, say, that it does not have.
    """
    found, seen, waiting = set(), set[int](), list[Any](functions)
    while waiting:
        function = waiting.pop()
        if isinstance(function, Kernel):
            function = function.py_func
            if function.__module__ not in without:
                found.add(_name(function))
        if isinstance(function, FunctionType) and id(function) not in seen and _is_ours(function, without):
            seen.add(id(function))
            waiting += _named_in(function)
    return frozenset(found)


@contextlib.contextmanager
def watching(begin: Callable[[], None], tell: Callable[[str], None]) -> Iterator[None]:
    """Have `begin` called whenever a kernel is about to be compiled, and `tell` with its name when it has been."""

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:  # noqa: ANN401, ARG002 -- as numba calls it
            begin()

        def on_end(self, event: Any) -> None:  # noqa: ANN401 -- likewise
            tell(_name(event.data["dispatcher"].py_func))

    listener = Listener()
    event.register(COMPILING, listener)
    try:
        yield
    finally:
        event.unregister(COMPILING, listener)


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _is_ours(function: FunctionType, without: tuple[str, ...]) -> bool:
    """Tell whether a function is one that calls kernels on the way that is taken."""
    return function.__module__.startswith("kernels.") and function.__module__ not in without


def _named_in(function: FunctionType) -> Iterator[Any]:
    """Yield what a function's code names, the functions within it included."""
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        yield from (function.__globals__[name] for name in code.co_names if name in function.__globals__)
    yield from (cell.cell_contents for cell in function.__closure__ or ())
