"""Outputs appear together or not at all, and dead runs are cleaned up after."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.prepare.store.staging import PREFIX, staged
from tests.conftest import ROOT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_move_when_all_are_there(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with staged(out, last="a") as folder:
        for name in "abc":
            (folder / name).write_text(name)
            assert names(out) == [folder.name]
    assert names(out) == ["a", "b", "c"]


def test_the_last_is_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    replace = Path.replace

    def spied(path: Path, target: Path) -> Path:
        moved.append(target.name)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", spied)
    with staged(tmp_path, last="b") as folder:
        for name in "abc":
            (folder / name).touch()
    assert moved == ["a", "c", "b"]


def broken_off(out: Path, error: type[BaseException]) -> None:
    with staged(out, last="a") as folder:
        (folder / "a").write_text("later")
        raise error


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("earlier", [True, False])
def test_an_error_leaves_all_as_it_was(tmp_path: Path, error: type[BaseException], *, earlier: bool) -> None:
    out = tmp_path / "out"
    if earlier:
        out.mkdir()
        (out / "a").write_text("earlier")
    with pytest.raises(error):
        broken_off(out, error)
    assert names(tmp_path) == (["out"] if earlier else [])
    if earlier:
        assert names(out) == ["a"]
        assert (out / "a").read_text() == "earlier"


def test_something_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), staged(tmp_path / "file", last="a"):
        pass


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from pipeline.prepare.store.staging import staged
with staged(Path({str(tmp_path)!r}), last="a") as folder:
    (folder / "a").write_bytes(bytes(1000))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [name.startswith(PREFIX) for name in names(tmp_path)] == [True]
    with staged(tmp_path, last="a") as folder:
        assert names(tmp_path) == [folder.name]
    assert names(tmp_path) == []


def test_a_run_that_is_alive_is_left_alone(tmp_path: Path) -> None:
    with staged(tmp_path, last="a") as one, staged(tmp_path, last="a") as other:
        assert one != other
        (one / "a").touch()
        assert len(names(tmp_path)) == 2
    assert names(tmp_path) == ["a"]


def test_on_windows_open_files_are_the_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.files.IS_WINDOWS", True)
        (tmp_path / f"{PREFIX}dead").mkdir()
        with staged(tmp_path, last="a") as folder:
            (folder / "a").touch()
    assert names(tmp_path) == ["a"]
