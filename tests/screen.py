"""A screen that nobody looks at, and a window on it: Xvfb, and the events of `tests.hand`."""

import contextlib
import functools
import os
import shutil
import subprocess
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gui.window.app import App
from tests.hand import Hand

SERVERS: list[subprocess.Popen[bytes]] = []
HANDS: list[Hand] = []
KEPT: list["Bench"] = []
"""Closed windows. Tk's objects must be freed by the thread that made them, but the collector of garbage runs in any."""


@functools.cache
def virtual_screen(size: str = "1280x800", dpi: int = 96) -> str:
    """Run a virtual screen of its own; return the name of its display.

    Tk keeps its connection for as long as the process lives, and ends the process if the screen goes first. So the
    screen waits for the process's end, and ends with its last connection: the one that is made here at the latest.
    """
    if shutil.which("Xvfb") is None:
        pytest.fail("the drawing board is tested on a virtual screen: install Xvfb (apt-get install xvfb libxtst6)")
    reader, writer = os.pipe()
    command = ["Xvfb", "-terminate", "-displayfd", str(writer), "-screen", "0", f"{size}x24", "-dpi", str(dpi)]
    command += ["-nolisten", "tcp"]
    quiet = subprocess.DEVNULL  # and a pipe that the tests write to must not wait for the screen's end
    SERVERS.append(subprocess.Popen(command, pass_fds=[writer], stdout=quiet, stderr=quiet))
    os.close(writer)
    with os.fdopen(reader) as number:
        display = f":{number.readline().strip()}"
    HANDS.append(Hand(display))
    return display


@contextlib.contextmanager
def window(display: str, model: Path | None, folder: Path) -> Iterator["Bench"]:
    """Open a window; close it in any case, for Tk ends the process of one whose screen is gone."""
    bench = Bench(display, model, folder)
    try:
        bench.root.update()
        bench.root.focus_force()
        bench.wait_for(bench.idle, 300)  # kernels may have to be compiled
        yield bench
    finally:
        bench.close()


class Bench:
    """A window under test, and what a person does to it: every event comes from the X server."""

    def __init__(self, display: str, model: Path | None, folder: Path) -> None:
        self.hand = Hand(display)
        self.root = tk.Tk(screenName=display, className="Scrawl")
        self.app = App(self.root, model, folder, lambda _: None)

    def close(self) -> None:
        """Close the window and end its worker."""
        self.app.close()
        KEPT.append(self)
        self.hand.leave()

    def idle(self) -> bool:
        """Tell whether nothing is under way."""
        return self.app.worker.pending == 0

    def wait_for(self, condition: Callable[[], bool], timeout: float = 120.0) -> None:
        """Let the window live until something holds."""
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, f"nothing came of it in {timeout} s; the window says {self.status!r}"
            self.root.update()
            time.sleep(0.001)

    def settle(self) -> None:
        """Let the window live until all that was done to it has come to an end."""
        for _ in range(3):  # what the server was asked for may still be on its way
            time.sleep(0.002)
            self.root.update()
        self.wait_for(self.idle)

    def place_of(self, widget: tk.Misc, x: float, y: float) -> tuple[int, int]:
        """Return where a point of a widget is on the screen."""
        return round(widget.winfo_rootx() + x), round(widget.winfo_rooty() + y)

    def draw(self, *lines: tuple[tuple[float, float], ...], button: int = 1, pause: float = 0.002) -> None:
        """Draw strokes on the board, with so many seconds between two events."""
        for line in lines:
            self.pen_down(line[0], button)
            for point in line[1:]:
                self.move_to(point, pause)
            self.hand.hold(button, down=False)
            self.root.update()
        self.settle()

    def sweep(self, line: tuple[tuple[float, float], ...], button: int) -> None:
        """Draw or erase at once, and wait for nothing."""
        for place in line:
            self.hand.move(*self.place_of(self.app.layout.sheet, *place))
            if place is line[0]:
                self.hand.hold(button, down=True)
            self.root.update()
        self.hand.hold(button, down=False)
        self.root.update()

    def pen_down(self, point: tuple[float, float], button: int = 1) -> None:
        """Press a button of the mouse at a place of the board."""
        self.hand.move(*self.place_of(self.app.layout.sheet, *point))
        self.hand.hold(button, down=True)
        self.root.update()

    def move_to(self, point: tuple[float, float], pause: float = 0.002) -> None:
        """Move the mouse to a place of the board."""
        self.hand.move(*self.place_of(self.app.layout.sheet, *point))
        time.sleep(pause)
        self.root.update()

    def click(self, widget: tk.Misc, x: float | None = None, y: float | None = None) -> None:
        """Click into a widget: in its middle, or where it is said."""
        middle = widget.winfo_width() / 2, widget.winfo_height() / 2
        self.hand.move(*self.place_of(widget, middle[0] if x is None else x, middle[1] if y is None else y))
        self.hand.hold(1, down=True)
        self.hand.hold(1, down=False)
        self.settle()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.hand.press(key)
            self.settle()

    def push(self, name: str) -> None:
        """Push a button of the toolbar."""
        self.click(self.app.layout.toolbar.buttons[name])

    def switch(self, name: str) -> None:
        """Turn a switch of the toolbar."""
        self.click(self.app.layout.toolbar.switches[name], x=12)

    @property
    def headline(self) -> str:
        """What the window says in large type."""
        return str(self.app.layout.answer.headline.cget("text"))

    @property
    def detail(self) -> str:
        """What it says below that."""
        return str(self.app.layout.answer.detail.cget("text"))

    @property
    def status(self) -> str:
        """What it says below the board."""
        return str(self.app.layout.status.cget("text"))
