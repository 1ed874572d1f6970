"""Ctrl-C and SIGTERM end a command in order, whatever it is at."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli import main
from pipeline import signals
from pipeline.signals import SAID, Signalled, code_of_signal, end_on_signals, ignore_signals
from tests.mirror import mirror

pytestmark = pytest.mark.usefixtures("attentive")

ROOT = Path(__file__).parents[2]
PATIENCE = 300.0
BOTH = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


def ended(process: subprocess.Popen[str], number: signal.Signals, code: int) -> None:
    """Wait for the end of a command that has been sent a signal: it has to say one thing and no more."""
    output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output, errors) == (code, "", SAID[number].decode())


def started(arguments: list[str], **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )  # fmt: skip


@BOTH
@pytest.mark.parametrize(
    ("entrance", "package"),
    [(["cli.py", "--help"], "typer"), (["cli.py", "predict", "none.png"], "numpy"), (["-m", "gui"], "tkinter")],
    ids=["cli", "command", "board"],
)
def test_a_signal_during_an_import_ends_it(
    tmp_path: Path, entrance: list[str], package: str, number: signal.Signals, code: int
) -> None:
    (tmp_path / f"{package}.py").write_text(f"import os, time; os.kill(os.getpid(), {number:d}); time.sleep(60)")
    ended(started(entrance, PYTHONPATH=str(tmp_path)), number, code)


@BOTH
def test_a_signal_during_a_download_leaves_nothing_behind(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with mirror({}) as server:
        out, data = tmp_path / "out", tmp_path / "data"
        arguments = ["cli.py", "prepare", "--out", str(out), "--data", str(data)]
        process = started(arguments, SCRAWL_MIRRORS=server.url("stalled"), SCRAWL_MNIST="")
        while not server.asked and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)
        ended(process, number, code)
    assert not [path for folder in (out, data) for path in folder.rglob("*") if path.is_file() and path.stat().st_size]


DROPPED = """
import os, signal, time
from pipeline.signals import end_on_signals
end_on_signals()
class Finalizer:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
Finalizer()
time.sleep(60)
"""


def test_a_signal_in_a_finalizer_is_not_lost() -> None:
    ended(started(["-c", DROPPED]), signal.SIGTERM, 143)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have this process end on signals while a test runs."""
    monkeypatch.setattr(signals, "_HEARD", [])
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    before = {number: signal.getsignal(number) for number in SAID}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@BOTH
@pytest.mark.usefixtures("listening")
def test_what_happens_after_a_signal_comes_of_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], number: signal.Signals, code: int
) -> None:
    def failing(*_: object, **__: object) -> None:
        """Fail as code in C does that goes on without what the signal has kept from being done."""
        with pytest.raises(Signalled) as raised:
            signal.raise_signal(number)
        assert (raised.value.code, raised.value.signal) == (code, number)
        raise AttributeError("partially initialized module")

    end_on_signals()
    assert code_of_signal() == 0
    monkeypatch.setattr("cli._command", lambda _: failing)
    assert main([]) == code
    assert main([]) == code
    assert capfd.readouterr().err == SAID[number].decode(), "once is enough"


@pytest.mark.usefixtures("listening")
def test_without_stderr_a_signal_ends_it_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    end_on_signals()
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(Signalled):
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.usefixtures("listening")
def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as nohup and shells do for what runs in the background
    end_on_signals()
    signal.raise_signal(signal.SIGINT)
    assert code_of_signal() == 0
    ignore_signals()
    signal.raise_signal(signal.SIGTERM)
    assert code_of_signal() == 0


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("system", ["one that wakes threads", "one that does not"])
def test_what_is_dropped_is_raised_again_if_it_is_a_signal(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    if "not" in system:
        monkeypatch.delattr(signal, "pthread_kill", raising=False)
    others: list[object] = []
    monkeypatch.setattr(sys, "__unraisablehook__", others.append)
    end_on_signals()
    fault = SimpleNamespace(exc_value=ValueError())
    sys.unraisablehook(fault)
    assert others == [fault]
    with pytest.raises(Signalled):  # noqa: PT012 -- it is raised while somebody waits
        sys.unraisablehook(SimpleNamespace(exc_value=Signalled(signal.SIGTERM)))
        for _ in range(1000):
            time.sleep(0.01)
    assert others == [fault]
