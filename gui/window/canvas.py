"""The white board: shows a board, and tells what pen and eraser do on it."""

import tkinter as tk
from collections.abc import Callable
from functools import partial

from gui import board as boards
from gui.board import Board, Picture, Point, Trace
from gui.jobs import Seen
from gui.window.images import grey, photo
from gui.window.style import ACCENT, INK, LINE, MUTED, PAPER, UNSURE, Look

HINT = "Draw a digit here, or several side by side"
FAINT = -0.25
PICTURE_SHARE = 0.7  # of the board's shorter side


class Sheet(tk.Canvas):
    """A canvas that shows a board, and turns it to the next one; the screen's pixels are `scale_` to the board's."""

    def __init__(
        self, master: tk.Misc, look: Look, turn: Callable[[Callable[[Board], Board]], None], resized: Callable[[], None]
    ) -> None:
        super().__init__(
            master, background=PAPER, highlightthickness=1, highlightbackground=LINE, highlightcolor=LINE,
            cursor="pencil", width=look.px(560), height=look.px(420), takefocus=False,
        )  # fmt: skip
        self._look, self._turn = look, turn
        self._items: dict[int, tuple[Trace, int]] = {}
        self._style: tuple[float, float] = (0.0, 0.0)
        self._picture: tuple[Picture | None, int, float] = (None, 0, 0.0)
        self._photo: tk.PhotoImage | None = None
        self._from: Point | None = None
        self.scale_ = look.unit
        self.erasing = False
        for button in (1, 2, 3):
            self.bind(f"<ButtonPress-{button}>", self._pressed)
            self.bind(f"<B{button}-Motion>", self._moved)
            self.bind(f"<ButtonRelease-{button}>", self._released)
        self.bind("<Configure>", lambda _: resized())

    def hold_eraser(self, *, held: bool) -> None:
        """Let the left button erase, or draw."""
        self.erasing = held
        self.configure(cursor="dotbox" if held else "pencil")

    def size_of_board(self) -> tuple[int, int]:
        """Return width and height of what shows of the board, in its pixels."""
        return max(round(self.winfo_width() / self.scale_), 1), max(round(self.winfo_height() / self.scale_), 1)

    def refit(self, board: Board) -> None:
        """Choose the scale at which all ink shows; not while a pen is down."""
        width, height = self.winfo_width() / self._look.unit, self.winfo_height() / self._look.unit
        self.scale_ = self._look.unit * boards.shrink_to(board.page.ink, width, height, board.pen)

    def show(self, board: Board, seen: Seen, chosen: int) -> None:
        """Show a board, and what was read on it."""
        style = (self.scale_, board.pen)
        if style != self._style:
            self.delete("ink")
            self._items.clear()
            self._style = style
        self._show_picture(board)
        lines = {id(line): line for line in ((*board.page.ink, board.line) if board.line else board.page.ink)}
        for gone in self._items.keys() - lines.keys():
            self.delete(self._items.pop(gone)[1])
        for key, line in lines.items():
            if key not in self._items:
                self._items[key] = (line, self._draw(line, board.pen))
        self._show_boxes(board, seen, chosen)
        self.delete("hint")
        if not lines and board.page.picture is None:
            middle = self.winfo_width() / 2, self.winfo_height() / 2
            self.create_text(*middle, text=HINT, fill=MUTED, font=self._look.text, tags="hint")

    def _draw(self, line: Trace, pen: float) -> int:
        """Draw a stroke; return its item. The item holds the line, so that its identity stays its own."""
        from gui.shapes import outline  # noqa: PLC0415 -- NumPy comes after the window

        scaled = [value * self.scale_ for value in outline(line)]
        width = pen * self.scale_
        if len(line) == 1:
            x, y = scaled[:2]
            radius = width / 2
            return self.create_oval(x - radius, y - radius, x + radius, y + radius, fill=INK, outline="", tags="ink")
        return self.create_line(*scaled, width=width, fill=INK, capstyle="round", joinstyle="round", tags="ink")

    def _show_picture(self, board: Board) -> None:
        """Show the picture, faintly once there is ink to be read in its place."""
        picture = board.page.picture
        strength = FAINT if board.page.ink or board.line else -1.0
        side = min(self.winfo_width(), self.winfo_height())
        zoom = int(side * PICTURE_SHARE / max(picture.height, picture.width)) if picture else 0
        if (picture, zoom, strength) == self._picture:
            return
        self._picture = (picture, zoom, strength)
        self.delete("picture")
        self._photo = None
        if picture is not None:
            self._photo = photo(self, grey(picture.pixels, (picture.height, picture.width), zoom, strength))
            middle = self.winfo_width() / 2, self.winfo_height() / 2
            self.create_image(*middle, image=self._photo, tags="picture")
            self.tag_lower("picture")

    def _show_boxes(self, board: Board, seen: Seen, chosen: int) -> None:
        """Frame each of several digits, with its answer above it."""
        self.delete("box")
        if len(seen.readings) < 2:  # noqa: PLR2004 -- a single digit needs no frame
            return
        for i, (reading, label, sure) in enumerate(zip(seen.readings, seen.labels, seen.sure, strict=True)):
            if reading.group is None:
                continue
            left, top, right, bottom = (value * self.scale_ for value in reading.group.box)
            grow, colour = (board.pen / 2 + 4) * self.scale_, ACCENT if sure else UNSURE
            corners = left - grow, top - grow, right + grow, bottom + grow
            self.create_rectangle(*corners, outline=colour, width=self._look.px(2 if i == chosen else 1), tags="box")
            above = top - grow > self._look.px(20)
            place = top - grow - 2 if above else bottom + grow + 2
            self.create_text(
                (left + right) / 2, place, text=label, anchor="s" if above else "n", fill=colour, tags="box",
                font=self._look.strong,
            )  # fmt: skip

    def _point(self, event: "tk.Event[tk.Misc]") -> Point:
        """Return where an event was, in pixels of the board."""
        return event.x / self.scale_, event.y / self.scale_

    def _pressed(self, event: "tk.Event[tk.Misc]") -> None:
        """Put down the pen, or the eraser."""
        point = self._point(event)
        erases = self.erasing or event.num != 1
        self._from = point if erases else None
        self._turn(partial(boards.erase, start=point, end=point) if erases else partial(boards.begin, point=point))

    def _moved(self, event: "tk.Event[tk.Misc]") -> None:
        """Draw or erase on."""
        point = self._point(event)
        if self._from is None:
            self._turn(partial(boards.extend, point=point))
        else:
            self._turn(partial(boards.erase, start=self._from, end=point))
            self._from = point

    def _released(self, event: "tk.Event[tk.Misc]") -> None:
        """Draw or erase up to here, and lift."""
        self._moved(event)
        self._from = None
        self._turn(boards.finish)
