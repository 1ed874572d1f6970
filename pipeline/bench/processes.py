"""The parent's side of the worker processes: they are started, asked, and ended."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.bench.registry import Entry
from pipeline.types import Json

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0
"""Seconds that a worker gets to end by itself."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NPROC")
"""The variables that libraries take their number of threads from; JAX's compiler reads the last."""

WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "10000"}
"""How OpenMP's threads wait, as `kernels.machine.jit` has it: for everybody, unless the user says otherwise. On two
free cores
PyTorch is as fast with it as without; beside other work, some of its epochs take ten times as long without."""


class WorkerFailed(Exception):  # noqa: N818 -- it says what happened
    """A system can't be measured; the text is the reason."""


class Worker(NamedTuple):
    """A running worker: its system's name, the process, and where its stderr goes."""

    name: str
    process: subprocess.Popen[str]
    log: Path


def environment(threads: int) -> dict[str, str]:
    """Return what a worker's environment is: ours, and so many threads for every library."""
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
def started(systems: Mapping[str, Entry], folder: Path, threads: int) -> Iterator[dict[str, Worker]]:
    """Run a worker for each system, all at once, until the block ends; what they print is kept in `folder`."""
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(_started(name, entry, folder, threads)) for name, entry in systems.items()}


@contextlib.contextmanager
def _started(name: str, entry: Entry, folder: Path, threads: int) -> Iterator[Worker]:
    """Run one worker."""
    command = [sys.executable, "-m", "pipeline.bench.worker", entry.module, str(folder), str(threads)]
    log = folder / f"{name}.log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603 -- our own module, by our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            env=environment(threads), text=True, encoding="utf-8",
        )  # fmt: skip
    try:
        yield Worker(name, process, log)
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Close a worker's stdin, which ends it, and wait; kill it if it does not listen."""
    with contextlib.suppress(OSError):
        process.stdin.close()  # type: ignore[union-attr] # it is a pipe
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()  # type: ignore[union-attr] # likewise


def died(code: int, said: str) -> WorkerFailed:
    """Return the error of a process that ended early: its exit code, and the last that it said."""
    return WorkerFailed(": ".join([f"its process died with exit code {code}", *said.strip().splitlines()[-1:]]))


def check_installed(answer: Json, entry: Entry) -> None:
    """Check that a process could import its library.

    Raises
    ------
    WorkerFailed
    """
    if "missing" in answer:
        raise WorkerFailed(f"not installed (pip install {' '.join(entry.packages)}): {answer['missing']}")


def ask(worker: Worker, do: str, **details: object) -> Json:
    """Have a worker do something, and return its answer.

    Raises
    ------
    WorkerFailed
        If something goes wrong in it.
    """
    with contextlib.suppress(OSError):  # it may have died: then its stdout has ended as well, which is seen below
        worker.process.stdin.write(json.dumps({"do": do, **details}) + "\n")  # type: ignore[union-attr] # it is a pipe
        worker.process.stdin.flush()  # type: ignore[union-attr] # likewise
    answer = answer_of(worker)
    if "failed" in answer:
        raise WorkerFailed(f"failed: {answer['failed']}")
    return answer


def answer_of(worker: Worker) -> Json:
    """Return the next line that a worker sends; without one, it has died."""
    line = worker.process.stdout.readline()  # type: ignore[union-attr] # it is a pipe
    if line:
        answer: Json = json.loads(line)
        return answer
    raise died(worker.process.wait(), worker.log.read_text(encoding="utf-8", errors="replace"))
