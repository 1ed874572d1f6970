"""Work done by several processes at a time, whose results come in the order of the work.

`concurrent.futures.ProcessPoolExecutor` would do, if it noticed every one of its processes that is killed (it does not
watch those that it starts last until something else happens), and if they ended with a command that is killed.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeVar, cast

from pipeline.errors import ScrawlError

J = TypeVar("J")
R = TypeVar("R")

KILLED = (
    "prepare: a worker process was killed before its file was read, as the system does when memory runs out. Close "
    "other programs, or take fewer processes: --workers 1."
)


class Failed(NamedTuple):
    """What comes of a job that fails."""

    error: Exception


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worked(work: Callable[[J], R], jobs: Sequence[J], workers: int) -> list[R]:
    """Do all jobs by `work`, a function of a module, and return what comes of each, in their order.

    With one worker it is this process. Others end with this one, however it ends, and at once if it has no use for them
    any more.

    Raises what the first job in the order raises that fails; ScrawlError if a worker is killed.
    """
    if workers == 1:
        return [work(job) for job in jobs]
    with contextlib.ExitStack() as stack:
        with no_interrupt():
            links = [_started(work, stack) for _ in range(workers)]
        results = _gathered(jobs, links)
    for number in sorted(results):
        if isinstance(results[number], Failed):
            raise results[number].error
    return [results[number] for number in sorted(results)]


def _gathered(jobs: Sequence[J], links: Sequence[Connection]) -> dict[int, Any]:
    """Hand jobs out over links to workers, and return what comes of each by its number: of all, or up to a failure."""
    waiting, results = iter([*enumerate(jobs)]), dict[int, Any]()
    busy = {link: _handed(link, *job) for link, job in zip(links, waiting, strict=False)}
    while busy:
        link = cast("Connection", wait([*busy])[0])
        number = busy.pop(link)
        results[number] = _answer(link)
        if isinstance(results[number], Failed):  # nobody needs what comes after it
            waiting = iter([])
            busy = {other: earlier for other, earlier in busy.items() if earlier < number}
        elif job := next(waiting, None):
            busy[link] = _handed(link, *job)
    return results


def _handed(link: Connection, number: int, job: object) -> int:
    """Hand a job to a worker, and return its number."""
    with contextlib.suppress(OSError):  # it may have been killed: then there is no answer either
        link.send(job)
    return number


def _answer(link: Connection) -> Any:  # noqa: ANN401 -- whatever the work returns
    """Return what comes of the job that was handed to a worker."""
    try:
        return link.recv()
    except (EOFError, OSError):
        return Failed(ScrawlError(KILLED))


def _started(work: Callable[[J], R], stack: contextlib.ExitStack) -> Connection:
    """Start a worker, which lives until the stack unwinds, and return the link to it."""
    context = multiprocessing.get_context("spawn")  # this process has threads, which a fork would lose
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, work), name="reader", daemon=True)
    process.start()
    theirs.close()
    stack.callback(_end, process, ours)
    return ours


def _end(process: BaseProcess, link: Connection) -> None:
    """End a worker, whatever it is at."""
    process.kill()
    process.join()
    link.close()


@contextlib.contextmanager
def no_interrupt() -> Iterator[None]:
    """Let Ctrl-C wait while processes are started: they inherit that, so that none of them ever hears it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(link: Connection, work: Callable[[Any], object]) -> None:
    """Do the jobs that come over a link, until nobody holds its other end: what a worker does. Ctrl-C is not for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = link.recv()
            try:
                answer = work(job)
            except Exception as error:  # noqa: BLE001 -- it is raised where somebody waits for it
                answer = Failed(error)
            link.send(answer)


def _end_with_parent() -> None:
    """End this process, whatever it is at, when the one that started it has ended."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
