"""Kernels compiled by two processes at once, each for both, and how far that is.

To compile takes one core for seconds, and happens once: what comes of it is kept on disk. So the work is cut into
parts. This process takes them from the front; a second one, which is started when the first kernel turns out not to be
on disk, takes them from the back. At the end, this process loads what the other one has compiled.
"""

import contextlib
import os
import pickle
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kernels.machine.progress import watching, work_for

ROOT = Path(__file__).parents[1]
DONE = b"\n"
"""What the second process says when a part is compiled; a line that names something names a kernel that is."""


class Part(NamedTuple):
    """A call that is made for what it compiles."""

    run: Callable[..., object]  # a function of a module, so that another process finds it
    arguments: tuple[Any, ...]  # few and small: they are sent to another process
    uses: tuple[Callable[..., Any], ...]  # the functions of `kernels` that it calls
    without: tuple[str, ...] = ()  # the modules of `kernels` that it takes no way through


class Progress(NamedTuple):
    """How far compiling is."""

    done: int  # kernels
    total: int
    seconds_left: float  # by the pace so far


def compile_parts(parts: Sequence[Part], show: Callable[[Progress], None] = lambda _: None) -> float:
    """Compile, or load from disk, what calls need, the longest part first; return the seconds that it took.

    `show` takes the progress each time a kernel is compiled, perhaps in another thread; never, if all are on disk.
    """
    started = time.perf_counter()
    count = _counter(parts, show)
    waiting = deque(parts)
    second = _Second(waiting, count)
    try:
        with watching(second.start, count):
            while waiting:
                with contextlib.suppress(IndexError):  # the second process was quicker
                    part = waiting.popleft()
                    part.run(*part.arguments)
            for part in second.finished():
                part.run(*part.arguments)
    finally:
        second.stop()
    return time.perf_counter() - started


def _counter(parts: Sequence[Part], show: Callable[[Progress], None]) -> Callable[[str], None]:
    """Return what takes the name of each kernel that is compiled, by whomever, and shows how far that is."""
    work = dict[str, float]()
    for part in parts:
        work |= work_for(*part.uses, without=part.without)
    compiled, started = set[str](), time.perf_counter()

    def count(name: str) -> None:
        if name in work and name not in compiled:
            compiled.add(name)
            done = sum(work[each] for each in compiled)
            left = (time.perf_counter() - started) * (sum(work.values()) / done - 1)
            show(Progress(len(compiled), len(work), left))

    return count


class _Second:
    """The other process: a thread of this one hands it part after part, from the back."""

    def __init__(self, waiting: deque[Part], count: Callable[[str], None]) -> None:
        self._waiting, self._count = waiting, count
        self._taken: list[Part] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless that was done, or there is nothing or nobody to share the work with."""
        if self._thread is None and self._waiting and _cores() > 1:
            self._thread = threading.Thread(target=self._work, name="compiling", daemon=True)
            self._thread.start()

    def finished(self) -> list[Part]:
        """Return the parts that were compiled, or begun, once none is any more."""
        if self._thread is not None:
            self._thread.join()
        return self._taken

    def stop(self) -> None:
        """End the process, whatever it is at."""
        if self._process is not None:
            self._process.kill()

    def _work(self) -> None:
        """Have parts compiled until there are no more, or the process does not answer."""
        with contextlib.suppress(OSError), _started() as self._process:
            alive = True
            while alive and self._waiting:
                with contextlib.suppress(IndexError):
                    self._taken.append(self._waiting.pop())
                    alive = self._compile(self._taken[-1])

    def _compile(self, part: Part) -> bool:
        """Have a part compiled; tell whether it was."""
        process: Any = self._process  # it has both pipes
        pickle.dump((part.run, part.arguments), process.stdin)
        process.stdin.flush()
        for line in process.stdout:
            if line == DONE:
                return True
            self._count(line.decode().strip())
        return False


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _started() -> subprocess.Popen[bytes]:
    """Return the second process. What it has to complain of, this one will meet as well, and say."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.compiling"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )  # fmt: skip


def serve() -> None:
    """Compile what comes in, part by part, and say so, until nothing comes."""
    with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(EOFError):
        say = sys.__stdout__
        with watching(lambda: None, lambda name: print(name, file=say, flush=True)):
            while True:
                run, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 -- what our own process has sent
                run(*arguments)
                print(file=say, flush=True)


if __name__ == "__main__":
    serve()
