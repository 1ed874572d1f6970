"""Files on the board, and real digits to choose from: what to ask, and what becomes of the answer."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tkinter import filedialog
from typing import Any, NamedTuple

from gui import board as boards, jobs
from gui.board import Board, Picture
from gui.jobs import Model
from gui.window.dialogs import open_gallery
from gui.window.layout import Layout
from gui.worker import Failure

DATA = Path("artifacts/data")
OPENED = [("Drawings and pictures", "*.jsonl *.png *.jpg *.jpeg *.bmp *.gif"), ("All files", "*")]
SAVED = [("Picture", "*.png"), ("Strokes", "*.jsonl")]
MODELS = [("Models", "*.npz"), ("All files", "*")]

Submit = Callable[[Callable[[], Any], Callable[[Any], None]], None]


class FileActions(NamedTuple):
    """What opening and saving need of the window.

    Attributes
    ----------
    layout : Layout
    folder : Path
        Where `artifacts/` and `data/` are.
    submit : function of a job and what to do with its outcome
    turn : function of a transition from one board to the next
    board, model : functions that return the present ones
    """

    layout: Layout
    folder: Path
    submit: Submit
    turn: Callable[[Callable[[Board], Board]], None]
    board: Callable[[], Board]
    model: Callable[[], Model | None]

    def open(self, path: Path) -> None:
        """Put a file on the board."""
        size = self.layout.sheet.size_of_board()
        self.submit(partial(jobs.open_file, path, size, self.model()), partial(self._opened, path))

    def save(self, path: Path) -> None:
        """Save the ink."""
        size = self.layout.sheet.size_of_board()
        self.submit(partial(jobs.save_file, path, self.board(), size), self.or_tell(f"Saved {path}."))

    def ask_open(self) -> None:
        """Ask for a file to open."""
        title = "Open a drawing or a picture"
        if name := filedialog.askopenfilename(parent=self.layout.root, title=title, filetypes=OPENED):
            self.open(Path(name))

    def ask_save(self) -> None:
        """Ask where to save."""
        if name := filedialog.asksaveasfilename(
            parent=self.layout.root, title="Save the drawing", filetypes=SAVED, defaultextension=".png"
        ):
            self.save(Path(name))

    def ask_model(self, load: Callable[[Path], None]) -> None:
        """Ask for another model."""
        if name := filedialog.askopenfilename(parent=self.layout.root, title="Choose a model", filetypes=MODELS):
            load(Path(name))

    def show_gallery(self) -> None:
        """Show real digits to choose from."""
        self.submit(partial(jobs.gallery, self.folder / DATA), self._gallery_ready)

    def put(self, picture: Picture) -> None:
        """Show a picture on the board."""
        self.turn(partial(boards.load_picture, picture=picture))
        self.layout.tell(f"This is {picture.name}. What you draw over it is read in its place.")

    def or_tell(self, sentence: str) -> Callable[[Any], None]:
        """Return what says a sentence, or what went wrong."""

        def say(outcome: object) -> None:
            if isinstance(outcome, Failure):
                self.layout.tell_fault(outcome.sentence)
            else:
                self.layout.tell(sentence)

        return say

    def _opened(self, path: Path, outcome: Any) -> None:  # noqa: ANN401 -- ink, a picture or a failure
        """Show what a file holds."""
        if isinstance(outcome, Failure):
            self.layout.tell_fault(outcome.sentence)
        elif isinstance(outcome, Picture):
            self.put(outcome)
        else:
            self.turn(partial(boards.load_ink, ink=outcome))
            self.layout.tell(f"Opened {path}.")

    def _gallery_ready(self, outcome: Any) -> None:  # noqa: ANN401 -- pictures or a failure
        """Open the gallery."""
        if isinstance(outcome, Failure):
            self.layout.tell_fault(outcome.sentence)
        else:
            open_gallery(self.layout.root, self.layout.look, outcome, self.put)
