"""How a sweep is shown as it goes."""

import io
import itertools

import pytest
from rich.console import Console

from pipeline.sweep.progress import Running, Snapshot, snapshot_table, sweep_progress, trial_line
from tests.pipeline.report.test_progress import terminal
from tests.pipeline.sweep.test_results import TRIALS


def test_a_line_says_how_a_trial_ended() -> None:
    first, pruned, failed = TRIALS[:3]
    snapshot = Snapshot(9, TRIALS[:1], {}, None)
    assert trial_line(first, snapshot) == (
        "trial 0 (1 of 9): 95.00 %, the best so far; 5 epochs, 1.5 s; hidden 30,20, learning_rate 0.00312, epochs 5"
    )
    assert trial_line(first, snapshot._replace(done=TRIALS)).startswith("trial 0 (5 of 9): 95.00 %; 5 epochs, ")
    assert trial_line(pruned._replace(epochs=1), snapshot).startswith("trial 1 (1 of 9): pruned at 99.00 %; 1 epoch, ")
    assert trial_line(failed, snapshot).startswith("trial 3 (1 of 9): failed, diverged in epoch 1; 0 epochs, ")


def test_without_a_terminal_there_is_a_line_a_trial_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with sweep_progress(9, TRIALS[:1]) as progress:
        progress.began(1, Running({}, 9))
        progress.epoch_ended(1, 1, 0.5)
        assert not capsys.readouterr().err
        progress.ended(TRIALS[1])
        output = capsys.readouterr()
    assert output.err == trial_line(TRIALS[1], Snapshot(9, TRIALS[:2], {}, None)) + "\n"
    assert not output.out


@pytest.mark.parametrize(
    ("seconds", "left"),
    [(None, "–"), (5.4, "about 5 s"), (150.0, "about 2 min"), (9000.0, "about 2.5 h")],  # noqa: RUF001 -- a dash
)
def test_a_table_says_where_it_stands(seconds: float | None, left: str) -> None:
    screen = io.StringIO()
    running = {7: Running({"epochs": 5}, 5), 6: Running({"epochs": 9}, 9, 3, 0.5)}
    Console(file=screen, width=100).print(snapshot_table(Snapshot(9, TRIALS, running, seconds)))
    assert [" ".join(line.split()) for line in screen.getvalue().splitlines()] == [
        "trials 5 of 9: 3 complete, 1 pruned, 1 failed",
        "best so far 97.00 %, trial 4: hidden 64, learning_rate 0.002, epochs 7",
        "trial 6 epoch 3 of 9, 50.00 %: epochs 9",
        "trial 7 epoch 0 of 5: epochs 5",
        f"time left {left}",
    ]


def test_on_a_terminal_the_table_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0.0, 10.0)
    monkeypatch.setattr("pipeline.sweep.progress.monotonic", lambda: next(clock))
    screen, console = terminal()
    with sweep_progress(3, (), console) as progress:
        progress.began(0, Running(TRIALS[0].parameters, 5))
        progress.epoch_ended(0, 4, 0.9)
        progress.ended(TRIALS[0])
        progress.began(1, Running(TRIALS[1].parameters, 9))
    shown = screen.getvalue()
    assert "1 of 3: 1 complete" in shown
    assert "95.00 %, trial 0" in shown
    assert "epoch 0 of 9" in shown
    assert "time left    about" in shown
