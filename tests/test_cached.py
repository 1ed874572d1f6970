"""No process is handed the machine code of another kernel, whoever else compiles at the same time."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from numba.core import types
from numba.core.caching import IndexDataCacheFile

from kernels.cached import OwnFiles, keep_apart, number_of

SINGLE, DOUBLE = ((types.Array(kind, 1, "C"), types.int64) for kind in (types.float32, types.float64))


def files_in(folder: Path) -> Any:  # noqa: ANN401 -- numba has no types
    files = OwnFiles(str(folder), "kernel-1.py311", "stamp")  # type: ignore[no-untyped-call] # likewise
    files.is_current = lambda: True
    return files


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    files_in(tmp_path).save(SINGLE, "for float32")
    files_in(tmp_path).save(DOUBLE, "for float64")
    assert files_in(tmp_path).load(SINGLE) == "for float32"
    assert files_in(tmp_path).load(DOUBLE) == "for float64"
    assert files_in(tmp_path).load("nobody's") is None


def test_processes_that_save_at_the_same_time_do_not_mix_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the index before either writes it, and one is slow to write what it has compiled."""
    first, second = files_in(tmp_path), files_in(tmp_path)
    before, write = second._load_index(), first._save_data  # noqa: SLF001 -- what numba calls
    monkeypatch.setattr(second, "_load_index", lambda: dict(before))

    def slowly(name: str, data: str) -> None:
        second.save(DOUBLE, "for float64")
        write(name, data)

    monkeypatch.setattr(first, "_save_data", slowly)
    first.save(SINGLE, "for float32")
    assert files_in(tmp_path).load(SINGLE) in {"for float32", None}
    assert files_in(tmp_path).load(DOUBLE) in {"for float64", None}


def test_numbers_tell_kernels_apart() -> None:
    keys = [(signature, code) for signature in (SINGLE, DOUBLE) for code in ("1 part", "2 parts")]
    assert len({number_of(key) for key in keys}) == len(keys)
    assert number_of(keys[0]) == number_of((SINGLE, "1 part"))


def test_a_kernel_is_given_files_of_its_own(tmp_path: Path) -> None:
    files = IndexDataCacheFile(str(tmp_path), "kernel-1.py311", "stamp")  # type: ignore[no-untyped-call] # likewise
    keep_apart(SimpleNamespace(_cache=SimpleNamespace(_cache_file=files)), lambda: True)
    assert isinstance(files, OwnFiles)
    assert files.is_current()


def test_once_a_source_has_changed_nothing_is_kept(tmp_path: Path) -> None:
    """What is compiled then is of other sources than those that the folder is named after."""
    files = files_in(tmp_path)
    files.is_current = lambda: False
    files.save(SINGLE, "for float32")
    assert files_in(tmp_path).load(SINGLE) is None
    assert list(tmp_path.iterdir()) == []


def test_without_a_cache_there_is_nothing_to_keep() -> None:
    keep_apart(len, lambda: True)
