"""Work that is done by several processes: in order, and no process outlives it, whatever happens."""

import functools
import multiprocessing
import os
import signal
import threading
from pathlib import Path
from unittest import mock

import pytest

from pipeline.errors import DataError, ScrawlError
from pipeline.prepare.sources.workers import cores, no_interrupt, serve, worked
from pipeline.signals import Signalled

PATIENCE = 60.0


def squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def fate_of(fate: str) -> str:
    """Meet a fate."""
    if fate == "faulty":
        raise DataError("b.csv, line 7: expected a number")
    return fate


def fates(folder: Path, fate: str) -> str:
    """Leave a trace, and meet a fate."""
    (folder / fate).write_text(str(os.getpid()))
    if fate == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if fate == "endless":
        threading.Event().wait()
    return fate_of(fate)


def test_with_one_worker_it_is_this_process() -> None:
    assert worked(squared, [3, 1, 2], 1) == [(9, os.getpid()), (1, os.getpid()), (4, os.getpid())]


def test_results_come_in_the_order_of_the_work() -> None:
    results = worked(squared, range(6), 2)
    assert [number for number, _ in results] == [0, 1, 4, 9, 16, 25]
    assert os.getpid() not in {process for _, process in results}
    assert not multiprocessing.active_children()


def test_who_fails_ends_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"b.csv, line 7"):
        worked(functools.partial(fates, tmp_path), ["faulty", "endless", "never"], 2)
    assert not (tmp_path / "never").exists()
    assert not multiprocessing.active_children()


def test_a_worker_that_is_killed_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScrawlError, match=r"a worker process was killed before its file was read, .* --workers 1\."):
        worked(functools.partial(fates, tmp_path), ["killed", "endless"], 2)
    assert not multiprocessing.active_children()


def test_a_signal_ends_workers_at_once(tmp_path: Path) -> None:
    def stop() -> None:
        (tmp_path / "endless").read_text()  # as soon as the worker has written it
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    def end(number: int, _frame: object) -> None:
        raise Signalled(number)

    os.mkfifo(tmp_path / "endless")
    before = signal.signal(signal.SIGTERM, end)
    threading.Thread(target=stop).start()
    try:
        with pytest.raises(Signalled):
            worked(functools.partial(fates, tmp_path), ["endless"], 2)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not multiprocessing.active_children()


def test_a_worker_does_what_comes_and_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, ignored, parent = threading.Event(), mock.Mock(), mock.Mock()
    monkeypatch.setattr(os, "_exit", lambda _: ended.set())
    monkeypatch.setattr(signal, "signal", ignored)
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: parent)
    theirs, ours = multiprocessing.Pipe()
    answers = []

    def ask() -> None:
        for fate in ("well", "faulty"):
            ours.send(fate)
            answers.append(ours.recv())
        ours.close()

    asking = threading.Thread(target=ask)
    asking.start()
    serve(theirs, fate_of)
    asking.join()
    assert answers[0] == "well"
    assert "b.csv" in str(answers[1].error)
    assert ended.wait(PATIENCE)
    assert parent.join.called
    assert ignored.call_args.args == (signal.SIGINT, signal.SIG_IGN)


def test_a_process_of_its_own_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", mock.Mock())
    theirs, ours = multiprocessing.Pipe()
    ours.close()
    serve(theirs, fate_of)


def test_ctrl_c_waits_while_processes_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with no_interrupt():
        assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    monkeypatch.delattr(signal, "pthread_sigmask")  # as on Windows
    with no_interrupt():
        pass


def test_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS and Windows
    assert cores() == os.cpu_count()
