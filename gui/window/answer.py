"""The answer: in large type, as bars, and beside it the image that the network was shown."""

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from tkinter import ttk

from gui.window.images import change, grey, photo
from gui.window.style import ACCENT, GROUND, LINE, MUTED, PAPER, REST, TEXT, UNSURE, Look
from pipeline.words import MAX_NAME, line

COLOURS = {"answer": TEXT, "unsure": UNSURE, "none": UNSURE, "nothing": MUTED}
VIEW = 112  # pixels, of an ordinary screen


class Answer(ttk.Frame):
    """Headline, details, bars and the network's view, one below the other."""

    def __init__(
        self, master: tk.Misc, look: Look, teach: Callable[[int], None], on_click: Mapping[str, Callable[[], None]]
    ) -> None:
        super().__init__(master)
        self._look = look
        self.headline = tk.Label(self, font=look.large, background=GROUND, foreground=MUTED, anchor="w")
        self.detail = ttk.Label(self, style="Muted.TLabel", anchor="nw", wraplength=look.px(270), justify="left")
        self.bars = Bars(self, look, teach)
        below = ttk.Frame(self)
        self.view = tk.Label(below, background="black", borderwidth=0, cursor="hand2")
        self.view.bind("<Button-1>", lambda _: on_click["View"]())
        self._blank = grey(bytes(28 * 28), (28, 28), self.zoom_for(28))
        self._photo = photo(self, self._blank)
        self.view.configure(image=self._photo)
        hint, why = "What the network\nsees: click it (or\nCtrl+I) to enlarge.", "Why this answer?\n(Ctrl+E)"
        about = ttk.Label(below, style="Muted.TLabel", justify="left", text=hint)
        self.why = ttk.Label(below, style="Link.TLabel", cursor="hand2", justify="left", text=why)
        self.why.bind("<Button-1>", lambda _: on_click["Why"]())
        self.headline.grid(row=0, column=0, sticky="ew")
        self.detail.grid(row=1, column=0, sticky="ew")
        self.bars.grid(row=2, column=0, sticky="nsew", pady=look.px(6))
        below.grid(row=3, column=0, sticky="ew")
        self.view.grid(row=0, column=0, rowspan=2)
        about.grid(row=0, column=1, sticky="nw", padx=look.px(10))
        self.why.grid(row=1, column=1, sticky="sw", padx=look.px(10))
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        self.rowconfigure(1, minsize=look.px(34))

    def zoom_for(self, side: int) -> int:
        """Return how many screen pixels to show for a pixel of an image of so many a side."""
        return max(self._look.px(VIEW) // side, 1)

    def say(self, headline: str, detail: str, kind: str) -> None:
        """Show an answer in words."""
        self.headline.configure(text=headline, foreground=COLOURS[kind])
        self.detail.configure(text=detail)

    def show(self, pixels: bytes | None, shape: tuple[int, int]) -> None:
        """Show the image that the network was given; None for none."""
        change(self._photo, self._blank if pixels is None else grey(pixels, shape, self.zoom_for(max(shape))))


class Bars(tk.Canvas):
    """A bar for each class; a click on one says that it is the right answer."""

    def __init__(self, master: tk.Misc, look: Look, teach: Callable[[int], None]) -> None:
        super().__init__(
            master, background=GROUND, highlightthickness=0, cursor="hand2", takefocus=False,
            width=look.px(270), height=look.px(200),
        )  # fmt: skip
        self._look = look
        self._names: tuple[str, ...] = tuple("0123456789")
        self._shares: Sequence[float] | None = None
        self.bind("<Configure>", lambda _: self._draw())
        self.bind("<Button-1>", lambda event: teach(self.row_at(event.y)))

    def show(self, names: tuple[str, ...], shares: Sequence[float] | None) -> None:
        """Show probabilities; None for none."""
        self._names, self._shares = names, shares
        self._draw()

    def row_at(self, y: int) -> int:
        """Return the class whose bar is at a height."""
        return min(max(y * len(self._names) // max(self.winfo_height(), 1), 0), len(self._names) - 1)

    def _draw(self) -> None:
        """Draw all bars anew."""
        self.delete("all")
        px = self._look.px
        left, right, step = px(24), self.winfo_width() - px(66), self.winfo_height() / len(self._names)
        best = -1 if self._shares is None else max(range(len(self._shares)), key=self._shares.__getitem__)
        for row, name in enumerate(self._names):
            y, thick = (row + 0.5) * step, min(step * 0.55, px(14))
            font, colour = (self._look.strong, ACCENT) if row == best else (self._look.text, TEXT)
            self.create_text(px(4), y, text=line(name, MAX_NAME), anchor="w", font=font, fill=colour)
            self.create_rectangle(left, y - thick / 2, right, y + thick / 2, fill=PAPER, outline=LINE)
            if self._shares is None:
                continue
            end = left + (right - left) * self._shares[row]
            bar = ACCENT if row == best else REST
            self.create_rectangle(left, y - thick / 2, end, y + thick / 2, fill=bar, outline="")
            share = f"{self._shares[row]:.1%}".replace("%", "\u00a0%")
            self.create_text(self.winfo_width() - px(2), y, text=share, anchor="e", font=font, fill=colour)
