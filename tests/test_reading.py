"""Whatever file a person names: if it is a pipe or a device without an end, that is said at once."""

import ast
import contextlib
import io
import json
import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_type_hints

import pytest

from cli import app, main
from gui.jobs import load, open_file
from pipeline.errors import ScrawlError
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.sources.idx import find_idx
from tests.conftest import ROOT
from tests.digits import blobs
from tests.forks import FORKS
from tests.tables import idx_files, write_csv, write_files

PATIENCE = 300.0
ROOM = 4 << 30
"""Bytes of memory that a child may take beyond what it has: to read without end must not harm others."""
MODEL = str(ROOT / "artifacts" / "pretrained" / "digits.npz")
WRITTEN = {("prepare", "out"), ("train", "out"), ("evaluate", "sheet"), ("augment", "sheet"), ("sketch", "out")}
WRITTEN |= {("export", "out"), ("bench", "plot"), ("sweep", "out"), ("predict", "save")}
TEXTS = {("prepare", "train"), ("prepare", "test")}
"""What may be a path, a pattern or a URL, and so is a text."""
SWEEP = str(ROOT / "docs" / "sweep.toml")
FOLDERS = {
    ("prepare", "data"): [["prepare", "--data", "{}"]],
    ("train", "data"): [["train", "--data", "{}"], ["train", "--data", "{}", "--drawn"]],
    ("evaluate", "data"): [["evaluate", "--model", MODEL, "--data", "{}"]],
    ("sweep", "data"): [["sweep", "--config", SWEEP, "--data", "{}"]],
    ("augment", "data"): [["augment", "--sheet", "sheet.png", "--data", "{}"]],
    ("bench", "data"): [["bench", "--data", "{}"]],
}
"""Commands that take a folder of prepared data, or of files to prepare."""
ENDINGS = "csv", "zip", "png", "jsonl", "unipen", "inkml"
FILES = {
    ("prepare", "train"): [["prepare", "--train", "{}.csv"], ["prepare", "--train", "{}.csv.gz"]],
    ("prepare", "test"): [["prepare", "--train", "rows.csv", "--test", "{}.csv"]],
    ("prepare", "strokes"): [["prepare", "--drawn", "--out", "data", "--strokes", "{}.jsonl"]],
    ("train", "start"): [["train", "--from", "{}.npz"]],
    ("train", "config"): [["train", "--config", "{}.toml"]],
    ("sweep", "config"): [["sweep", "--config", "{}.toml"]],
    ("evaluate", "more"): [["evaluate", "--model", MODEL, "--strokes", "good.jsonl", "{}.jsonl"]],
    ("evaluate", "model"): [["evaluate", "--data", "data", "--model", "{}.npz"]],
    ("evaluate", "strokes"): [["evaluate", "--model", MODEL, "--strokes", "{}.jsonl"]],
    ("predict", "inputs"): [["predict", "--model", MODEL, f"{{}}.{end}"] for end in ENDINGS],
    ("predict", "model"): [["predict", "--model", "{}.npz", "rows.csv"]],
    ("export", "model"): [["export", "--model", "{}.npz", "--out", "copy.npz"]],
    ("bench", "show"): [["bench", "--show", "{}.json"]],
    ("gui", "model"): [["board", "model", "{}.npz"], ["board", "open", "{}.jsonl"], ["board", "open", "{}.png"]],
}
"""Commands that take a file; what the board opens is opened without its window."""


def test_every_path_is_tried() -> None:
    paths = {
        (command.callback.__name__, name)
        for command in app.registered_commands
        if command.callback
        for name, kind in get_type_hints(command.callback).items()
        if "Path" in str(kind)
    }
    assert paths | TEXTS == WRITTEN | FOLDERS.keys() | FILES.keys()


class Try(NamedTuple):
    """A command, and the file that it must name."""

    arguments: list[str]
    named: str


def trap(path: Path, kind: str) -> None:
    """Put a pipe, or a link to a device without end, in a file's place."""
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")


