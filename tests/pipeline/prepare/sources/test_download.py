"""Mirrors that fail in every way they can: the next one takes over, and nothing broken is kept."""

import hashlib
import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import OutputError
from pipeline.prepare.sources import download
from pipeline.prepare.sources.download import (
    MAX_BYTES,
    MNIST_SUMS,
    TIMEOUTS,
    Timeouts,
    done_in_time,
    fetch,
    is_too_slow,
)
from tests.conftest import mnist_folder
from tests.mirror import Mirror, mirror, refusing
from tests.places import unwritable
from tests.tables import idx_files

FILES = idx_files()
SUMS = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
STALLING = {"stalled", "stalled-midway"}
# On a busy machine a mirror that means well may take its time, too.
PATIENT = Timeouts(60.0, 60.0, patience=300.0)
FAILURES = {
    "refused": "no connection",
    "stalled": "no answer in time",
    "stalled-midway": "no connection",
    "404": "404 Client Error",
    "500": "500 Server Error",
    "truncated": "Connection broken",
    "wrong": "not the file that was published",
    "html": "not the file that was published",
    "loop": "Exceeded 30 redirects",
    "endless": "not the file that was published",
}
DRIPPING = {"dripping": "it takes too long", "dripping-header": "it takes too long"}


@pytest.fixture(name="server")
def server_of_small_files() -> Iterator[Mirror]:
    with mirror(FILES) as running:
        yield running


def url(server: Mirror, manner: str) -> str:
    return refusing() if manner == "refused" else server.url(manner)


def patience(manner: str) -> Timeouts:
    """Return how long to wait for a mirror: only one that says nothing is given up, and that not at once."""
    if manner in DRIPPING:
        return Timeouts(60.0, 60.0, patience=0.5, slowest=1e6)
    return Timeouts(60.0, 3.0) if manner in STALLING else PATIENT


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*")} if folder.exists() else {}


def test_all_is_well(server: Mirror, tmp_path: Path) -> None:
    fetched = fetch(tmp_path / "data", (server.url("fine"),), SUMS, PATIENT)
    assert fetched == ((server.url("fine"),), (), ())
    assert contents(tmp_path / "data") == FILES


def test_a_second_call_asks_for_nothing(server: Mirror, tmp_path: Path) -> None:
    fetch(tmp_path, (server.url("fine"),), SUMS, PATIENT)
    asked = len(server.asked)
    assert fetch(tmp_path, (server.url("fine"),), SUMS, PATIENT) == ((), (), ())
    assert len(server.asked) == asked == 4


def test_only_what_is_missing_is_asked_for(server: Mirror, tmp_path: Path) -> None:
    name = next(iter(FILES))
    (tmp_path / name).write_bytes(FILES[name])
    fetch(tmp_path, (server.url("fine"),), SUMS, PATIENT)
    assert len(server.asked) == 3
    assert contents(tmp_path) == FILES


@pytest.mark.parametrize("manner", FAILURES | DRIPPING)
def test_a_failing_mirror_leaves_nothing(
    server: Mirror, tmp_path: Path, manner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MAX_BYTES", 4 * max(map(len, FILES.values())))
    monkeypatch.setattr(download, "CHUNK", 1024)
    fetched = fetch(tmp_path / "data", (url(server, manner),), SUMS, patience(manner))
    assert fetched.missing == tuple(FILES)
    assert len(fetched.failures) == 1
    assert (FAILURES | DRIPPING)[manner] in fetched.failures[0]
    assert next(iter(FILES)) in fetched.failures[0]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("manner", FAILURES)
def test_the_second_mirror_takes_over(server: Mirror, tmp_path: Path, manner: str) -> None:
    fetched = fetch(tmp_path, (url(server, manner), server.url("fine")), SUMS, patience(manner))
    assert fetched.mirrors == (server.url("fine"),)
    assert fetched.missing == ()
    # Who can't be reached is asked once; who answers wrongly may have the next file.
    unreachable = manner in {"refused", "stalled", "stalled-midway"}
    assert len(fetched.failures) == (1 if unreachable else 4)
    assert contents(tmp_path) == FILES


def test_each_mirror_may_have_a_part(tmp_path: Path) -> None:
    names = list(FILES)
    with (
        mirror({name: FILES[name] for name in names[:2]}) as one,
        mirror({name: FILES[name] for name in names[2:]}) as other,
    ):
        fetched = fetch(tmp_path, (one.url("fine").rstrip("/"), other.url("fine")), SUMS, PATIENT)
    assert len(fetched.mirrors) == 2
    assert contents(tmp_path) == FILES


def test_files_that_came_stay_when_a_later_one_does_not(tmp_path: Path) -> None:
    names = list(FILES)
    with mirror({name: FILES[name] for name in names[:2]}) as server:
        fetched = fetch(tmp_path, (server.url("fine"),), SUMS, PATIENT)
    assert fetched.missing == tuple(names[2:])
    assert contents(tmp_path) == {name: FILES[name] for name in names[:2]}


def test_what_is_no_address(tmp_path: Path) -> None:
    fetched = fetch(tmp_path, ("file:///etc/", "no address", "http://[/"), SUMS, PATIENT)
    assert len(fetched.failures) == 3
    assert fetched.missing == tuple(FILES)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_silent_without_a_terminal(server: Mirror, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch(tmp_path, (server.url("fine"),), SUMS, PATIENT)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(
    server: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    fetch(tmp_path, (server.url("fine"),), SUMS, PATIENT)
    assert all(name in terminal.getvalue() for name in FILES)
    assert "39.2/39.2 kB" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_a_folder_that_can_not_be_written(server: Mirror) -> None:
    with unwritable() as folder, pytest.raises(OutputError, match="can't be written"):
        fetch(folder, (server.url("fine"),), SUMS, PATIENT)


def test_the_real_files_or_such_as_stand_for_them(tmp_path: Path) -> None:
    folder = mnist_folder()
    files = {name: (folder / name).read_bytes() for name in MNIST_SUMS} if folder else FILES
    with mirror(files) as server:
        fetched = fetch(tmp_path, (server.url("fine"),), MNIST_SUMS if folder else SUMS, PATIENT)
    assert fetched.failures == ()
    assert contents(tmp_path) == files


def test_nothing_is_read_for_those_who_have_left(
    server: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "CHUNK", 1)
    fetch(tmp_path, (server.url("dripping"),), SUMS, patience("dripping"))
    left = [thread for thread in threading.enumerate() if thread.name == "download"]
    for thread in left:
        thread.join(30)
        assert not thread.is_alive()


def test_a_slow_line_is_fast_enough_and_a_drip_is_not() -> None:
    """A modem carries 5,000 bytes a second, and none for its first half minute; the largest file has ten million."""
    assert not any(is_too_slow(t, 5000 * max(t - 30, 0), TIMEOUTS) for t in range(2100))
    assert is_too_slow(62, 62, TIMEOUTS)
    assert is_too_slow(3 * 3600, MAX_BYTES, TIMEOUTS), "no file takes for ever"


def test_what_comes_of_a_task() -> None:
    assert done_in_time(lambda: 1, lambda: False)
    with pytest.raises(ZeroDivisionError):
        done_in_time(lambda: 1 // 0, lambda: False)


def test_a_task_that_never_ends_is_left_behind() -> None:
    ended = threading.Event()
    looks = iter([False, True])
    assert not done_in_time(ended.wait, lambda: next(looks))
    ended.set()
