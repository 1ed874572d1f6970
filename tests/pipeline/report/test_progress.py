"""Progress: a line an epoch where nobody looks, a bar on a terminal, and nothing on stdout."""

import io

import pytest
from rich.console import Console

from pipeline.compiling import Progress
from pipeline.report.progress import compiling_progress, epoch_line, training_progress
from pipeline.types import EpochReport


def report(epoch: int, accuracy: float | None = 0.98123) -> EpochReport:
    return EpochReport(epoch, 0.05123, None if accuracy is None else 0.1, accuracy, 1e-3, 1.017)


def terminal(width: int = 100) -> tuple[io.StringIO, Console]:
    """Return what a terminal shows, and the console that writes to it."""
    screen = io.StringIO()
    return screen, Console(file=screen, force_terminal=True, force_interactive=True, width=width, color_system=None)


def test_a_line_says_how_an_epoch_went() -> None:
    assert epoch_line(report(3), 12) == "epoch 3/12  loss 0.0512  validation accuracy 98.12 %  1.02 s"
    assert epoch_line(report(3, None), 12) == "epoch 3/12  loss 0.0512  1.02 s"


def test_without_a_terminal_there_is_a_line_an_epoch_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with training_progress(3, 1000) as progress:
        progress.tick(1, 0.5)
        progress.epoch_ended((report(1),))
        progress.tick(2, 0.5)
        assert capsys.readouterr().err == epoch_line(report(1), 3) + "\n", "at once, not in the end"
        progress.epoch_ended((report(1), report(2)))
    output = capsys.readouterr()
    assert output.err == epoch_line(report(2), 3) + "\n"
    assert not output.out


def test_an_epoch_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with training_progress(3, 1000, done=1) as progress:
        progress.epoch_ended(())
        progress.epoch_ended((report(1),))
        progress.epoch_ended((report(1), report(2)))
        progress.epoch_ended((report(1), report(2)))
    assert capsys.readouterr().err.splitlines() == [epoch_line(report(2), 3)]


def test_a_long_line_is_not_broken() -> None:
    paper = io.StringIO()
    with training_progress(3, 1000, console=Console(file=paper, width=20)) as progress:
        progress.epoch_ended((report(1),))
    assert paper.getvalue() == epoch_line(report(1), 3) + "\n"


def test_a_terminal_shows_a_bar_that_fills() -> None:
    screen, console = terminal()
    with training_progress(2, 1000, console=console) as progress:
        progress.epoch_ended(())
        for epoch in (1, 2):
            for fraction in (0.0, 0.25, 0.5, 0.75):
                progress.tick(epoch, fraction)
            progress.epoch_ended(tuple(report(i + 1) for i in range(epoch)))
    last = screen.getvalue().splitlines()[-2]
    assert "epoch 2/2 ━━━" in last
    assert "loss 0.0512  validation 98.12 %" in last
    assert "images/s" in last
    assert "00:00" in last, "time left"
    assert "╺" not in last, "the bar is full"


def test_a_bar_tells_a_run_without_validation() -> None:
    screen, console = terminal()
    with training_progress(1, 1000, console=console) as progress:
        progress.epoch_ended((report(1, None),))
    assert "loss 0.0512" in screen.getvalue()
    assert "validation" not in screen.getvalue()


def test_a_resumed_run_begins_where_it_was() -> None:
    lengths = []
    for done in (0, 2, 4):
        screen, console = terminal()
        with training_progress(4, 1000, done=done, console=console):
            pass
        last = screen.getvalue().splitlines()[-2]
        assert f"epoch {done}/4" in last
        lengths.append(last.count("━"))
    assert lengths[0] == 0
    assert lengths[2] > 20
    assert lengths[1] == pytest.approx(lengths[2] / 2, abs=1)


def test_a_stop_in_mid_epoch_leaves_the_bar_where_it_is() -> None:
    screen, console = terminal(width=1000)
    with training_progress(2, 1000, console=console) as progress:
        progress.epoch_ended((report(1),))
        progress.tick(2, 0.8)
        progress.epoch_ended((report(1),))
    last = screen.getvalue().splitlines()[-2]
    assert "epoch 2/2" in last
    assert last.count("━") > 750, "nine tenths of the bar, which takes all but a hundred columns"


def test_workers_that_end_at_once_do_not_look_faster_than_they_are() -> None:
    screen, console = terminal()
    clock = [0.0]
    console.get_time = lambda: clock[0]  # rich asks the console
    with training_progress(20, 1000, done=1, ahead=3, console=console) as progress:
        for reached in (4, 8):
            clock[0] += 100  # four of them take so long for an epoch each
            for more in (1, 2, 3, 4, 4):
                progress.tick(reached + more, 1.0)
    last = screen.getvalue().splitlines()[-2]
    assert "epoch 12/20 ━━━" in last
    assert "40 images/s 03:2" in last, "eight epochs are left"


def test_compiling_is_told_at_each_quarter_with_why_and_for_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    with compiling_progress() as show:
        for done in range(1, 9):
            show(Progress(done, 8, 4.2 - done / 2))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "compiling kernels for this processor, which happens once: 1 of 8, about 4 s left"
    assert [line.split(": ")[1] for line in lines[1:]] == [
        "2 of 8, about 4 s left", "4 of 8, about 3 s left", "6 of 8, about 2 s left", "8 of 8, about 1 s left",
    ]  # fmt: skip


def test_on_a_terminal_compiling_is_a_bar_that_goes_away() -> None:
    screen, console = terminal()
    with compiling_progress(console) as show:
        show(Progress(2, 8, 5.0))
        show(Progress(3, 8, 4.2))
    assert "3 of 8, about 5 s left" in screen.getvalue()
    assert "\x1b[2K" in screen.getvalue(), "the line is erased"


def test_where_nothing_is_compiled_nothing_is_shown() -> None:
    for screen, console in (terminal(), (paper := io.StringIO(), Console(file=paper))):
        with compiling_progress(console):
            pass
        assert not screen.getvalue()
