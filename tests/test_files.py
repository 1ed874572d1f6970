"""Files appear whole or not at all."""

import hashlib
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pipeline.errors import DataError, OutputError
from pipeline.files import atomic_writer, make_folder, remove_leftovers, sha256_of, sync_folder, write_bytes


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


def test_folders_are_synced_where_the_system_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "none")
    monkeypatch.setattr("pipeline.files.IS_WINDOWS", True)
    sync_folder(tmp_path / "none")
