"""A sweep from its file to what it leaves behind."""

import importlib.util
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.config import combined
from pipeline.errors import ArtifactError, ConfigError, OutputError, ScrawlError
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.sweep.plots import draw_sweep
from pipeline.sweep.request import SweepRequest
from pipeline.sweep.run import run_sweep
from pipeline.sweep.study import Study
from pipeline.train.adapt import suited
from pipeline.train.narrate import Stopped
from pipeline.train.request import TrainRequest, opened
from pipeline.types import Json

Toml = Callable[..., Path]
Ask = Callable[..., SweepRequest]

SPACE = "hidden = [[4], [8]]\nlearning_rate = { low = 1e-4, high = 1e-1, log = true }\n"


@pytest.fixture
def ask(tmp_path: Path, data: Path, toml: Toml) -> Ask:
    """Return what makes requests."""
    return lambda text=SPACE, **more: SweepRequest(tmp_path / "sweep", data, toml(text), **{"trials": 3, **more})


def finished(request: SweepRequest, said: list[str] | None = None) -> Json:
    result = run_sweep(request, (said if said is not None else []).append)
    assert not isinstance(result, Stopped)
    return result


def trials_in(folder: Path) -> list[Json]:
    table = pq.read_table(folder / "trials.parquet")
    return list(table.drop_columns(["seconds", "number"]).to_pylist())


def test_a_sweep_leaves_its_trials_and_the_best_settings(ask: Ask, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sweep.run.draw_sweep", draw_sweep)
    request = ask()
    document = finished(request)
    assert document["files"] == ["trials.parquet", "best.toml", "sweep.png"]
    assert (request.folder / "sweep.png").read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in request.folder.iterdir() if path.name[0] != "."} == {
        "trials.journal", *document["files"],
    }  # fmt: skip
    rows = pq.read_table(request.folder / "trials.parquet").to_pylist()
    assert [row["number"] for row in rows] == [0, 1, 2]
    best = max(rows, key=lambda row: row["validation_accuracy"])
    assert document["best"]["number"] == best["number"]
    asked, train_rows = combined(None, request.folder / "best.toml", {}), load_arrays(data).train
    assert asked.config == suited(asked, train_rows)
    assert (",".join(map(str, asked.config.hidden)), asked.config.learning_rate) == (
        best["hidden"],
        best["learning_rate"],
    )
    assert (asked.config.epochs, asked.config.batch_size, asked.config.validation_fraction) == (3, 16, 0.2)


