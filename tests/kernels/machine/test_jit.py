"""The cache of compiled kernels can't go stale."""

import importlib
import os
import pickle
import pkgutil
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from numba.core.types import Array, Dispatcher, unliteral

import kernels
from kernels.machine import jit as jit_module
from kernels.machine.jit import UNUSED, Kernel, cache_folder, source_digest, tidy
from pipeline.model.classify import classifier, explainer
from tests.digits import TINY, blobs, trained
from tests.places import run_with_room, unwritable

ROOT = Path(__file__).parents[3]
CALLER = """from kernels.callee import answer
from kernels.machine.jit import jit

@jit
def ask() -> int:
    return answer()
"""
CALLEE = "from kernels.machine.jit import jit\n\n@jit\ndef answer() -> int:\n    return {}\n"


def house_with(folder: Path, answer: int) -> None:
    """Make a `kernels` package whose `caller` calls into another file."""
    package = folder / "kernels"
    (package / "machine").mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    for name in ("__init__.py", "cache.py", "jit.py", "linking.py"):
        shutil.copy(ROOT / "kernels" / "machine" / name, package / "machine")
    (package / "caller.py").write_text(CALLER)
    (package / "callee.py").write_text(CALLEE.format(answer))


def ask(folder: Path, first: str = "") -> tuple[int, int]:
    """Return what a fresh process is answered, and how often it had to compile; `first` is what it does before."""
    code = f"{first}\nfrom kernels.caller import ask; print(ask(), sum(ask.entry.stats.cache_misses.values()))"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    answer, misses = done.stdout.split()
    return int(answer), int(misses)


@pytest.mark.jit
def test_what_was_kept_is_used_while_it_is_whole_and_the_sources_are_as_they_were(tmp_path: Path) -> None:
    """One way through all of it: each question is a process."""
    house_with(tmp_path, 41)
    edit = f"import kernels.machine.jit, pathlib; pathlib.Path('kernels/callee.py').write_text({CALLEE.format(42)!r})"
    assert ask(tmp_path, edit) == (42, 1), "it compiles what is there now"
    house_with(tmp_path, 41)
    assert ask(tmp_path) == (41, 1), "the folder is named after what was there when that began, and got nothing of it"
    files = [file for file in tmp_path.glob("kernels/__pycache__/kernels-*/**/*") if file.is_file()]
    assert files
    for file in files:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert ask(tmp_path) == (41, 1), "what is damaged is compiled again"
    assert ask(tmp_path) == (41, 0), "and kept: unchanged sources come from the cache"
    house_with(tmp_path, 42)
    assert ask(tmp_path) == (42, 1), "an edit in a callee is never answered from the cache"


IN_A_FULL_FOLDER = """
import os
os.environ |= {{"NUMBA_CACHE_DIR": {folder!r}, "NUMBA_DISABLE_JIT": "0"}}
from kernels.machine.jit import jit
@jit
def twice(x: int) -> int:
    return 2 * x
@jit
def thrice(x: int) -> int:
    return 3 * x
print(twice(2), thrice(2), sum(len(files) for _, _, files in os.walk({folder!r})))
"""


@pytest.mark.jit
def test_without_room_kernels_are_not_kept_and_one_note_says_so(tmp_path: Path) -> None:
    done = run_with_room(IN_A_FULL_FOLDER.format(folder=str(tmp_path)), tmp_path, kilobytes=4)
    assert (done.returncode, done.stdout) == (0, "4 6 0\n"), done.stderr
    (note,) = done.stderr.splitlines()
    assert note.startswith(f"note: {tmp_path}")
    assert "can't be kept" in note


def test_a_kernel_is_called_like_the_function_that_it_is_made_of() -> None:
    def twice(number: int) -> int:
        return 2 * number

    kernel = Kernel(twice)
    assert kernel(21) == kernel.py_func(21) == 42
    assert vars(kernel)["__name__"] == "twice"
    assert isinstance(kernel._numba_type_, Dispatcher)


def test_sources_are_current_until_one_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jit_module._is_current()  # noqa: SLF001 -- what decides whether anything is kept
    monkeypatch.setattr(jit_module, "DIGEST", "of other sources")
    assert not jit_module._is_current()  # noqa: SLF001 -- likewise


INFER = """
import numpy as np
from kernels.network.inference import infer
from kernels.layers.packed import pack
from kernels.types import Layer

params = tuple(Layer(np.ones((512, 512), np.float32), np.zeros(512, np.float32)) for _ in range(2))
logits = infer(pack(params), np.ones((512, 512), np.uint8), np.zeros(512, np.float32), np.ones(512, np.float32), 2)
print(logits[0, 0] == 512 * 512)
"""


@pytest.mark.jit
def test_kernels_from_the_cache_find_their_threads() -> None:
    for _ in range(2):  # the second process, at the latest, compiles nothing
        done = subprocess.run([sys.executable, "-c", INFER], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_the_digest_sees_every_file_and_every_name(tmp_path: Path) -> None:
    house_with(tmp_path, 1)
    package = tmp_path / "kernels"
    digests = [source_digest(package)]
    (package / "callee.py").rename(package / "called.py")
    digests.append(source_digest(package))
    (package / "called.py").write_text(CALLEE.format(2))
    digests.append(source_digest(package))
    assert len(set(digests)) == 3


@pytest.mark.parametrize("package", ["numba", "llvmlite", "numpy"])
def test_the_digest_sees_the_version_of_every_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    version, before = metadata.version, source_digest(tmp_path)
    monkeypatch.setattr(metadata, "version", lambda name: "9.9" if name == package else version(name))
    assert source_digest(tmp_path) != before


def test_the_cache_goes_where_files_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house_with(tmp_path, 1)
    package = tmp_path / "kernels"
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder(package).parent == package / "__pycache__"
    shutil.rmtree(package / "__pycache__")
    (package / "__pycache__").touch()  # a file is in the way: nothing can be made there
    assert cache_folder(package).parent == tmp_path / "home" / ".cache" / "scrawl"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "named"))
    chosen = cache_folder(package)
    assert chosen.parent == tmp_path / "named"
    chosen.rmdir()
    chosen.touch()  # and here
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert cache_folder(package).parent.parent == tmp_path


