"""Every way in which input can be bad, as a user meets it: one clear error, exit code 1, and nothing lost.

The CSV faults come from `tests.bad_csv`, each with what the message must say; the others are listed here.
"""

import gzip
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import main
from tests.bad_csv import BAD_CSV, GOOD, BadCsv
from tests.places import run_with_room, unwritable

ROOT = Path(__file__).parents[1]


def outputs(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture
def earlier(in_tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return a working folder with the outputs of an earlier run."""
    (in_tmp_path / "good.csv").write_bytes(GOOD)
    assert main(["prepare", "--train", "good.csv", "--test", "good.csv"]) == 0
    capsys.readouterr()
    return in_tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that has to end with one error and exit code 1; return the error."""
    code = main(list(arguments))
    output, errors = capsys.readouterr()
    assert (code, output) == (1, ""), errors
    assert "Traceback" not in errors
    assert errors.startswith("error: ")
    return errors


@pytest.mark.parametrize("bad", BAD_CSV, ids=[bad.name for bad in BAD_CSV])
def test_a_bad_csv_is_named_and_nothing_is_lost(earlier: Path, capsys: pytest.CaptureFixture[str], bad: BadCsv) -> None:
    before = outputs(earlier / "artifacts")
    path = earlier / "in" / bad.filename
    path.parent.mkdir()
    bad.write(path)
    arguments = ["prepare", "--train", str(path)]
    if bad.train is not None:
        (earlier / "train.csv").write_bytes(bad.train)
        arguments = ["prepare", "--train", "train.csv", "--test", str(path)]
    if bad.label is not None:
        arguments += ["--label", bad.label]
    errors = refused(capsys, *arguments)
    for fragment in (bad.filename, *bad.fragments):
        assert fragment in errors
    assert [words for words in bad.absent if words in errors] == []
    assert outputs(earlier / "artifacts") == before


def idx(magic: int, sizes: tuple[int, ...], body: bytes) -> bytes:
    return struct.pack(f">I{len(sizes)}I", magic, *sizes) + body


IMAGES = idx(0x803, (3, 2, 2), bytes(range(12)))
LABELS = idx(0x801, (3,), bytes([0, 1, 2]))
NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
BAD_IDX: list[tuple[str, str, bytes, tuple[str, ...]]] = [
    ("magic number", NAMES[0], idx(0x801, (3, 2, 2), bytes(12)), ("magic", "2051", "2049")),
    ("fewer images", NAMES[0], IMAGES[:-1], ("expected", "found")),
    ("trailing bytes", NAMES[0], IMAGES + b"!", ("expected", "more")),
    ("counts", NAMES[1], idx(0x801, (2,), bytes([0, 1])), ("3", "2")),
    ("forged count", NAMES[0], idx(0x803, (2**31, 2, 2), bytes(12)), ("expected", "found")),
    ("empty", NAMES[0], b"", ("expected", "found")),
    ("junk", NAMES[0], b"\x89PNG\r\n" * 9, ("magic",)),
    ("cut gzip", NAMES[0] + ".gz", gzip.compress(IMAGES, mtime=0)[:-9], ("gz",)),
]


@pytest.mark.parametrize(
    ("name", "content", "fragments"), [case[1:] for case in BAD_IDX], ids=[case[0] for case in BAD_IDX]
)
def test_a_bad_idx_file_is_named_and_nothing_is_lost(
    earlier: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    fragments: tuple[str, ...],
) -> None:
    before = outputs(earlier / "artifacts")
    folder = earlier / "mnist"
    folder.mkdir()
    for position, good in enumerate(NAMES):
        (folder / good).write_bytes(LABELS if position % 2 else IMAGES)
    (folder / name.removesuffix(".gz")).unlink()
    (folder / name).write_bytes(content)
    monkeypatch.setenv("SCRAWL_MNIST", str(folder))
    errors = refused(capsys, "prepare", "--overwrite")
    for fragment in (name, *fragments):
        assert fragment in errors
    assert outputs(earlier / "artifacts") == before


RUN = """
import sys
sys.path.insert(0, {root!r})
from cli import main
code = main(["prepare", "--train", "good.csv", "--test", "good.csv", "--out", {out!r}])
print(code, sorted(path.name for path in __import__("pathlib").Path({disk!r}).iterdir()))
"""


def test_a_full_disk_is_named_and_leaves_no_litter(earlier: Path) -> None:
    disk = earlier / "disk"
    code = RUN.format(root=str(ROOT), out=str(disk / "data"), disk=str(disk))
    done = run_with_room(code, disk, kilobytes=4)
    assert done.stdout == "1 []\n", done.stderr
    assert "No space left on device" in done.stderr or "File too large" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_may_not_be_written_to_is_named(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = outputs(earlier / "artifacts")
    with unwritable() as locked:
        errors = refused(capsys, "prepare", "--train", "good.csv", "--test", "good.csv", "--out", str(locked / "data"))
    assert "can't be written" in errors
    assert outputs(earlier / "artifacts") == before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


def in_the_way(path: Path) -> None:
    path.unlink()
    path.mkdir()


# A flipped letter in a note of the manifest goes unnoticed: that file is there for people to read, and has no sum.
DAMAGES = [(name, damage) for name in ("arrays.npz", "manifest.json") for damage in (cut, empty, remove, in_the_way)]


@pytest.mark.parametrize(("name", "damage"), [*DAMAGES, ("arrays.npz", flip)])
def test_damaged_data_is_named_before_training(
    earlier: Path, capsys: pytest.CaptureFixture[str], name: str, damage: Callable[[Path], None]
) -> None:
    damage(earlier / "artifacts" / "data" / name)
    errors = refused(capsys, "train")
    assert "run `python cli.py prepare`" in errors
    assert not (earlier / "artifacts" / "model").exists()


@pytest.mark.xdist_group("filters")  # they have been compiled by then
def test_a_copy_of_the_outputs_is_as_good(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(earlier / "artifacts" / "data", earlier / "copy")
    assert main(["train", "--data", "copy", "--hidden", "4", "--epochs", "1", "--validation-fraction", "0"]) == 0
    capsys.readouterr()
