"""Files appear together or not at all, whoever else writes or reads there."""

import errno
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from unittest import mock

import pytest

from pipeline.errors import ArtifactError, OutputError
from pipeline.files import STAGE
from pipeline.staging import LOCK, READY, discard, recover, scratch_in, settled, staged, write_synced
from tests.conftest import ROOT
from tests.pipeline.test_locks import without_locks
from tests.places import unwritable


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != LOCK)


def put(out: Path, content: str, *these: str) -> None:
    with staged(out) as folder:
        for name in these:
            (folder / name).write_text(content)


def texts(out: Path) -> set[str]:
    return {path.read_text() for path in out.glob("[!.]*")}


def test_files_move_when_all_are_there(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with staged(out) as folder:
        for name in "abc":
            write_synced(folder / name, lambda file: file.write(b"content"))
            assert names(out) == [folder.name]
    assert names(out) == ["a", "b", "c"]


def broken_off(out: Path, error: type[BaseException]) -> None:
    with staged(out) as folder:
        (folder / "a").write_text("later")
        raise error


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("earlier", [True, False])
def test_an_error_leaves_all_as_it_was(tmp_path: Path, error: type[BaseException], *, earlier: bool) -> None:
    out = tmp_path / "out"
    if earlier:
        put(out, "earlier", "a")
    with pytest.raises(error):
        broken_off(out, error)
    assert names(tmp_path) == (["out"] if earlier else [])
    if earlier:
        assert names(out) == ["a"]
        assert texts(out) == {"earlier"}


def test_something_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file"), staged(tmp_path / "file"):
        pass
    out = tmp_path / "out"
    put(out, "old", "a")
    (out / "b").mkdir()
    with pytest.raises(IsADirectoryError):
        put(out, "new", "a", "b")
    assert (out / "a").read_text() == "old"
    assert names(out) == ["a", "b"]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from pipeline.staging import staged
with staged(Path({str(tmp_path)!r})) as folder:
    (folder / "a").write_bytes(bytes(1000))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [name.startswith(STAGE) for name in names(tmp_path)] == [True]
    with settled(tmp_path):
        assert names(tmp_path) == []


def test_a_run_that_is_alive_is_left_alone(tmp_path: Path) -> None:
    with staged(tmp_path) as one, staged(tmp_path) as other:
        assert one != other
        (one / "a").touch()
        with settled(tmp_path):
            assert len(names(tmp_path)) == 2
    assert names(tmp_path) == ["a"]


def test_of_two_that_write_at_once_the_last_has_it_all(tmp_path: Path) -> None:
    begun = threading.Barrier(2)

    def write(content: str) -> None:
        with staged(tmp_path) as folder:
            begun.wait(60)
            for name in "abc":
                (folder / name).write_text(content)

    for _ in range(10):
        threads = [threading.Thread(target=write, args=(content,)) for content in ("one", "other")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert texts(tmp_path) in ({"one"}, {"other"})
        assert names(tmp_path) == ["a", "b", "c"]


def test_nothing_moves_while_somebody_reads(tmp_path: Path) -> None:
    put(tmp_path, "old", "a", "b")
    made = threading.Event()

    def write() -> None:
        with staged(tmp_path) as folder:
            for name in "ab":
                (folder / name).write_text("new")
            made.set()

    writer = threading.Thread(target=write)
    with settled(tmp_path):
        writer.start()
        writer.join(0.3)
        assert writer.is_alive()
        assert not made.is_set()
        assert texts(tmp_path) == {"old"}
    writer.join()
    assert texts(tmp_path) == {"new"}


def test_what_must_stay_stays(tmp_path: Path) -> None:
    def refuse(_: Path) -> None:
        raise ArtifactError("it must stay")

    put(tmp_path, "old", "a")
    with pytest.raises(ArtifactError, match="it must stay"), staged(tmp_path, refuse) as folder:
        (folder / "a").write_text("new")
    assert names(tmp_path) == ["a"]
    assert texts(tmp_path) == {"old"}


def test_a_file_goes_with_the_others(tmp_path: Path) -> None:
    put(tmp_path, "old", "a", "b")
    for _ in range(2):
        with staged(tmp_path) as folder:
            (folder / "a").write_text("new")
            discard(folder, "b")
        assert names(tmp_path) == ["a"]


def test_a_link_leads_to_the_new_file_and_the_mode_is_kept(tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    put(out, "old", "a", "b")
    (out / "a").rename(elsewhere)
    (out / "a").symlink_to(elsewhere)
    (out / "b").chmod(0o600)
    put(out, "new", "a", "b")
    assert (out / "a").is_symlink()
    assert elsewhere.read_text() == (out / "b").read_text() == "new"
    assert stat.S_IMODE((out / "b").stat().st_mode) == 0o600


def test_what_is_ready_is_moved_by_the_next(tmp_path: Path) -> None:
    put(tmp_path, "old", "a", "b")
    recover(tmp_path)
    assert texts(tmp_path) == {"old"}
    for go_on in (recover, lambda out: put(out, "new", "c")):
        with mock.patch("pipeline.staging._move"):
            put(tmp_path, "new", "a", "b")
        assert names(tmp_path)[0] == READY
        go_on(tmp_path)
        assert texts(tmp_path) == {"new"}
    assert names(tmp_path) == ["a", "b", "c"]


def test_what_is_ready_and_cant_be_moved_is_told_and_kept(tmp_path: Path) -> None:
    put(tmp_path, "old", "a", "b")
    with mock.patch("pipeline.staging._move"):
        put(tmp_path, "new", "a", "b")
    (tmp_path / "b").unlink()
    (tmp_path / "b").mkdir()
    with pytest.raises(OutputError, match=r"complete, in .*ready, but can't be moved.*: Is a directory"):
        recover(tmp_path)
    (tmp_path / "b").rmdir()
    recover(tmp_path)
    assert texts(tmp_path) == {"new"}


def test_where_nothing_can_be_written_what_is_there_is_read(tmp_path: Path) -> None:
    with unwritable() as folder, settled(folder), settled(folder / "none"):
        assert folder.is_dir()
    (tmp_path / READY).mkdir()
    with mock.patch("pipeline.staging.locked", side_effect=PermissionError):
        with pytest.raises(ArtifactError, match="killed before all of its files were in their places"):
            recover(tmp_path)
        (tmp_path / READY).rmdir()
        with settled(tmp_path):
            assert names(tmp_path) == []


def test_without_locks_nobody_is_taken_for_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch, errno.ENOSYS)
    (tmp_path / f"{STAGE}somebody").mkdir()
    put(tmp_path, "new", "a")
    with settled(tmp_path):
        assert names(tmp_path) == [f"{STAGE}somebody", "a"]


def test_a_scratch_folder_is_there_for_a_while(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with scratch_in(out) as first, scratch_in(out) as second:
        (first / "a").touch()
        put(out, "new", "b")
        assert (first / "a").exists(), "who writes there in the meantime sees that it is in use"
        assert names(out) == sorted(["b", first.name, second.name])
    assert names(out) == ["b"]
    with scratch_in(tmp_path / "none"):
        pass
    assert names(tmp_path) == ["new"]


def test_a_scratch_folder_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file: can't be written"), scratch_in(tmp_path / "file"):
        pass
    monkeypatch.setattr("os.access", lambda *_: False)
    with scratch_in(tmp_path) as folder:
        (folder / "a").touch()
        assert tmp_path not in folder.parents
    assert not folder.exists()
