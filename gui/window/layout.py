"""Where the widgets of the window are, and which keys do what."""

import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import TYPE_CHECKING, NamedTuple

from gui.board import LARGEST_PEN, SMALLEST_PEN
from gui.window.answer import Answer
from gui.window.canvas import Sheet
from gui.window.style import FAULT, MUTED, Look
from pipeline.words import line

if TYPE_CHECKING:
    from gui.window.app import App

Actions = Mapping[str, Callable[[], None]]

WIDTH, HEIGHT = 940, 560  # pixels, of an ordinary screen
SMALLEST = 760, 460
TASKBAR = 40  # what may cover the edge of a screen
KEYS = {
    "<Return>": "Read", "<KP_Enter>": "Read", "<Escape>": "Clear", "<Control-z>": "Undo", "<Control-y>": "Redo",
    "<Control-Shift-Z>": "Redo", "<Control-o>": "Open", "<Control-s>": "Save", "<Control-g>": "Gallery",
    "<Control-i>": "View", "<Control-e>": "Why", "<Control-m>": "Model", "<Left>": "Left", "<Right>": "Right",
}  # fmt: skip


class Toolbar(ttk.Frame):
    """Buttons, the eraser, the width of the pen, and whether to read live."""

    def __init__(self, master: tk.Misc, look: Look, actions: Actions, pen: float) -> None:
        super().__init__(master)
        self.live = tk.BooleanVar(self, value=True)
        self.eraser = tk.BooleanVar(self, value=False)
        self.pen = tk.DoubleVar(self, value=pen)
        self.buttons: dict[str, ttk.Button] = {}
        self.switches: dict[str, ttk.Checkbutton] = {}
        for name in ("Read", "Undo", "Redo", "Clear"):
            self._button(name, look, actions[name])
        self._toggle("Eraser", look, self.eraser, actions["Eraser"])
        ttk.Label(self, text="Pen").pack(side="left", padx=(look.px(8), look.px(4)))
        ttk.Scale(
            self, from_=SMALLEST_PEN, to=LARGEST_PEN, variable=self.pen, length=look.px(80),
            command=lambda _: actions["Pen"](),
        ).pack(side="left")  # fmt: skip
        self._toggle("Live", look, self.live, actions["Live"])
        for name in ("Open", "Save", "Gallery", "Model"):
            self._button(name, look, actions[name])

    def enable(self, name: str, *, possible: bool) -> None:
        """Make a button one that can be pressed, or not."""
        self.buttons[name].state(["!disabled" if possible else "disabled"])

    def _button(self, name: str, look: Look, action: Callable[[], None]) -> None:
        """Add a button."""
        style = "Main.TButton" if name == "Read" else "TButton"
        button = ttk.Button(self, text=name, style=style, command=action)
        button.pack(side="left", padx=(0, look.px(5)))
        self.buttons[name] = button

    def _toggle(self, name: str, look: Look, variable: tk.BooleanVar, action: Callable[[], None]) -> None:
        """Add a switch."""
        switch = ttk.Checkbutton(self, text=name, variable=variable, command=action)
        switch.pack(side="left", padx=look.px(8))
        self.switches[name] = switch


class Layout(NamedTuple):
    """The widgets that change."""

    root: tk.Tk
    look: Look
    toolbar: Toolbar
    sheet: Sheet
    answer: Answer
    status: ttk.Label
    model: ttk.Label

    def tell(self, sentence: str, colour: str = MUTED) -> None:
        """Say something below the board, on as many lines as it takes."""
        width = max(self.root.winfo_width() - self.look.px(24), self.look.px(SMALLEST[0] - 24))
        self.status.configure(text=line(sentence), foreground=colour, wraplength=width)

    def tell_fault(self, error: object) -> None:
        """Say below the board what went wrong."""
        self.tell(str(error), FAULT)


def lay_out(root: tk.Tk, look: Look, actions: Actions, app: "App") -> Layout:
    """Make the widgets and put them in their places."""
    frame = ttk.Frame(root, padding=look.px(10))
    frame.pack(fill="both", expand=True)
    toolbar = Toolbar(frame, look, actions, app.board.pen)
    sheet, answer = Sheet(frame, look, app.turn, app.resized), Answer(frame, look, app.teach, actions)
    status, model = ttk.Label(frame, style="Muted.TLabel"), ttk.Label(frame, style="Muted.TLabel")
    toolbar.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, look.px(8)))
    sheet.grid(row=1, column=0, sticky="nsew")
    answer.grid(row=1, column=1, sticky="nsew", padx=(look.px(14), 0))
    status.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(look.px(6), 0))
    model.grid(row=3, column=0, columnspan=2, sticky="ew")
    frame.columnconfigure(0, weight=1)
    frame.rowconfigure(1, weight=1)
    _size(root, look)
    return Layout(root, look, toolbar, sheet, answer, status, model)


def bind_keys(root: tk.Tk, actions: Actions, typed: Callable[["tk.Event[tk.Misc]"], None]) -> None:
    """Tie keys to what they do; all others go to `typed`."""
    for key, name in KEYS.items():
        root.bind(key, lambda _, action=actions[name]: action())  # type: ignore[misc] # a default binds it
    root.bind("<Key>", typed)


def _size(root: tk.Tk, look: Look) -> None:
    """Give the window a size that its screen has room for."""
    room = root.winfo_screenwidth(), root.winfo_screenheight() - look.px(TASKBAR)
    width, height = min(look.px(WIDTH), room[0]), min(look.px(HEIGHT), room[1])
    root.geometry(f"{width}x{height}")
    root.minsize(min(look.px(SMALLEST[0]), width), min(look.px(SMALLEST[1]), height))