def tries(kind: str) -> Iterator[Try]:
    """Yield what to try, with a trap in its place."""
    for command in (command for commands in FILES.values() for command in commands):
        for name in (each.format("trap") for each in command if "{}" in each):
            trap(Path(name), kind)
            yield Try([each.format("trap") for each in command], name)
    # What `prepare` looks for in a folder must be a plain file, or else it looks on.
    for command in (command for commands in FOLDERS.values() for command in commands if command[0] != "prepare"):
        for name in ("manifest.json", "drawn.parquet" if "--drawn" in command else "arrays.npz"):
            yield Try([each.format(trapped(name, kind)) for each in command], name)
    yield Try(
        ["prepare", "--drawn", "--strokes", "good.jsonl", "--out", trapped("train.parquet", kind)], "train.parquet"
    )


def trapped(name: str, kind: str) -> str:
    """Return a copy of the prepared folder with a trap in it."""
    folder = Path(tempfile.mkdtemp(dir=".")) / "data"
    shutil.copytree("data", folder)
    (folder / "drawn.parquet").touch()
    trap(folder / name, kind)
    return str(folder)


def run(arguments: list[str]) -> int:
    """Run a command, or do what the board does."""
    if arguments[0] != "board":
        return main(arguments)
    _, do, name = arguments
    try:
        load(Path(name), Path()) if do == "model" else open_file(Path(name), (100, 100), None)
    except ScrawlError as error:
        print(error)  # noqa: T201 -- as the board would
        return error.exit_code
    return 0


def try_all(kind: str, folder: Path) -> None:
    """Try everything in a folder, by a process that may not take much memory; report line by line what came of it."""
    os.chdir(folder)
    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    with Path("report").open("w", encoding="utf-8") as lines:
        for arguments, named in tries(kind):
            print(json.dumps([arguments, named]), end="", file=lines, flush=True)
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                code = run(arguments)
            print(f"\t{json.dumps([code, said.getvalue()])}", file=lines, flush=True)


@pytest.mark.parametrize(("kind", "found"), [("pipe", "a pipe (FIFO)"), ("endless", "a device")])
def test_pipes_and_endless_devices_are_refused_at_once(tmp_path: Path, kind: str, found: str) -> None:
    dataset = blobs()
    rows = write_csv(tmp_path / "rows.csv", dataset.features, dataset.labels)
    prepare(PrepareRequest(tmp_path / "data", rows), {})
    (tmp_path / "good.jsonl").write_text('{"strokes": [[[0, 0], [3, 8], [9, 9]]], "label": 1}\n', encoding="utf-8")
    process = FORKS.Process(target=try_all, args=(kind, tmp_path))
    process.start()
    process.join(PATIENCE)
    process.kill()
    process.join()
    lines = (tmp_path / "report").read_text(encoding="utf-8").splitlines()
    assert process.exitcode == 0, f"it hangs, or died, at {lines[-1]}"
    assert len(lines) > 25
    for line in lines:
        (_, named), (code, said) = (json.loads(part) for part in line.split("\t"))
        assert code in {1, 2}, line
        assert named in said, line
        assert f"expected a plain file, found {found}" in said, line
        assert "Traceback" not in said
        assert "fault of Scrawl" not in said


def test_what_is_found_in_a_folder_is_a_plain_file(tmp_path: Path) -> None:
    write_files(tmp_path, idx_files())
    trap(tmp_path / "train-images-idx3-ubyte.gz", "pipe")
    assert "train-images" not in find_idx(tmp_path)


READERS = {"read_bytes", "read_text", "open", "load"}
OWN = {"compiling.py", "files.py", "locks.py", "worker.py", "processes.py", "machine.py", "parts.py"}
"""Modules that open files for others, or read what they have written, or the system."""
OTHERS = {"archive.open", "gzip.open", "Image.open", "os.open", "picture.load"}


@pytest.mark.parametrize("path", sorted((ROOT / "pipeline").rglob("*.py")), ids=lambda path: path.name)
def test_files_are_opened_by_one_function(path: Path) -> None:
    """Find calls that would wait for a pipe, or read on and on; writing has functions of its own."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if path.name not in OWN and isinstance(node, ast.Call):
            name, call = ast.unparse(node.func), ast.unparse(node)
            opens = name.rpartition(".")[2] in READERS and name not in OTHERS and "'wb'" not in call
            assert not opens or "np.load(file" in call, f"{call}: read what open_plain of pipeline.files has opened"
