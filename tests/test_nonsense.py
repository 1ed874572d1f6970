"""Every option of every command, given nonsense: an error or an answer, but no traceback and no "fault of Scrawl"."""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer

from cli import app, main
from pipeline.bench.data import work_for
from pipeline.bench.rows import bench_json
from pipeline.bench.run import Request
from pipeline.model.artifact import save_model
from pipeline.rules import shown
from pipeline.threads import using_threads
from pipeline.types import Json
from tests.digits import blobs, trained

GROUP = typer.main.get_command(app)
COMMANDS = dict(vars(GROUP)["commands"])
TRAIN = ["train", "--filters", "0", "--hidden", "4", "--epochs", "1", "--validation-fraction", "0", "--overwrite"]
BASES = {
    "prepare": ["prepare", "--train", "rows.csv", "--out", "other"],
    "train": [*TRAIN, "--no-augment", "--out", "run"],
    "sweep": ["sweep", "--config", "sweep.toml", "--overwrite", "--out", "sweep"],
    "evaluate": ["evaluate", "--model", "model.npz", "--worst", "1", "--sheet", "worst.png"],
    "predict": ["predict", "--model", "model.npz", "one.jsonl"],
    "augment": ["augment", "--sheet", "sheet.png"],
    "sketch": ["sketch", "--count", "1"],
    "export": ["export", "--model", "model.npz", "--out", "copy.npz", "--overwrite"],
    "bench": ["bench", "--runs", "1", "--rows", "1000"],
    "gui": ["gui"],
}
"""Commands that succeed in `folder`, to which nonsense is added."""
NONSENSE = [
    "", " ", "x", "-1", "0", "1.5", "nan", "inf", "-inf", "1e999", "9" * 400, "1_0", "[red]", "\udcff", "--", "0x1f",
    ".", "none/such/file", "odd.npz", "odd.npz/x", "empty", "empty.csv", "empty.jsonl", "y" * 300, "z" * 5000,
]  # fmt: skip
EVERY = int(os.environ.get("SCRAWL_NONSENSE", "12"))
"""Each option is given one in so many values, the next option those after them."""


def cases() -> Iterator[list[str]]:
    """Yield an option with a value, or an argument, for every command; not for switches, which take none."""
    takes = [
        (name, option.opts[-1:] if option.opts[0].startswith("-") else [])
        for name, command in COMMANDS.items()
        for option in command.params
        if not getattr(option, "is_flag", False)
    ]
    every = ([*BASES[name], *flag, value] for (name, flag), value in itertools.product(takes, NONSENSE))
    return itertools.islice(every, 0, None, EVERY)


@pytest.fixture
def folder(in_tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder in which every command of `BASES` succeeds, those that take long by a shorter way."""
    dataset = blobs(rows=60)
    rows = np.column_stack([dataset.labels, dataset.features])
    header = ",".join(["label", *(f"pixel{i}" for i in range(16))])
    np.savetxt(in_tmp_path / "rows.csv", rows, fmt="%d", delimiter=",", header=header, comments="")
    save_model(in_tmp_path / "model.npz", trained(dataset))
    (in_tmp_path / "one.jsonl").write_text(json.dumps({"strokes": [[[0, 0], [5, 9]]]}) + "\n")
    save_model(in_tmp_path / "odd.npz", trained(dataset))
    (in_tmp_path / "sweep.toml").write_text(
        "filters = 0\ndistortion = 0\nepochs = 1\nseed = [1]\n[sweep]\ntrials = 1\n"
    )
    for name in ("empty", "empty.csv", "empty.jsonl"):
        (in_tmp_path / name).write_bytes(b"")
    monkeypatch.setenv("SCRAWL_MIRRORS", "")
    monkeypatch.setattr("pipeline.bench.run.bench", briefly)
    monkeypatch.setattr("gui.window.app.run", lambda *_: 0)
    monkeypatch.setattr("gui.window.latency.measure", lambda *_: WAITS)
    assert main(["prepare", "--train", "rows.csv"]) == 0
    return in_tmp_path


WAITS = {"first_paint_s": 1, "first_answer_s": 1, "strokes": 1, "p50_ms": 1, "p99_ms": 1, "max_ms": 1}


def briefly(request: Request, _say: object) -> Json:
    """Do all that `bench` does but for measuring."""
    work_for(request.data, request.rows)
    with using_threads(request.threads) as threads:
        return bench_json([], threads, "nothing")


def test_nonsense_is_refused_or_answered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    for base in BASES.values():
        assert main(base) == 0, (base, capsys.readouterr().err)
    wrong = []
    for command in cases():
        capsys.readouterr()
        code = main(command)
        _, errors = capsys.readouterr()
        if code not in {0, 1, 2} or "fault of Scrawl" in errors or "Traceback" in errors or (code and not errors):
            wrong.append((code, command, errors))
    assert not wrong, "\n".join(f"{code} {shown(command)}: {errors[-300:]}" for code, command, errors in wrong)
