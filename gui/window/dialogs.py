"""Windows beside the board: real digits to choose from, and the network's view, large."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from gui.board import Picture
from gui.window.images import change, grey, photo
from gui.window.style import GROUND, Look

COLUMNS = 10

Picturing = Callable[[bytes, tuple[int, int], int], bytes]


def open_gallery(
    root: tk.Tk, look: Look, pictures: Sequence[Picture], choose: Callable[[Picture], None]
) -> tk.Toplevel:
    """Show pictures, a class a column; the one that is clicked goes to the board."""
    window = _window(root, "Real digits: choose one to put it on the board")
    rows = max(len(pictures) // COLUMNS, 1)
    files = (grey(picture.pixels, (picture.height, picture.width), look.px(2), -1.0) for picture in pictures)
    images = [photo(window, file) for file in files]
    # Tk itself keeps no picture alive; and none may be left to the collector of garbage, which runs in any thread.
    window.bind("<Destroy>", lambda _: images.clear())

    def put(picture: Picture) -> None:
        window.destroy()
        choose(picture)

    for i, (picture, image) in enumerate(zip(pictures, images, strict=True)):
        button = ttk.Button(window, image=image, command=lambda picture=picture: put(picture))  # type: ignore[misc] # a default binds it
        button.grid(row=i % rows, column=i // rows, padx=1, pady=1)
    return window


class View:
    """An image of what the network was given, in a window of its own, kept up to date while it is open."""

    def __init__(self, root: tk.Tk, look: Look, title: str, picture: Picturing) -> None:
        self._root, self._look, self._title, self._picture = root, look, title, picture
        self.window: tk.Toplevel | None = None
        self._label: tk.Label | None = None
        self._photo: tk.PhotoImage | None = None

    def open(self) -> None:
        """Open the window, or bring it to the front."""
        if self.window is not None and self.is_open():
            self.window.lift()
            return
        self.window = _window(self._root, self._title)
        self._label = tk.Label(self.window, background="black", borderwidth=0)
        self._label.pack()

    def is_open(self) -> bool:
        """Tell whether the window is there."""
        return self.window is not None and bool(self.window.winfo_exists())

    def show(self, pixels: bytes, shape: tuple[int, int]) -> None:
        """Show an image, if the window is open."""
        if self.window is None or self._label is None or not self.is_open():
            return
        data = self._picture(pixels, shape, max(self._look.px(420) // max(shape), 1))
        if self._photo is None:
            self._photo = photo(self._root, data)
        change(self._photo, data)
        self._label.configure(image=self._photo)


def _window(root: tk.Tk, title: str) -> tk.Toplevel:
    """Return a window that Esc closes."""
    window = tk.Toplevel(root, background=GROUND)
    window.title(title)
    window.transient(root)
    window.bind("<Escape>", lambda _: window.destroy())
    window.focus_set()
    return window
