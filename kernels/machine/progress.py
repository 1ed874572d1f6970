"""Which kernels a call is going to compile, how much work each is, and word of each as soon as it is done."""
# mypy: disable-error-code="no-untyped-call"
# numba has no types.

import contextlib
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

from numba.core import event

from kernels.machine.jit import Kernel

COMPILING = "numba:compile"
"""What numba calls the event that a function is compiled; what comes from the cache is none."""

LINKING = 0.6
"""Work on each kernel within one that Python calls, which becomes machine code: as a share of that on a kernel's types.
To train `quick`, the compiler worked 7 s on the one and 12 s on the other (AMD EPYC, AVX2)."""


def work_for(*functions: Callable[..., Any], without: tuple[str, ...] = ()) -> dict[str, float]:
    """Return what functions will have compiled: every kernel that they name, and that those name in turn.

    What has been compiled in this process, or loaded, is left out.

    Parameters
    ----------
    functions : callable
        Of `kernels`.
    without : tuple of str
        Modules and kernels that the call will take no way through: for kinds of inputs, say, that it does not have.

    Returns
    -------
    dict of str to float
        For each kernel's name how much work it is; kernels that Python calls have a `()` behind their names.
    """
    found = dict[str, float]()
    for entry in _reached_from(functions, without, beyond=False):
        if _is_compiled(entry.entry):
            continue
        within = _reached_from([entry.py_func], without, beyond=True)
        found |= {_name(kernel.py_func): 1.0 for kernel in within if not _is_compiled(kernel.inside)}
        found[f"{_name(entry.py_func)}()"] = 1 + LINKING * (1 + len(within))
    return found


@contextlib.contextmanager
def watching(begin: Callable[[], None], tell: Callable[[str], None]) -> Iterator[None]:
    """Have `begin` called whenever a kernel is about to be compiled, and `tell` with its name when it has been."""

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:  # noqa: ANN401, ARG002 -- as numba calls it
            begin()

        def on_end(self, event: Any) -> None:  # noqa: ANN401 -- likewise
            dispatcher = event.data["dispatcher"]
            is_entry = not dispatcher.targetoptions.get("no_cpython_wrapper")
            tell(f"{_name(dispatcher.py_func)}{'()' if is_entry else ''}")

    listener = Listener()
    event.register(COMPILING, listener)
    try:
        yield
    finally:
        event.unregister(COMPILING, listener)


def _is_compiled(dispatcher: Any) -> bool:  # noqa: ANN401 -- numba has no types
    """Tell whether there is something compiled; with the JIT switched off, there is not even a dispatcher."""
    return bool(getattr(dispatcher, "overloads", ()))


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _reached_from(functions: Iterable[Any], without: tuple[str, ...], *, beyond: bool) -> set[Kernel]:
    """Return the kernels that functions name, and beyond them those that kernels name."""
    found, seen, waiting = set[Kernel](), set[int](), list(functions)
    while waiting:
        function = waiting.pop()
        if isinstance(function, Kernel):
            if _is_on_the_way(function.py_func, without):
                found.add(function)
            function = function.py_func if beyond else None
        if isinstance(function, FunctionType) and id(function) not in seen and _is_on_the_way(function, without):
            seen.add(id(function))
            waiting += _names_in(function)
    return found


def _is_on_the_way(function: Callable[..., Any], without: tuple[str, ...]) -> bool:
    """Tell whether a function is one of `kernels` on the way that is taken."""
    return function.__module__.startswith("kernels.") and not {function.__module__, _name(function)} & {*without}


def _names_in(function: FunctionType) -> Iterator[Any]:
    """Yield what a function's code names, the functions within it included."""
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        yield from (function.__globals__[name] for name in code.co_names if name in function.__globals__)
    yield from (cell.cell_contents for cell in function.__closure__ or ())
