"""What a sweep leaves behind."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from pipeline.config import combined
from pipeline.report.tables import show
from pipeline.sweep.results import (
    Trial,
    best_of,
    best_toml,
    counted,
    described,
    sweep_json,
    sweep_table,
    trials_parquet,
)
from pipeline.types import TrainConfig

FIELDS = ("hidden", "learning_rate", "epochs")
TRIALS = (
    Trial(0, "complete", 0.95, {"hidden": "30,20", "learning_rate": 0.00312345, "epochs": 5}, 5, 1.5, None),
    Trial(1, "pruned", 0.99, {"hidden": "none", "learning_rate": 0.1, "epochs": 9}, 2, 0.5, None),
    Trial(3, "failed", None, {"hidden": "none", "learning_rate": 1.0, "epochs": 9}, 0, 0.25, "diverged in epoch 1"),
    Trial(4, "complete", 0.97, {"hidden": "64", "learning_rate": 0.002, "epochs": 7}, 7, 2.5, None),
    Trial(5, "complete", 0.97, {"hidden": "32", "learning_rate": 0.002, "epochs": 7}, 7, 2.5, None),
)


def test_the_best_is_the_first_of_those_that_ran_to_their_end() -> None:
    assert best_of(TRIALS) == TRIALS[3]
    assert best_of(TRIALS[1:3]) is None


def test_trials_are_counted_by_how_they_ended() -> None:
    assert counted(TRIALS, ": ") == ": 3 complete, 1 pruned, 1 failed"
    assert counted(TRIALS[:1]) == "1 complete"
    assert not counted((), ": ")


def test_values_are_shown_in_three_digits() -> None:
    assert described(TRIALS[0].parameters) == "hidden 30,20, learning_rate 0.00312, epochs 5"


def test_all_trials_are_a_table() -> None:
    table = pq.read_table(io.BytesIO(trials_parquet(TRIALS, FIELDS)))
    assert table.schema == pa.schema([
        ("number", pa.int32()), ("state", pa.string()), ("validation_accuracy", pa.float64()), ("hidden", pa.string()),
        ("learning_rate", pa.float64()), ("epochs", pa.int64()), ("epochs_done", pa.int32()),
        ("seconds", pa.float64()), ("reason", pa.string()),
    ])  # fmt: skip
    assert [tuple(row.values()) for row in table.to_pylist()[1:3]] == [
        (1, "pruned", 0.99, "none", 0.1, 9, 2, 0.5, None),
        (3, "failed", None, "none", 1.0, 9, 0, 0.25, "diverged in epoch 1"),
    ]


def test_the_best_settings_are_read_as_they_were(tmp_path: Path) -> None:
    for config in (
        TrainConfig(hidden=(), learning_rate=1e-05, validation_fraction=1 / 12, momentum=0.1 + 0.2, seed=7),
        TrainConfig(filters=4, hidden=(30, 20), activation="tanh", optimizer="nesterov", distortion=0),
    ):
        path = tmp_path / "best.toml"
        path.write_bytes(best_toml(config, TRIALS[3], 5))
        assert combined(None, path, {}).config == config
    assert path.read_text(encoding="utf-8").startswith(
        "# Trial 4, the best of 5: 97.00 % of the validation rows right.\n"
    )


def test_a_sweep_is_told_to_programs_and_people() -> None:
    document = sweep_json(Path("sweep"), TRIALS, ["trials.parquet", "best.toml"], 12.3)
    assert document["best"]["number"] == 4
    assert document["best"]["parameters"] == {"hidden": "64", "learning_rate": 0.002, "epochs": 7}
    assert [trial["state"] for trial in document["trials"]] == [trial.state for trial in TRIALS]
    screen = io.StringIO()
    show(sweep_table(document), Console(file=screen, width=100))
    assert screen.getvalue().startswith("The best 3 of 5 trials (3 complete, 1 pruned, 1 failed)\n")
    lines = [line.split() for line in screen.getvalue().splitlines()]
    assert [line[0] for line in lines if line[1:2] == ["97.00"] or line[1:2] == ["95.00"]] == ["4", "5", "0"]
    assert "sweep --config" not in screen.getvalue()
    assert f"python cli.py train --config {Path('sweep', 'best.toml')}" in screen.getvalue()
    assert sweep_json(Path("sweep"), TRIALS[1:3], [], 1.0)["best"] is None
