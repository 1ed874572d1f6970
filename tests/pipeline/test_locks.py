"""Locks: one holder at a time, whoever asks, and a word where there are none."""

import errno
import stat
import threading
from pathlib import Path

import filelock
import pytest

from pipeline import locks
from pipeline.locks import locked, mark


def test_whoever_does_not_want_to_wait_is_told(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    with locked(lock) as is_sure, pytest.raises(BlockingIOError), locked(lock, wait=False):
        pass
    assert is_sure
    with locked(lock, wait=False) as is_sure, pytest.raises(BlockingIOError), locked(lock, wait=False):
        pass
    assert is_sure


def test_a_thread_gets_what_it_has(tmp_path: Path) -> None:
    with locked(tmp_path / ".lock"), locked(tmp_path / ".lock") as is_sure:
        assert is_sure


def test_who_waits_is_told_why_and_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(locks, "PATIENCE", 0.01)
    order: list[str] = []
    told = threading.Event()
    say = locks._say  # noqa: SLF001 -- to know when the other waits

    def heard(text: str) -> None:
        say(text)
        told.set()

    def wait() -> None:
        with locked(tmp_path / ".lock"):
            order.append("second")

    monkeypatch.setattr(locks, "_say", heard)
    with locked(tmp_path / ".lock"):
        other = threading.Thread(target=wait)
        other.start()
        assert told.wait(60)
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    assert capfd.readouterr().err == f"note: waiting for another process that is at work in {tmp_path}\n"


@pytest.mark.parametrize(("folder", "lock"), [(0o700, 0o600), (0o755, 0o600), (0o775, 0o660), (0o1777, 0o666)])
def test_who_may_write_to_a_folder_may_lock_it(tmp_path: Path, folder: int, lock: int) -> None:
    tmp_path.chmod(folder)
    with locked(tmp_path / ".lock"):
        assert stat.S_IMODE((tmp_path / ".lock").stat().st_mode) == lock


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), locked(tmp_path / "none" / ".lock"):
        pass
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS])
def test_without_locks_there_is_a_note_and_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], number: int
) -> None:
    without_locks(monkeypatch, number)
    for _ in range(2):
        with locked(tmp_path / ".lock") as is_sure:
            assert not is_sure
    assert capfd.readouterr().err == (
        f"note: {tmp_path}: this file system has no locks; let only one command at a time write there\n"
    )
    with (tmp_path / "file").open("wb") as file:
        assert not mark(file.fileno(), wait=True)


def test_other_refusals_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="error"), locked(tmp_path / ".lock"):
        pass
    with (tmp_path / "file").open("wb") as file, pytest.raises(OSError, match="error"):
        mark(file.fileno(), wait=True)


def without_locks(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Have the system refuse every lock."""

    def refuse(*_: object, **__: object) -> bool:
        raise OSError(number, "error")

    monkeypatch.setattr(filelock.FileLock, "_acquire", refuse)
    monkeypatch.setattr(filelock, "lock_descriptor", refuse)
