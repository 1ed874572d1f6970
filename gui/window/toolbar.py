"""The row of buttons above the board."""

import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import ttk

from gui.board import LARGEST_PEN, SMALLEST_PEN
from gui.window.style import Look


class Toolbar(ttk.Frame):
    """Buttons, the eraser, the width of the pen, and whether to read live."""

    def __init__(self, master: tk.Misc, look: Look, actions: Mapping[str, Callable[[], None]], pen: float) -> None:
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