def test_kernels_that_somebody_else_has_compiled_are_loaded_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    warm = cache_folder(tmp_path)
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    assert cache_folder(tmp_path) == warm


def test_where_nothing_can_be_written_and_there_is_nothing_kernels_are_still_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even among the temporary files: what is compiled is not kept, as a note tells."""
    with unwritable() as folder:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        assert cache_folder(tmp_path).parent == folder


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a package with a file in the way of its cache, no home, and an empty folder for temporary files."""
    house_with(tmp_path, 1)
    (tmp_path / "kernels" / "__pycache__").touch()
    (tmp_path / "tmp").mkdir()
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    return tmp_path


def test_without_any_place_kernels_go_among_the_temporary_files(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = cache_folder(nowhere / "kernels").parent
    assert chosen == nowhere / "tmp" / f"scrawl-{os.getuid()}"
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o700
    assert cache_folder(nowhere / "kernels").parent == chosen, "and are found there again"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(nowhere / "kernels" / "callee.py"))  # a file, no folder
    assert cache_folder(nowhere / "kernels").parent == chosen
    monkeypatch.delattr(os, "getuid")
    assert cache_folder(nowhere / "kernels").parent == nowhere / "tmp" / "scrawl"


@pytest.mark.parametrize("trap", ["a link", "a file", "open to all", "somebody else's"])
def test_a_folder_that_others_can_write_to_is_not_trusted(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    expected = nowhere / "tmp" / f"scrawl-{os.getuid()}"
    if trap == "a link":
        (nowhere / "trap").mkdir(mode=0o700)
        expected.symlink_to(nowhere / "trap")
    elif trap == "a file":
        expected.touch()
    elif trap == "open to all":
        expected.mkdir()
        expected.chmod(0o777)
    else:
        expected.mkdir(mode=0o700)
        uids = iter((os.getuid(), os.getuid() + 1))
        monkeypatch.setattr(os, "getuid", lambda: next(uids))
    chosen = cache_folder(nowhere / "kernels").parent
    assert chosen.parent == expected.parent
    assert chosen != expected
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o700


def test_kernels_that_nobody_has_used_for_a_month_are_removed(tmp_path: Path) -> None:
    digits = "0123456789abcdef"
    mine, fresh, old = (tmp_path / f"kernels-{digits[i:]}{digits[:i]}" for i in range(3))
    others = [tmp_path / "kernels-by-hand", tmp_path / "kernels", tmp_path / f"kernels-{digits[5:]}{digits[:5]}"]
    for folder in (mine, fresh, old, *others[:2]):
        (folder / "inside").mkdir(parents=True)
    others[2].touch()  # a file of that name can't be removed as a folder is
    month_ago = time.time() - UNUSED - 60
    for path in (mine, old, *others):
        os.utime(path, (month_ago, month_ago))
    tidy(mine)
    assert set(tmp_path.iterdir()) == {mine, fresh, *others}
    assert time.time() - mine.stat().st_mtime < 60, "it counts as used"
    tidy(tmp_path / "none" / "kernels-0")


def every_kernel() -> list[Kernel]:
    """Return all that numba compiles, those of factories too."""
    found = pkgutil.walk_packages(kernels.__path__, "kernels.")
    modules = (importlib.import_module(module.name) for module in found)
    values = (value for module in modules for value in vars(module).values())
    return list({id(value): value for value in values if isinstance(value, Kernel)}.values())


@pytest.mark.jit  # without it, there is nothing to link
def test_no_two_kernels_share_a_name() -> None:
    """The linker knows kernels by name and by a number that means another kernel in another process."""
    names = [(kernel.py_func.__module__, kernel.py_func.__qualname__) for kernel in every_kernel()]
    assert len(names) > 100
    assert len(set(names)) == len(names)


def kept_for(kernel: Kernel) -> Iterator[tuple[object, ...]]:
    """Yield the types of the parameters that any process has compiled a kernel for, as far as they are on disk."""
    for file in {file.name.split("-")[0]: file for file in Path(kernel.entry.stats.cache_path).glob("*.nbc")}.values():
        key, _ = pickle.loads(file.read_bytes())  # noqa: S301 -- our own kernels
        yield key[0]


def plain(part: object) -> object:
    """Return a type without what makes no difference to what is computed: that a number is written out, say."""
    part = unliteral(part)  # type: ignore[no-untyped-call] # numba has no types
    return part.copy(readonly=False) if isinstance(part, Array) else part


@pytest.mark.jit
@pytest.mark.parametrize("filters", [0, 2])
def test_nothing_is_compiled_twice(filters: int) -> None:
    artifact, features = trained(blobs(), TINY._replace(filters=filters)), blobs().features
    for rows in (features, features[:1]):
        rows.flags.writeable = False
        classifier(artifact)(rows)
    explainer(artifact)(features[0], 1)
    for kernel in every_kernel():
        if kernel.inside.targetoptions.get("forceinline"):
            continue  # a step of its callers, in which a number that is written out saves work
        for compiled in (kernel.inside.overloads, kept_for(kernel)):
            found = [tuple(map(plain, types)) for types in compiled]
            assert len(set(found)) == len(found), kernel.py_func.__qualname__
