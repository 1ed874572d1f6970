"""Colours, fonts and sizes: as the system has them where it has its own, and readable on any screen."""

import contextlib
import ctypes
import sys
import tkinter as tk
from tkinter import font, ttk
from typing import NamedTuple

PAPER, INK = "#ffffff", "#111418"
GROUND, TEXT, MUTED = "#f3f4f6", "#1b1f24", "#4f5863"
ACCENT, REST, UNSURE, FAULT = "#1a5fb4", "#a9b4c2", "#8a4b00", "#a4161a"
LINE = "#c9ced6"
BASE_DPI = 96.0


class Look(NamedTuple):
    """What widgets must know to look alike."""

    unit: float  # screen pixels to one pixel of an ordinary screen
    text: font.Font
    strong: font.Font
    large: font.Font

    def px(self, pixels: float) -> int:
        """Return a length on this screen."""
        return round(pixels * self.unit)


def tell_system() -> None:
    """Ask Windows for real pixels: without that it enlarges the window as a blurred picture."""
    if sys.platform == "win32":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.windll.shcore.SetProcessDpiAwareness(1)


def dressed(root: tk.Tk) -> Look:
    """Set up theme, colours and fonts; return what the widgets need of them."""
    unit = max(root.winfo_fpixels("1i") / BASE_DPI, 1.0)
    root.tk.call("tk", "scaling", unit * BASE_DPI / 72)
    text = font.nametofont("TkDefaultFont", root)
    if root.tk.call("tk", "windowingsystem") == "x11":
        text.configure(size=10)
    family = text.actual("family")
    strong = font.Font(root, family=family, size=text.actual("size"), weight="bold")
    large = font.Font(root, family=family, size=44, weight="bold")
    look = Look(unit, text, strong, large)
    style = ttk.Style(root)
    if style.theme_use() in {"default", "classic", "alt", "clam"}:
        _colour(style, look)
    root.configure(background=GROUND)
    return look


def _colour(style: ttk.Style, look: Look) -> None:
    """Make something light and flat of Tk's own theme, where there is no system's."""
    style.theme_use("clam")
    style.configure(".", background=GROUND, foreground=TEXT, font=look.text, bordercolor=LINE, focuscolor=ACCENT)
    style.configure("TButton", background=PAPER, relief="flat", padding=look.px(4), lightcolor=PAPER, darkcolor=PAPER)
    style.configure("TButton", width=0)
    style.map("TButton", background=[("disabled", GROUND), ("pressed", LINE), ("active", "#e6eefb")])
    style.map("TButton", foreground=[("disabled", MUTED)], bordercolor=[("focus", ACCENT)])
    style.configure("Main.TButton", background=ACCENT, foreground=PAPER, font=look.strong)
    style.configure("Main.TButton", lightcolor=ACCENT, darkcolor=ACCENT)
    style.map("Main.TButton", background=[("disabled", MUTED), ("pressed", "#123f78"), ("active", "#174f96")])
    style.map("Main.TButton", foreground=[("disabled", PAPER)])
    for name in ("TCheckbutton", "Toggle.TCheckbutton"):
        style.configure(name, indicatormargin=look.px(4), indicatorsize=look.px(12))
        style.map(name, background=[("active", GROUND)], indicatorcolor=[("selected", ACCENT), ("", PAPER)])
    style.configure("Horizontal.TScale", troughcolor=LINE, background=ACCENT, lightcolor=ACCENT, darkcolor=ACCENT)
    style.configure("Muted.TLabel", foreground=MUTED)
    style.configure("Link.TLabel", foreground=ACCENT)
