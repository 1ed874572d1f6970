"""Our side of the worker processes: they are started, asked, and ended; and who fails drops out."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pipeline.bench.data import Work
from pipeline.bench.system import Entry
from pipeline.bench.worker import WorkerFailed, main
from pipeline.errors import ScrawlError
from pipeline.types import Json

T = TypeVar("T")
Say = Callable[[str], None]

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0
"""Seconds that a worker gets to end by itself."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NPROC")
"""The variables that libraries take their number of threads from; JAX's compiler reads the last."""
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "10000"}
"""How OpenMP's threads wait, as `kernels.machine.jit` has it: for everybody, unless the user says otherwise. On two
free cores PyTorch is as fast with it as without; beside other work, some of its epochs take ten times as long without.
"""


class Worker(NamedTuple):
    """A running worker: our end of its pipe, the process, and the file that holds what it printed."""

    link: Connection
    process: BaseProcess
    log: Path

    def ask(self, do: str, *details: object) -> Any:  # noqa: ANN401 -- as many kinds as there are tasks
        """Have a worker do something, and return its answer; raise WorkerFailed if something goes wrong in it."""
        with contextlib.suppress(OSError):  # it may have died: then there is no answer either
            self.link.send((do, *details))
        return self.answer()

    def answer(self) -> Any:  # noqa: ANN401 -- likewise
        """Return what the worker sends next; raise WorkerFailed if it says that it failed, or has died."""
        try:
            answer = self.link.recv()
        except (EOFError, OSError):
            self.process.join()
            said = self.log.read_text(encoding="utf-8", errors="replace")
            raise died(self.process.exitcode, said) from None
        if isinstance(answer, WorkerFailed):
            raise answer
        return answer

    def end(self) -> None:
        """Close the pipe, which ends the worker, and wait; kill it if it does not listen."""
        self.link.close()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class Entrants(NamedTuple, Generic[T]):
    """Who takes part in a part of the bench, whom there must be, who dropped out and why, and who is told of it."""

    part: str
    running: dict[str, T]
    needed: tuple[str, ...]
    not_measured: list[Json]
    say: Say

    @contextlib.contextmanager
    def dropping(self, name: str) -> Iterator[None]:
        """Take a system out if it fails in the block; raise ScrawlError if it is one that there must be."""
        try:
            yield
        except WorkerFailed as failure:
            if name in self.needed:
                raise ScrawlError(f"bench {self.part}: {name} can't be measured: {failure}") from failure
            del self.running[name]
            self.not_measured.append({"system": name, "reason": str(failure)})
            self.say(f"not measured: {name}: {failure}")


def died(code: int | None, said: str) -> WorkerFailed:
    """Return the error of a process that ended early: its exit code, and the last that it said."""
    return WorkerFailed(": ".join([f"its process died with exit code {code}", *said.strip().splitlines()[-1:]]))


def environment(threads: int) -> dict[str, str]:
    """Return what a process's environment is: ours, and so many threads for every library."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    flags = [os.environ.get("XLA_FLAGS", ""), f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}"]
    return {
        **WAITING,
        **os.environ,
        **dict.fromkeys(THREADS, str(threads)),
        "PYTHONPATH": os.pathsep.join(paths),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": " ".join(flags).strip(),
    }


@contextlib.contextmanager
def started(systems: Mapping[str, Entry], work: Work, folder: Path, threads: int) -> Iterator[dict[str, Worker]]:
    """Run a worker for each system, all at once, until the block ends; what they print is kept in `folder`."""
    context, workers = multiprocessing.get_context("spawn"), dict[str, Worker]()
    try:
        with _in_environment(environment(threads)):
            for name, entry in systems.items():
                (ours, theirs), log = context.Pipe(), folder / f"{name}.log"
                log.touch()  # a worker may die before it opens it
                process = context.Process(target=main, args=(theirs, log, entry, work, threads), daemon=True)
                process.start()
                theirs.close()
                workers[name] = Worker(ours, process, log)
        yield dict(workers)
    finally:
        for worker in workers.values():
            worker.end()


@contextlib.contextmanager
def _in_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process, which those that it starts inherit, for as long as the block lasts."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
