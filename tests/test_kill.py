"""Runs that are killed at random moments and gone on with lead to the very bytes of a run that is left in peace."""

import os
import random
import signal
import subprocess
import sys
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from cli import main
from tests.digits import blobs
from tests.forks import FORKS

pytestmark = pytest.mark.xdist_group("kills")  # one process trains in peace
ROOT = Path(__file__).parents[1]
KILLS = 6
STARTS = 10 * KILLS
"""Of runs to be killed, at most: some are quicker than their killer."""
PATIENCE = 300.0
"""Seconds after which a run of one second does not end any more."""
# Small layers, which one thread computes: processes that are forked, as here, can't use the threads of OpenMP.
OPTIONS = ["--filters=2", "--hidden=48", "--batch-size=4", "--epochs=25", "--patience=20", "--seed=3"]


class Peace(NamedTuple):
    """What becomes of a run that is left in peace."""

    model: bytes
    seconds: float  # that it takes


def run_quietly(arguments: list[str]) -> None:
    """Run a command in a process of its own, and end that with the command's exit code."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    sys.exit(main(arguments))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare rows that keep a small network busy for about a second."""
    folder = tmp_path_factory.mktemp("kill")
    dataset = blobs(rows=2400)
    rows = np.column_stack([dataset.labels, dataset.features])
    header = ",".join(["label", *(f"pixel{i}" for i in range(16))])
    np.savetxt(folder / "rows.csv", rows, fmt="%d", delimiter=",", header=header, comments="")
    assert main(["prepare", "--train", str(folder / "rows.csv"), "--out", str(folder / "data")]) == 0
    return folder / "data"


def arguments_for(data: Path, out: Path) -> list[str]:
    """Return the command that trains from the start, or goes on with what is in `out`."""
    again = ["--resume"] if (out / "checkpoint.npz").exists() else OPTIONS
    return ["train", "--data", str(data), "--out", str(out), *again]


def start(data: Path, out: Path) -> ForkServerProcess:
    process = FORKS.Process(target=run_quietly, args=(arguments_for(data, out),))
    process.start()
    return process


def ended(process: ForkServerProcess) -> int:
    """Return the exit code of a process that is about to end."""
    process.join(PATIENCE)
    assert process.exitcode is not None, "it does not end"
    return process.exitcode


def finish(data: Path, out: Path) -> float:
    """Train to the end; return the seconds that it took."""
    began = time.monotonic()
    assert ended(start(data, out)) == 0
    return time.monotonic() - began


def model_of(folder: Path) -> bytes:
    return (folder / "model.npz").read_bytes()


@pytest.fixture(scope="module")
def peace(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Peace:
    """Train in peace."""
    folder = tmp_path_factory.mktemp("peace")
    finish(data, folder / "warm")  # compiles, if nobody has yet: the next run shows the usual pace
    seconds = finish(data, folder / "run")
    return Peace(model_of(folder / "run"), seconds)


@pytest.mark.long
def test_killed_runs_go_on_to_the_same_bytes(data: Path, peace: Peace, tmp_path: Path) -> None:
    whole = peace.seconds
    chance = random.Random(11)  # noqa: S311 -- not for secrets
    kills, out = 0, tmp_path / "run0"
    for _ in range(STARTS):
        began = time.monotonic()
        process = start(data, out)
        process.join(chance.uniform(0.05, 0.8) * whole)
        if process.is_alive():
            process.kill()
        else:  # quicker than the run that was left in peace: then that was no measure, and would never be met
            whole = min(whole, time.monotonic() - began)
        kills += ended(process) == -signal.SIGKILL
        if kills == KILLS:
            break
        if (out / "model.npz").exists():  # it was quicker, or the kill met the very end
            finish(data, out)
            assert model_of(out) == peace.model
            out = tmp_path / f"run{kills}"
    assert kills == KILLS
    finish(data, out)
    assert model_of(out) == peace.model
    assert not list(tmp_path.rglob(".*.tmp")), "going on has swept up what the kills left half written"


@pytest.mark.usefixtures("peace")  # what it takes has been compiled
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_a_checkpoint_and_is_told_how_to_go_on(
    data: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out = tmp_path / "stopped"
    process = subprocess.Popen(
        [sys.executable, "cli.py", *arguments_for(data, out), "--epochs=4000", "--json"],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr
    errors = ""
    while "epoch 1/" not in errors and process.poll() is None:
        errors += process.stderr.readline()
    process.send_signal(number)
    output, rest = process.communicate(timeout=PATIENCE)
    errors += rest
    assert (process.returncode, output) == (code, ""), errors
    assert "stopped in epoch" in errors
    assert "nothing is lost" in errors
    assert f"--resume --data {data} --out {out}" in errors
    assert "Traceback" not in errors


def test_a_stopped_run_goes_on_to_the_same_bytes(data: Path, peace: Peace, tmp_path: Path) -> None:
    for attempt in range(4):
        process = start(data, tmp_path / "stopped")
        time.sleep(peace.seconds * (0.3 + 0.1 * attempt))
        if process.pid and process.is_alive():
            os.kill(process.pid, signal.SIGTERM)
        ended(process)
    finish(data, tmp_path / "stopped")
    assert model_of(tmp_path / "stopped") == peace.model
