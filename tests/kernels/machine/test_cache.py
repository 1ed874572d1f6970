"""Nobody is handed machine code that is damaged, or another kernel's, whoever else compiles at the same time."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core import types
from numba.core.registry import CPUDispatcher

from kernels.machine import cache as cached
from kernels.machine.cache import keep, load, save
from tests.places import unwritable

SINGLE, DOUBLE = ((types.Array(kind, 1, "C"), types.int64) for kind in (types.float32, types.float64))


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "kernel"
    assert load(folder, SINGLE) is None
    save(folder, SINGLE, "for float32")
    save(folder, DOUBLE, "for float64")
    assert load(folder, SINGLE) == "for float32"
    assert load(folder, DOUBLE) == "for float64"
    assert load(folder, "nobody's") is None
    assert len(list(folder.iterdir())) == 2, "and nothing else is left"


def test_processes_that_save_at_the_same_time_do_not_mix_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is slow to write, and the other has compiled the same kernel for the same types and for others by then."""
    write = cached._write  # noqa: SLF001 -- where they meet

    def slowly(path: Path, content: bytes) -> None:
        monkeypatch.setattr(cached, "_write", write)
        save(tmp_path, SINGLE, "for float32, by the other")
        save(tmp_path, DOUBLE, "for float64, by the other")
        write(path, content)

    monkeypatch.setattr(cached, "_write", slowly)
    save(tmp_path, SINGLE, "for float32")
    assert load(tmp_path, SINGLE) in {"for float32", "for float32, by the other"}
    assert load(tmp_path, DOUBLE) == "for float64, by the other"


def test_no_byte_that_was_not_written_is_used(tmp_path: Path) -> None:
    """Every bit turned over, one at a time, and the file cut off everywhere."""
    save(tmp_path, SINGLE, "for float32")
    file = only_file(tmp_path)
    whole = file.read_bytes()
    transposed = (
        whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :] for at in range(len(whole)) for bit in range(8)
    )
    for damaged in (*transposed, *(whole[:length] for length in range(len(whole))), whole + b"\0"):
        file.write_bytes(damaged)
        assert load(tmp_path, SINGLE) is None
        assert not file.exists(), "it is of no use to anybody"
    save(tmp_path, SINGLE, "for float32")
    assert load(tmp_path, SINGLE) == "for float32"
    assert only_file(tmp_path) == file


def test_no_kernel_takes_another_ones_file(tmp_path: Path) -> None:
    for key in (SINGLE, DOUBLE):
        save(tmp_path / str(key), key, f"for {key}")
    mine, other = (only_file(tmp_path / str(key)) for key in (SINGLE, DOUBLE))
    swapped = mine.with_name(mine.name.split("-")[0] + "-" + other.name.split("-")[1])
    shutil.copy(other, swapped)
    assert load(mine.parent, SINGLE) == f"for {SINGLE}"
    mine.unlink()
    assert load(mine.parent, SINGLE) is None


def a_folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


@pytest.mark.parametrize("put", [a_folder, lambda path: path.chmod(0)], ids=["a folder", "one that can't be read"])
def test_what_stands_in_a_files_place_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: Callable[[Path], None]
) -> None:
    save(tmp_path, SINGLE, "for float32")
    file = only_file(tmp_path)
    put(file)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)  # the superuser may read everything
        assert load(tmp_path, SINGLE) is None
    save(tmp_path, SINGLE, "for float32")
    assert load(tmp_path, SINGLE) == "for float32"


def test_a_file_in_the_folders_place_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "kernel").write_text("no folder")
    assert load(tmp_path / "kernel", SINGLE) is None
    save(tmp_path / "kernel", SINGLE, "for float32")
    assert load(tmp_path / "kernel", SINGLE) == "for float32"


def refused(*_: object) -> bytes:
    raise PermissionError(13, "Permission denied")


def test_a_folder_that_can_not_be_listed_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, SINGLE, "for float32")
    monkeypatch.setattr(Path, "glob", refused)
    assert load(tmp_path, SINGLE) is None


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """Return what tells what is told from now on, as if nothing had been told before."""
    monkeypatch.setattr(cached, "_TOLD", threading.Event())
    return caplog


def test_where_nothing_can_be_kept_one_note_says_so(told: pytest.LogCaptureFixture) -> None:
    with unwritable() as folder:
        for key in (SINGLE, DOUBLE):
            save(folder / "kernel", key, "too much")
            assert load(folder / "kernel", key) is None
    (note,) = told.messages
    assert note.startswith(f"note: {folder}: compiled kernels can't be kept: ")
    assert "NUMBA_CACHE_DIR" in note


def test_a_file_that_somebody_else_has_written_needs_no_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: pytest.LogCaptureFixture
) -> None:
    """Windows lets nobody replace a file that is open."""
    save(tmp_path, SINGLE, "for float32")
    monkeypatch.setattr(Path, "replace", refused)
    save(tmp_path, SINGLE, "for float32")
    assert not told.messages
    assert load(only_file(tmp_path).parent, SINGLE) == "for float32", "and no unfinished file is left"


def compiled(function: Callable[..., Any], folder: Path, is_current: Callable[[], bool] = lambda: True) -> Any:  # noqa: ANN401 -- numba has no types
    """Return a kernel of a new process's, as far as it can be made in this one, with or without the JIT."""
    kernel = CPUDispatcher(function, targetoptions={"nopython": True})
    keep(kernel, folder, is_current)
    return kernel


def twice(x: float) -> float:
    return 2 * x


def misses(kernel: Any) -> int:  # noqa: ANN401 -- likewise
    return sum(kernel.stats.cache_misses.values())


@pytest.mark.parametrize(
    "damaged",
    [lambda whole: whole[:0], lambda whole: whole[: len(whole) // 2], lambda whole: whole[:-99] + b"?" + whole[-98:]],
    ids=["emptied", "truncated", "changed"],
)  # fmt: skip
def test_a_kernel_whose_file_is_damaged_is_compiled_once_more(
    tmp_path: Path, damaged: Callable[[bytes], bytes]
) -> None:
    assert compiled(twice, tmp_path)(3.0) == 6
    file = only_file(only_file(tmp_path))
    file.write_bytes(damaged(file.read_bytes()))
    for expected in (1, 0):
        kernel = compiled(twice, tmp_path)
        assert (kernel(3.0), misses(kernel)) == (6, expected)
    assert kernel.stats.cache_path == str(file.parent)


def test_once_a_source_has_changed_nothing_is_kept(tmp_path: Path) -> None:
    """What is compiled then is of other sources than those that the folder is named after."""
    assert compiled(twice, tmp_path, lambda: False)(3.0) == 6
    assert list(tmp_path.iterdir()) == []


def test_what_names_places_in_memory_is_not_kept(tmp_path: Path) -> None:
    large = np.ones(1_000_000)  # numba leaves it where it is, and writes its address into the code
    assert compiled(lambda at: large[at], tmp_path)(3) == 1
    assert list(tmp_path.iterdir()) == []


def test_without_the_jit_there_is_nothing_to_keep(tmp_path: Path) -> None:
    keep(len, tmp_path, lambda: True)
