"""Ctrl-C and a polite kill end the program in order, wherever it is: one line, no traceback, its own exit code."""

import contextlib
import os
import signal
import sys
import threading
from types import FrameType

SIGNALLED = 128
"""With a signal's number added: what a shell reports for a program that a signal ended."""
SAID = {signal.SIGINT: b"interrupted\n", signal.SIGTERM: b"terminated\n"}

_HEARD: list[int] = []


class Signalled(SystemExit):
    """A signal asks the program to end.

    Whatever has to be tidied up on the way out is; where nobody catches it, it is the exit code. Tk lets it pass, too.
    """

    def __init__(self, number: int) -> None:
        super().__init__(SIGNALLED + number)
        self.signal = number


def end_on_signals() -> None:
    """Have signals raise `Signalled` in the main thread; those that are ignored, by nohup say, stay so."""
    for number in SAID:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    sys.unraisablehook = _raise_again


def ignore_signals() -> None:
    """Let no signal change what the program has come to, now that there is only the interpreter to take down."""
    for number in SAID:
        signal.signal(number, signal.SIG_IGN)


def code_of_signal() -> int:
    """Return the exit code of the first signal; 0 if there was none.

    Code in C may drop what a signal has raised, and go on until it fails for want of what was not done: pyarrow's
    import of pandas does. Whatever comes to pass after a signal comes of the signal.
    """
    return SIGNALLED + _HEARD[0] if _HEARD else 0


def _end(number: int, _frame: FrameType | None) -> None:
    """Say so, past all buffers, which the main thread may be in the middle of; and end."""
    if number not in _HEARD:
        with contextlib.suppress(AttributeError, OSError, ValueError):  # there may be no stderr, or a full one
            os.write(sys.stderr.fileno(), SAID[signal.Signals(number)])
    _HEARD.append(number)
    raise Signalled(number)


def _raise_again(lost: "sys.UnraisableHookArgs") -> None:
    """Send a signal once more that came where Python drops what is raised: in a finalizer, while it imports."""
    if isinstance(lost.exc_value, Signalled):
        threading.Timer(0.01, _send, [lost.exc_value.signal]).start()
    else:
        sys.__unraisablehook__(lost)


def _send(number: int) -> None:
    """Send a signal to the main thread, and wake it where the system can."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:  # Windows
        signal.raise_signal(number)
