"""A run told as it goes: what it says, what it leaves behind, and how it can be stopped."""

import os
import signal
from pathlib import Path

import pytest

from pipeline.errors import ScrawlError, told
from pipeline.model.artifact import load_model
from pipeline.signals import Signalled
from pipeline.train.narrate import Stopped, train_to_the_end
from pipeline.train.run import MODEL, begin, resume
from tests.digits import TINY
from tests.pipeline.train.test_run import DATA

DATA_AT = ["--data", "data"]
OPTIONAL = {"write_curves": "curves.png", "_standings": "comparison"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_mid_epoch_stops_the_run_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def signalled(*_arguments: object) -> tuple[int, float]:
        os.kill(os.getpid(), number)
        return 1, 0.0

    said: list[str] = []
    monkeypatch.setattr("pipeline.train.narrate.progress_of", signalled)
    monkeypatch.setattr("pipeline.train.interruptible.TICK", 0.001)
    run = begin(tmp_path, DATA, TINY._replace(epochs=100_000), overwrite=False)
    assert train_to_the_end(run, DATA_AT, said.append) == Stopped(number)
    assert said[-2].startswith("stopped in epoch ")
    assert said[-2].endswith("; nothing is lost.")
    again = resume(tmp_path, DATA, None, None, {})
    assert f"stopped in epoch {again.state.epoch + 1}, after step {again.state.step};" in said[-2]


def test_early_stopping_says_which_epoch_it_kept(tmp_path: Path) -> None:
    said: list[str] = []
    run = begin(tmp_path, DATA, TINY._replace(epochs=200, patience=1, learning_rate=0.5), overwrite=False)
    result = train_to_the_end(run, DATA_AT, said.append)
    assert not isinstance(result, Stopped)
    assert 1 <= result["kept"] < len(result["epochs"]) < 200
    assert said[-1] == f"kept epoch {result['kept']}, the best of {len(result['epochs'])} by its validation loss"


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("error", [ScrawlError("no ink"), MemoryError(), ValueError("Key backend"), OSError("full")])
@pytest.mark.parametrize("what", ["write_curves", "_standings"])
def test_nothing_optional_fails_a_run_that_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, error: Exception
) -> None:
    def failing(_run: object) -> None:
        raise error

    said: list[str] = []
    monkeypatch.setattr(f"pipeline.train.narrate.{what}", failing)
    result = train_to_the_end(begin(tmp_path, DATA, TINY, overwrite=False), DATA_AT, said.append)
    assert not isinstance(result, Stopped)
    assert result["test"]["n"] == 60
    assert [line for line in said if line.startswith("note: no ")] == [f"note: no {OPTIONAL[what]}: {told(error)}"]
    assert load_model(tmp_path / MODEL).config == TINY


@pytest.mark.parametrize(
    ("error", "number"),
    [(KeyboardInterrupt(), signal.SIGINT), (Signalled(signal.SIGTERM), signal.SIGTERM)],
    ids=["Ctrl-C in a notebook", "a signal to the program"],
)
def test_a_signal_before_and_after_training_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, number: signal.Signals
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise error

    said: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.train.narrate.warm_up", interrupted)
        assert train_to_the_end(
            begin(tmp_path, DATA, TINY, overwrite=False), ["--data", "my data"], said.append
        ) == Stopped(number)
    command = f"Go on with: python cli.py train --resume --data 'my data' --out {tmp_path}"
    assert said[-2:] == ["nothing is lost.", command]
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.train.narrate.finish", interrupted)
        assert train_to_the_end(resume(tmp_path, DATA, None, None, {}), ["--data", "my data"], said.append) == Stopped(
            number
        )
    assert said[-2] == "nothing is lost."
    again = resume(tmp_path, DATA, None, None, {})
    assert len(again.state.history) == TINY.epochs
    result = train_to_the_end(again, ["--data", "my data"], said.append)
    assert not isinstance(result, Stopped)
    assert result["test"]["n"] == 60
    versions = load_model(tmp_path / MODEL).manifest["versions"]
    assert set(versions) == {"python", "numpy", "numba", "llvmlite", "pyarrow"}
