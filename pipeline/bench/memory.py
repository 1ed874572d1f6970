"""What the commands take of memory and time on more and more rows, each in a process of its own."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.bench.processes import ROOT, Say, died
from pipeline.errors import ScrawlError
from pipeline.files import make_folder
from pipeline.types import Json

ROOM = "200MB"
"""What rows may take in memory, for commands that ask."""
FOLDER = Path("artifacts/bench")
"""Where the rows are made: a system's temporary files may lie in memory."""
PARTS = 16, 4, 1
"""Of all rows a sixteenth, a quarter, and all."""
PIXELS = 784
CHUNK = 8192
"""Rows that are made at a time."""
MOST_WHOLE = 500_000
"""Rows up to which they are also learned as they are where all fit, and answered from a CSV file: it takes more than
twice as much of the disk as they do."""
SMALL = "--filters=0", "--hidden=30,20", "--distortion=0", "--batch-size=128"
"""Options of a network that is quick to learn, so that reading rows counts."""


class Taken(NamedTuple):
    """What a command took."""

    rows: int  # training rows; there are a tenth as many test rows
    command: str
    peak: int  # bytes of its memory that were in use at the same time: the largest resident set
    seconds: float  # from the start of the process to its end


def measure_memory(rows: int, say: Say) -> Json:
    """Return what commands take on up to so many made-up images; it needs twice their size on the disk.

    Raises ScrawlError if a command fails, or the system does not tell how much memory a process took; OutputError if
    the rows can't be written.
    """
    if not hasattr(os, "wait4"):
        raise ScrawlError("bench --memory: this system does not tell what a process took. Run it on Linux or macOS.")
    make_folder(FOLDER)
    found = list[Taken]()
    for part in PARTS:
        with tempfile.TemporaryDirectory(prefix=".memory-", dir=FOLDER) as folder:
            for taken in _measured(Path(folder), max(rows // part, 100)):
                found.append(taken)
                say(f"{taken.rows:,} rows: {taken.command} took {taken.peak / 1e6:,.0f} MB and {taken.seconds:.1f} s")
    return {"row_bytes": PIXELS, "memory": ROOM, "taken": [taken._asdict() for taken in found]}


def _measured(folder: Path, rows: int) -> Iterator[Taken]:
    """Yield what each command takes on rows that are made for it."""
    for name, count in (("train", rows), ("t10k", rows // 10)):
        _write_idx(folder, name, count)
    data, model = folder / "data", folder / "run" / "model.npz"
    shared = f"--data={data}", "--epochs=1", "--no-remember", "--overwrite", "--json"
    out = f"--out={folder / 'run'}"
    whole = ("train, all in memory", [*shared, *SMALL, out, "--memory=1TB"])
    commands = [
        ("prepare", [f"--out={data}", "--json"]),
        (f"train --memory {ROOM}", [*shared, *SMALL, out, f"--memory={ROOM}"]),
        ("evaluate --split train", [f"--data={data}", f"--model={model}", "--split=train"]),
    ]
    if rows <= MOST_WHOLE:
        # Not here: what the process that starts a command has taken itself, the system adds to the command's.
        writing = multiprocessing.get_context("spawn").Process(target=write_csv, args=(folder,))
        writing.start()
        writing.join()
        if writing.exitcode:
            raise ScrawlError(f"bench --memory: {folder / 'rows.csv'} can't be written; is there room on the disk?")
        commands += [whole, ("predict", [str(folder / "rows.csv"), f"--model={model}"])]
    for command, options in commands:
        yield _taken(rows, command, options, folder)


def _write_idx(folder: Path, name: str, count: int) -> None:
    """Write made-up images and their labels: ten blots in a fifth of the pixels, with noise in it."""
    random = np.random.default_rng(count)
    blots = random.random((10, PIXELS)) < 0.2  # noqa: PLR2004 -- as many pixels as have ink in MNIST
    labels = random.integers(0, 10, count).astype(np.uint8)
    header = np.array([0x803, count, 28, 28], ">u4").tobytes()
    with (folder / f"{name}-images-idx3-ubyte").open("wb") as file:
        file.write(header)
        for start in range(0, count, CHUNK):
            part = labels[start : start + CHUNK]
            noise = random.integers(0, 256, (part.size, PIXELS), np.uint8)
            file.write((noise * blots[part]).tobytes())
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(np.array([0x801, count], ">u4").tobytes() + labels.tobytes())


def write_csv(folder: Path) -> None:
    """Write the training rows that were made, without their labels, to `rows.csv`."""
    import pyarrow as pa  # noqa: PLC0415 -- in a process of its own
    from pyarrow import csv  # noqa: PLC0415

    rows = np.memmap(folder / "train-images-idx3-ubyte", np.uint8, "r", 16).reshape(-1, PIXELS)
    schema = pa.schema([(f"pixel{i}", pa.uint8()) for i in range(PIXELS)])
    with csv.CSVWriter(folder / "rows.csv", schema) as writer:
        for start in range(0, len(rows), CHUNK):
            columns = np.ascontiguousarray(rows[start : start + CHUNK].T)
            writer.write_batch(pa.record_batch(list(columns), schema=schema))


def _taken(rows: int, command: str, options: list[str], folder: Path) -> Taken:
    """Run a command to its end, and return what it took."""
    name, environ = command.split(maxsplit=1)[0].rstrip(","), os.environ | {"SCRAWL_MNIST": str(folder)}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 -- our own program, by our own interpreter
            [sys.executable, str(ROOT / "cli.py"), name, *options], env=environ, stdout=said, stderr=said
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise ScrawlError(f"bench --memory: {command}: {died(process.returncode, said.read())}")
    return Taken(rows, command, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024), seconds)
