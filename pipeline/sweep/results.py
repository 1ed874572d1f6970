"""What a sweep leaves behind: a table of all trials, and the settings of the best one."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.config import config_to_json
from pipeline.report.tables import NOTHING, Whole, new_table, pairs, percent
from pipeline.sweep.space import Value
from pipeline.sweep.trial import COMPLETE, FAILED, PRUNED
from pipeline.types import Json, TrainConfig

SHOWN = 10
"""Trials in the table at the end: the best ones."""


class Trial(NamedTuple):
    """A trial that is over."""

    number: int  # from 0, in the order in which they began
    state: str  # "complete", "pruned" or "failed"
    accuracy: float | None  # on the validation rows; of a pruned one, after its last epoch; None if it failed
    parameters: dict[str, Value]
    epochs: int  # that were done
    seconds: float
    reason: str | None  # why it failed


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """Return the trial with the best accuracy, the first of several, of those that ran to their end."""
    complete = [trial for trial in trials if trial.state == COMPLETE]
    return max(complete, key=lambda trial: trial.accuracy or 0.0, default=None)


def counted(trials: Sequence[Trial], before: str = "") -> str:
    """Return how many trials ended how, such as "8 complete, 3 pruned", after a text; "" if there are none."""
    states = [trial.state for trial in trials]
    counts = ", ".join(f"{states.count(each)} {each}" for each in (COMPLETE, PRUNED, FAILED) if each in states)
    return counts and before + counts


def described(parameters: Mapping[str, Value]) -> str:
    """Return values for people, such as "hidden 128, learning_rate 0.00312"."""
    return ", ".join(f"{name} {shortly(value)}" for name, value in parameters.items())


def shortly(value: Value) -> str:
    """Return a value in three digits, or as it is if it is no fraction."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def trials_parquet(trials: Sequence[Trial], fields: Sequence[str]) -> bytes:
    """Return trials as Parquet: a row each, a column for each of the fields that were searched."""
    kinds = {int: pa.int64(), float: pa.float64()}
    searched = [(name, kinds.get(type(TrainConfig._field_defaults[name]), pa.string())) for name in fields]
    schema = pa.schema([
        ("number", pa.int32()), ("state", pa.string()), ("validation_accuracy", pa.float64()), *searched,
        ("epochs_done", pa.int32()), ("seconds", pa.float64()), ("reason", pa.string()),
    ])  # fmt: skip
    rows = [
        {name: value for name, value in trial_to_json(trial).items() if name != "parameters"} | trial.parameters
        for trial in trials
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink, write_page_checksum=True)
    return sink.getvalue()


def trial_to_json(trial: Trial) -> Json:
    """Return a trial for programs."""
    number, state, accuracy, parameters, epochs, seconds, reason = trial
    return {
        "number": number, "state": state, "validation_accuracy": accuracy, "parameters": parameters,
        "epochs_done": epochs, "seconds": seconds, "reason": reason,
    }  # fmt: skip


def best_toml(config: TrainConfig, best: Trial, trials: int) -> bytes:
    """Return the settings of the best trial as `train --config` takes them: all of them, so that no preset matters."""
    accuracy = percent(best.accuracy or 0.0)
    head = f"# Trial {best.number}, the best of {trials}: {accuracy} of the validation rows right.\n"
    fields = config_to_json(config).items()
    return (head + "".join(f"{name} = {_toml(value)}\n" for name, value in fields)).encode()


def sweep_json(out: Path, trials: Sequence[Trial], files: Sequence[str], seconds: float) -> Json:
    """Return what `sweep` prints as JSON; `files` are those that it has left in the folder."""
    best = best_of(trials)
    return {
        "out": str(out),
        "best": best and trial_to_json(best),
        "trials": [trial_to_json(trial) for trial in trials],
        "files": list(files),
        "seconds": seconds,
    }


def sweep_table(document: Json) -> RenderableType:
    """Return what a sweep has found, from what it prints as JSON."""
    trials = [Trial(*trial.values()) for trial in document["trials"]]
    complete = sorted((trial for trial in trials if trial.state == COMPLETE), key=_worse_last)[:SHOWN]
    table = new_table("trial", "validation accuracy", *complete[0].parameters, "epochs", "time")
    for trial in complete:
        values = map(shortly, trial.parameters.values())
        table.add_row(
            str(trial.number), percent(trial.accuracy or 0.0), *values, str(trial.epochs), f"{trial.seconds:.1f} s"
        )
    best = document["best"]
    return Group(
        Text(f"The best {len(complete)} of {len(trials)} trials ({counted(trials)})", "bold"),
        Whole(table),
        pairs(
            ("best", f"trial {best['number']}, {percent(best['validation_accuracy'])} of the validation rows"),
            ("time", f"{document['seconds']:.1f} s"),
            ("in", document["out"]),
            ("files", ", ".join(document["files"]) or NOTHING),
            ("train by", f"python cli.py train --config {Path(document['out']) / 'best.toml'}"),
        ),
    )


def _worse_last(trial: Trial) -> tuple[float, int]:
    """Return by what trials are put in order: the best first, of equals the one that came first."""
    return -(trial.accuracy or 0.0), trial.number


def _toml(value: Any) -> str:  # noqa: ANN401 -- a field's value
    """Return a value as TOML: numbers, texts and lists of numbers are the same in JSON."""
    return json.dumps(value, allow_nan=False)
