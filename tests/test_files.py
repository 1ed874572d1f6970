"""Files appear whole or not at all."""

import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pipeline.errors import DataError, OutputError
from pipeline.files import atomic_writer, held, make_folder, remove_leftovers, sha256_of, sync_folder, write_bytes


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


def test_what_is_held_is_held_once(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "file"):
        path.touch()
        with held(path), pytest.raises(BlockingIOError), held(path):
            pass
        with held(path):
            pass


def test_without_marks_files_are_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    write_bytes(tmp_path / "file", b"new")
    with held(tmp_path), held(tmp_path):
        assert (tmp_path / "file").read_bytes() == b"new"
    monkeypatch.setattr("pipeline.files.IS_WINDOWS", True)
    write_bytes(tmp_path / "file", b"newer")
    with held(tmp_path), held(tmp_path):
        assert (tmp_path / "file").read_bytes() == b"newer"


def test_folders_are_synced_where_the_system_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "none")
    monkeypatch.setattr("pipeline.files.IS_WINDOWS", True)
    sync_folder(tmp_path / "none")
