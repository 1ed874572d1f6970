"""Processes that are killed wherever they change what is on the disk, each time a step later.

The steps are not listed anywhere: Python reports most to audit hooks, and the others are wrapped. So whatever is
written, renamed or removed by code that is yet to come is met as well.
"""

import functools
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.forks import FORKS

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link", "os.symlink"}
"""Audit events of changes; each is reported before it happens."""
PATIENCE = 300.0


class Step(NamedTuple):
    """A change that a process is about to make: which, in which order, and to what."""

    number: int
    kind: str
    name: str


class Watch:
    """Counts the steps of this process, and kills it at one of them."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.steps: list[Step] = []
        self.is_on = True

    def step(self, kind: str, name: object, before: Callable[[], object] = lambda: None) -> None:
        """Take note of a step; die at the last, after doing `before`."""
        if not self.is_on or str(name).startswith("/dev/"):
            return
        if len(self.steps) == self.last:
            self.is_on = False
            before()
            os.kill(os.getpid(), signal.SIGKILL)
        self.steps.append(Step(len(self.steps), kind, Path(str(name)).name))

    def heed(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an audit event."""
        makes_file = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if event in CHANGES or makes_file:
            self.step(event, arguments[0])


def watched_open(watch: Watch, really: Callable[..., Any], file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:  # noqa: ANN401 -- as `open`
    """Open a file; if it is for writing bytes, so that each write is a step, which dies with half of it written."""
    if "b" not in mode or not set(mode) & set("wxa+"):
        return really(file, mode, *rest, **more)
    base = io.BufferedRandom if "+" in mode else io.BufferedWriter

    class Writer(base):  # type: ignore[misc, valid-type] # one of two
        def write(self, content: Any) -> int:  # noqa: ANN401 -- as in io
            def half() -> None:
                super(Writer, self).write(bytes(content)[: len(content) // 2])
                self.flush()

            watch.step("write", file, half)
            return int(super().write(content))

    return Writer(io.FileIO(file, mode.replace("b", ""), opener=more.get("opener")))


def live(task: Callable[..., object], arguments: tuple[Any, ...], last: int | None, report: Path) -> None:
    """Do a task, and die at a step; or do it to the end and report the steps."""
    watch = Watch(last)
    fsync = os.fsync

    def watched_fsync(fd: Any) -> None:  # noqa: ANN401 -- as in os
        watch.step("fsync", fd)
        fsync(fd)

    io.open = functools.partial(watched_open, watch, io.open)  # what pathlib and os look up
    os.fsync = watched_fsync
    sys.addaudithook(watch.heed)
    task(*arguments)
    watch.is_on = False
    report.write_text(json.dumps(watch.steps), encoding="utf-8")


def run(task: Callable[..., object], arguments: tuple[Any, ...], last: int | None, report: Path) -> int:
    """Run a task in a process of its own; return its exit code."""
    process = FORKS.Process(target=live, args=(task, arguments, last, report))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode is not None, "it does not end"
    return process.exitcode


def steps_of(task: Callable[..., object], arguments: tuple[Any, ...], report: Path) -> list[Step]:
    """Return the steps of a task that is left alone."""
    assert run(task, arguments, None, report) == 0
    return [Step(*each) for each in json.loads(report.read_text(encoding="utf-8"))]


def kill_at(step: Step, task: Callable[..., object], arguments: tuple[Any, ...], report: Path) -> None:
    """Run a task that is killed at a step."""
    assert run(task, arguments, step.number, report) == -signal.SIGKILL, f"it outlived {step}"
