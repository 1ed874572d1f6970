"""The meter: a bar on a terminal, silence elsewhere, and an end to what never ends."""

import io
import sys

import pytest

from pipeline.prepare.sources.meter import Meter


def use(meter: Meter) -> None:
    """Call a meter as pooch does."""
    meter.total = 100
    meter.update(64)
    meter.update(64)  # pooch counts whole chunks
    meter.reset()
    meter.update(100)
    meter.close()


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    use(Meter("digits.gz", 200))
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    use(Meter("digits.gz", 200))
    assert "digits.gz" in terminal.getvalue()
    assert "100/100 bytes" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_a_limit() -> None:
    meter = Meter("digits.gz", 200)
    meter.update(200)
    with pytest.raises(ValueError, match="more than 200 bytes"):
        meter.update(1)
    meter.close()


def test_nobody_counts_for_those_who_have_left() -> None:
    meter = Meter("digits.gz", 200)
    meter.update(100)
    meter.close()
    with pytest.raises(ValueError, match="it took too long"):
        meter.update(1)
    meter.reset()
    assert meter.arrived == 101
    assert meter.seconds >= 0