def test_the_best_settings_train_to_the_accuracy_that_they_had(ask: Ask, data: Path, tmp_path: Path) -> None:
    request = ask()
    document = finished(request)
    best = TrainRequest(tmp_path / "run", data, None, request.folder / "best.toml", {}, resume=False, overwrite=False)
    with opened(best) as run:
        from kernels.network.epoch import new_stop_token  # noqa: PLC0415 -- beside what it is for
        from pipeline.train.loop import train  # noqa: PLC0415

        *_, last = train(run.state, run.training_set, run.config, new_stop_token())
    assert last.history[-1].validation_accuracy == document["best"]["validation_accuracy"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sweep_that_is_stopped_goes_on_to_the_same_trials(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    whole = ask(trials=4)._replace(folder=tmp_path / "whole")
    finished(whole)
    request, said, heard = ask(trials=4), list[str](), list[int]()

    def killed(study: Study, trial: object, epoch: int, accuracy: float) -> bool:
        heard.append(epoch)
        if len(heard) == 5:  # in the second trial
            os.kill(os.getpid(), number)
        return bool(really(study, trial, epoch, accuracy))  # type: ignore[arg-type] # Optuna's

    from pipeline.sweep.study import report as really  # noqa: PLC0415 -- beside what replaces it

    monkeypatch.setattr("pipeline.sweep.study.report", killed)
    assert run_sweep(request, said.append) == Stopped(number)
    assert said[0] == "stopped after 1 of 4 trials; none of them is lost."
    again = f"python cli.py sweep --resume --config {request.config} --trials 4 --data {request.data} --out "
    assert said[1] == f"Go on with: {again}{request.folder}"
    assert len(trials_in(request.folder)) == 1, "what there is so far can be used"
    finished(request._replace(resume=True))
    assert trials_in(request.folder) == trials_in(whole.folder)


def test_ctrl_c_outside_of_training_is_heard(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    said: list[str] = []
    monkeypatch.setattr("pipeline.sweep.run.warm_up", interrupted)
    request = ask()
    assert run_sweep(request, said.append) == Stopped(signal.SIGINT)
    assert said[0] == "stopped after 0 of 3 trials; none of them is lost."
    assert not (request.folder / "trials.parquet").exists()


def test_rows_that_do_not_fit_are_shuffled_some_at_a_time(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    whole = finished(ask(trials=1))
    document = finished(ask(trials=2, memory=2000, overwrite=True), said)
    assert said[0].startswith("note: the 60 rows are read from their file, 41 at a time, ")
    assert "shuffle_buffer = 41" in (ask().folder / "best.toml").read_text(encoding="utf-8")
    assert document["trials"][0]["parameters"] == whole["trials"][0]["parameters"]
    monkeypatch.setattr("pipeline.sweep.run.budget", lambda: 10**9)
    finished(ask(trials=3, resume=True), said)
    assert said[-1] == said[0], "how much there is when it goes on has no say"


def test_more_trials_can_be_added(ask: Ask) -> None:
    finished(ask(trials=2))
    before = trials_in(ask().folder)
    assert len(finished(ask(trials=4, resume=True))["trials"]) == 4
    assert trials_in(ask().folder)[:2] == before
    assert len(finished(ask(trials=1, resume=True))["trials"]) == 4, "none is thrown away"


@pytest.mark.filterwarnings("ignore:.*encountered")  # by NumPy, in what compiled code does in silence
def test_trials_that_diverge_have_failed(ask: Ask) -> None:
    space = 'optimizer = "sgd"\nlearning_rate = [0.01, 1e30]\n[sweep]\nsampler = "grid"\n'
    document = finished(ask(space, trials=2))
    assert [trial["state"] for trial in document["trials"]] == ["complete", "failed"]
    request = ask(space.replace("0.01", "1e31"), trials=2, overwrite=True)
    with pytest.raises(ScrawlError, match=r"none of 2 trials ran to its end; of the last it is known: diverged in ep"):
        run_sweep(request, lambda _: None)
    assert [row["state"] for row in trials_in(request.folder)] == ["failed", "failed"]
    assert not (request.folder / "best.toml").exists(), "the old sweep's are not this one's"
    assert not (request.folder / "sweep.png").exists()


def test_without_matplotlib_a_sweep_is_whole(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sweep.run.draw_sweep", draw_sweep)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said: list[str] = []
    document = finished(ask(trials=1), said)
    assert document["files"] == ["trials.parquet", "best.toml"]
    assert said == ["note: no sweep.png: Drawing needs matplotlib, which is not installed: pip install '.[report]'."]


def test_without_optuna_one_sentence_says_so(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    request = ask()
    with pytest.raises(ScrawlError, match=r"A sweep needs optuna, which is not installed: pip install '.\[sweep\]'"):
        run_sweep(request, lambda _: None)
    assert not request.folder.exists()


def test_what_contradicts_itself_or_the_data_is_told_before_any_work(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--resume and --overwrite: expected one of them"):
        run_sweep(ask(resume=True, overwrite=True), lambda _: None)
    with pytest.raises(ArtifactError, match="no prepared data in"):
        run_sweep(ask()._replace(data=tmp_path / "none"), lambda _: None)
    random = np.random.default_rng(0)
    rows = np.column_stack([np.arange(60) % 2, random.normal(size=(60, 3))])
    np.savetxt(tmp_path / "table.csv", rows, delimiter=",", header="label,a,b,c", comments="")
    prepare(PrepareRequest(out=tmp_path / "table", train=tmp_path / "table.csv"))
    request = ask("filters = [0, 3]\n")._replace(data=tmp_path / "table")
    request.config.write_text("filters = [0, 3]\nepochs = 2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="filters: expected images to look at"):
        run_sweep(request, lambda _: None)
    assert not request.folder.exists()


def test_a_disk_that_fills_up_is_told(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("optuna.trial.Trial.report", full)
    request = ask()
    with pytest.raises(OutputError, match=r"trials\.journal: the trials can't be kept there: No space left on device"):
        run_sweep(request, lambda _: None)


def test_the_example_sweeps(ask: Ask) -> None:
    """The file of the documents, with fewer epochs on fewer rows."""
    from tests.markdown import ROOT  # noqa: PLC0415 -- for this alone

    request = ask()
    text = (ROOT / "docs" / "sweep.toml").read_text(encoding="utf-8")
    assert "epochs = 12\n" in text
    request.config.write_text(text.replace("epochs = 12\n", "epochs = 1\n"), encoding="utf-8")
    assert len(finished(request._replace(trials=2))["trials"]) == 2
