"""Parts of the work are done by two processes, all of them once, and whatever becomes of the second one."""

import contextlib
import io
import os
import pickle
import runpy
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from numba.core import event

from kernels.machine.progress import COMPILING
from pipeline import compiling
from pipeline.compiling import ROOT, Part, Progress, _cores as cores, compile_parts


def write(folder: Path, name: str, seconds: float = 0.0) -> None:
    """Leave a file that tells which process has been here."""
    time.sleep(seconds)
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("here\n")


def pretend(folder: Path) -> None:
    """Compile a kernel, as far as anybody can see, and leave a file."""
    with event.trigger_event(COMPILING, data={"dispatcher": SimpleNamespace(py_func=write, targetoptions={})}):
        write(folder, "pretended")


def die(parent: int) -> None:
    """End the second process, but not this one."""
    if os.getpid() != parent:
        os._exit(3)


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behave as if nothing were on disk: the first thing that happens is that a kernel is compiled."""

    @contextlib.contextmanager
    def watching(begin: Callable[[], None], _tell: Callable[[str], None]) -> Iterator[None]:
        begin()
        begin()
        yield

    monkeypatch.setattr(compiling, "watching", watching)
    monkeypatch.setattr(compiling, "_cores", lambda: 2)


@pytest.mark.usefixtures("cold")
def test_two_processes_share_the_work_and_this_one_loads_what_the_other_has_compiled(tmp_path: Path) -> None:
    parts = [Part(write, (tmp_path, str(i), 0.5), ()) for i in range(4)]
    assert compile_parts(parts) > 0
    visits = [len((tmp_path / str(i)).read_text().splitlines()) for i in range(4)]
    assert visits[0] == 1, "taken from the front"
    assert visits[-1] == 2, "taken from the back, and then loaded"


@pytest.mark.usefixtures("cold")
def test_what_a_dying_process_leaves_undone_is_done_here(tmp_path: Path) -> None:
    parts = [
        Part(write, (tmp_path, "first", 0.1), ()),
        Part(write, (tmp_path, "second", 1), ()),
        Part(die, (os.getpid(),), ()),
    ]
    compile_parts(parts)
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second"}


@pytest.mark.usefixtures("cold")
def test_a_process_that_can_not_be_started_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object, **_options: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refused)
    compile_parts([Part(write, (tmp_path, name), ()) for name in ("first", "second")])
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second"}


def test_the_cores_that_this_process_may_use_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert cores() == 7


@pytest.mark.usefixtures("cold")
def test_an_error_here_ends_both(tmp_path: Path) -> None:
    def fail() -> None:
        time.sleep(0.5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compile_parts([Part(fail, (), ()), Part(write, (tmp_path, "second", 30), ())])
    assert not list(tmp_path.iterdir())


def test_where_all_is_on_disk_or_there_is_one_core_nobody_is_asked_for_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_started", lambda: pytest.fail("a second process"))
    compile_parts([Part(write, (tmp_path, name), ()) for name in ("first", "second")])
    monkeypatch.setattr(compiling, "_cores", lambda: 1)
    monkeypatch.setattr(compiling, "watching", lambda begin, _tell: contextlib.nullcontext(begin()))
    compile_parts([Part(write, (tmp_path, name), ()) for name in ("third", "fourth")])
    assert len(list(tmp_path.iterdir())) == 4


def test_progress_counts_each_kernel_once_whoever_compiles_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Progress] = []

    @contextlib.contextmanager
    def watching(_begin: Callable[[], None], tell: Callable[[str], None]) -> Iterator[None]:
        for name in ("first", "first", "numba.own", "second"):
            tell(name)
        yield

    monkeypatch.setattr(compiling, "watching", watching)
    monkeypatch.setattr(
        compiling, "work_for", lambda *_functions, without: dict.fromkeys(("first", "second", *without), 1.0)
    )
    compile_parts([Part(str, (), (), ("third",))], seen.append)
    assert [(each.done, each.total) for each in seen] == [(1, 3), (2, 3)]
    assert all(each.seconds_left >= 0 for each in seen)


@pytest.mark.usefixtures("cold")
def test_what_the_second_process_compiles_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, seen = f"{write.__module__}.{write.__qualname__}()", list[Progress]()
    monkeypatch.setattr(compiling, "work_for", lambda *_functions, without: dict.fromkeys((name, *without), 1.0))
    compile_parts([Part(write, (tmp_path, "first", 1), ()), Part(pretend, (tmp_path,), ())], seen.append)
    assert [(each.done, each.total) for each in seen] == [(1, 1)]


def test_a_process_serves_until_nothing_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe:
        buffer = io.BytesIO(b"".join(pickle.dumps((write, (tmp_path, name))) for name in ("first", "second")))

    said = io.StringIO()
    monkeypatch.setattr(sys, "stdin", Pipe)
    monkeypatch.setattr(sys, "__stdout__", said)
    monkeypatch.delitem(sys.modules, compiling.__name__)
    runpy.run_module(compiling.__name__, run_name="__main__")
    assert said.getvalue() == "\n\n"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.jit
def test_what_is_compiled_is_what_was_said_to_be_needed(tmp_path: Path) -> None:
    code = """
import numpy as np
from kernels.functions.losses import loss_of
from kernels.machine.progress import watching, work_for
needed, compiled = set(work_for(loss_of)), set()
with watching(lambda: None, compiled.add):
    loss_of(np.zeros((2, 3), np.float32), np.zeros(2, np.uint8), 0)
assert not work_for(loss_of), "what is there is no work any more"
print(sorted(needed - compiled), sorted(name for name in compiled - needed if name.startswith("kernels.functions")))
"""
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "[] []\n", done.stderr
