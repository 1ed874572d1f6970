"""Files appear whole or not at all."""

import errno
import hashlib
import os
import socket
import stat
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pipeline.errors import DataError, OutputError
from pipeline.files import (
    atomic_writer,
    change_file,
    make_folder,
    open_plain,
    read_whole,
    remove_leftovers,
    sha256_of,
    sync_folder,
    write_bytes,
)
from tests.pipeline.test_locks import without_locks


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(), st.binary())
def test_a_file_is_replaced_whole(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = tmp_path / "folder" / "file"
    write_bytes(path, old)
    write_bytes(path, new)
    assert path.read_bytes() == new
    assert sha256_of(path) == hashlib.sha256(new).hexdigest()
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("error", [DataError("no"), KeyboardInterrupt()])
def test_an_error_on_the_way_leaves_the_old_file_and_no_litter(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def fail_on_the_way() -> None:
        with atomic_writer(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(type(error)):
        fail_on_the_way()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_refusal_says_what_and_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(OutputError, match=r"folder: can't be written: (File exists|Not a directory)"):
        make_folder(tmp_path / "file" / "folder")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=r"can't be written: Is a directory.*free some space"):
        write_bytes(tmp_path / "folder", b"")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]


def test_permissions_follow_the_mask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_leftovers_of_a_killed_process_are_swept_up(tmp_path: Path) -> None:
    (tmp_path / ".model.npz.abc.tmp").touch()
    (tmp_path / "model.npz").touch()
    remove_leftovers(tmp_path)
    remove_leftovers(tmp_path / "not there")
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.npz"]


def test_what_is_being_written_is_no_leftover(tmp_path: Path) -> None:
    with atomic_writer(tmp_path / "file") as file:
        file.write(b"new")
        remove_leftovers(tmp_path)
    assert (tmp_path / "file").read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_file_that_was_swept_up_before_it_was_marked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    mkstemp = tempfile.mkstemp

    def swept_up_once(*, prefix: str, suffix: str, dir: Path) -> tuple[int, str]:  # noqa: A002 -- as it is called there
        handle, name = mkstemp(prefix=prefix, suffix=suffix, dir=dir)
        made.append(name)
        if len(made) == 1:
            remove_leftovers(tmp_path)
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", swept_up_once)
    write_bytes(tmp_path / "file", b"new")
    assert len(made) == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_without_locks_files_are_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch, errno.ENOLCK)
    write_bytes(tmp_path / "file", b"new")
    change_file(tmp_path / "file", lambda old: old + b"er")
    assert (tmp_path / "file").read_bytes() == b"newer"


def test_what_is_replaced_hands_on_its_mode_and_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owners: list[tuple[int, int]] = []
    path = tmp_path / "file"
    write_bytes(path, b"old")
    path.chmod(0o600)
    monkeypatch.setattr(os, "chown", lambda _path, owner, group: owners.append((owner, group)))
    write_bytes(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert owners == [(path.stat().st_uid, -1), (-1, path.stat().st_gid)]
    monkeypatch.setattr("pipeline.files.IS_WINDOWS", True)
    write_bytes(path, b"newer")
    assert len(owners) == 2
    assert path.read_bytes() == b"newer"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_followed_and_stays(tmp_path: Path, *, is_there: bool) -> None:
    (tmp_path / "link").symlink_to(Path("elsewhere") / "file")
    if is_there:
        write_bytes(tmp_path / "elsewhere" / "file", b"old")
    write_bytes(tmp_path / "link", b"new")
    change_file(tmp_path / "link", lambda old: old + b"er")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere" / "file").read_bytes() == b"newer"
    assert [path.name for path in (tmp_path / "elsewhere").iterdir() if path.name[0] != "."] == ["file"]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(OutputError, match="link: can't be written: Too many levels"):
        write_bytes(tmp_path / "link", b"new")


def test_a_pipe_or_a_device_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match=r"can't be written: expected a plain file, found a pipe \(FIFO\)"):
        write_bytes(tmp_path / "pipe", b"new")
    (tmp_path / "device").symlink_to(os.devnull)
    with pytest.raises(OutputError, match="null: can't be written: expected a plain file, found a device"):
        write_bytes(tmp_path / "device", b"new")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["device", "pipe"]


def test_changes_of_many_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def change(number: int) -> None:
        for _ in range(5):
            change_file(path, lambda old: old + b"%d\n" % number)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.read_bytes().split()) == [b"%d" % number for number in range(4) for _ in range(5)]


def test_a_change_is_refused_where_the_file_is_not_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes(tmp_path / "file", b"old")
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    change_file(tmp_path / "file", lambda old: old)
    with pytest.raises(OutputError, match="Permission denied"):
        change_file(tmp_path / "file", lambda _old: b"new")
    assert (tmp_path / "file").read_bytes() == b"old"


def test_only_plain_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bytes(tmp_path / "file", b"content")
    assert read_whole(tmp_path / "file", 7) == b"content"
    with pytest.raises(OSError, match="expected at most 6 bytes, found 7"):
        read_whole(tmp_path / "file", 6)
    (tmp_path / "endless").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    for name, found in (("endless", "a device"), ("pipe", r"a pipe \(FIFO\)"), (".", "directory")):
        with pytest.raises(OSError, match=found):
            open_plain(tmp_path / name)
        with pytest.raises(OSError, match=found):
            sha256_of(tmp_path / name)
    socket_ = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)  # the names of sockets are short
    socket_.bind("socket")
    socket_.close()
    with pytest.raises(OSError, match="a socket"):
        open_plain(tmp_path / "socket")
    # Something else may have come into its place after the first look.
    found_first = (tmp_path / "file").stat()
    monkeypatch.setattr(Path, "stat", lambda _path: found_first)
    with pytest.raises(OSError, match="a pipe"):
        open_plain(tmp_path / "pipe")


def test_folders_are_synced_where_the_system_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "none")
    monkeypatch.setattr("pipeline.files.IS_WINDOWS", True)
    sync_folder(tmp_path / "none")
