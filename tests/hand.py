"""A hand with a mouse and a keyboard: it asks the X server for events, which then come to the window as a person's do.

This is the server's own extension for tests, XTEST. A library call takes microseconds, where a program would be started
for each movement, and nothing is left running if a test fails.
"""

import ctypes
import itertools

import pytest

WANTED = "the drawing board is tested with real events: install libxtst6 (apt-get install libxtst6)"
UPPER = "Shift_L"
NAMES = {
    "\n": "Return",
    "/": "slash",
    ".": "period",
    "-": "minus",
    "_": "underscore",
    "ctrl": "Control_L",
    "shift": UPPER,
}
SHIFTED = {"_"}


def _library(name: str) -> ctypes.CDLL:
    """Load a library of X's."""
    try:
        return ctypes.CDLL(name)
    except OSError:
        pytest.fail(WANTED)


class Hand:
    """A connection of its own to an X server."""

    def __init__(self, display: str) -> None:
        self._x, self._test = _library("libX11.so.6"), _library("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XOpenDisplay.argtypes = [ctypes.c_char_p]
        self._x.XStringToKeysym.restype = ctypes.c_ulong
        self._x.XStringToKeysym.argtypes = [ctypes.c_char_p]
        self._x.XKeysymToKeycode.restype = ctypes.c_ubyte
        self._x.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        opened = self._x.XOpenDisplay(display.encode())
        assert opened, f"no connection to the screen {display}"
        self._display = ctypes.c_void_p(opened)

    def move(self, x: int, y: int) -> None:
        """Move the mouse to a place on the screen."""
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, ctypes.c_ulong(0))
        self._x.XSync(self._display, 0)

    def hold(self, button: int, *, down: bool) -> None:
        """Press a button of the mouse, or let go of it."""
        self._test.XTestFakeButtonEvent(self._display, button, int(down), ctypes.c_ulong(0))
        self._x.XSync(self._display, 0)

    def press(self, keys: str) -> None:
        """Press keys together, such as `ctrl+z`, and let go of them."""
        codes = [self._code(key) for key in keys.split("+")]
        for code, down in itertools.chain(((code, 1) for code in codes), ((code, 0) for code in reversed(codes))):
            self._test.XTestFakeKeyEvent(self._display, code, down, ctypes.c_ulong(0))
        self._x.XSync(self._display, 0)

    def type(self, text: str) -> None:
        """Type letters, digits and what paths hold beside them."""
        for letter in text:
            self.press(f"shift+{letter}" if letter.isupper() or letter in SHIFTED else letter)

    def leave(self) -> None:
        """Close the connection."""
        self._x.XCloseDisplay(self._display)

    def _code(self, key: str) -> int:
        """Return the code of a key."""
        code = self._x.XKeysymToKeycode(self._display, self._x.XStringToKeysym(NAMES.get(key, key).encode()))
        assert code, f"no key {key!r}"
        return int(code)
