"""Files on the board, real digits to choose from, and what was taught: what to ask, and what becomes of the answer."""

from functools import partial
from pathlib import Path
from tkinter import filedialog
from typing import TYPE_CHECKING, NamedTuple

from gui import board as boards, jobs
from gui.board import Ink, Picture
from gui.window.dialogs import open_gallery

if TYPE_CHECKING:
    from gui.window.app import App
    from pipeline.recognise.strokes.lessons import Lesson

DATA, DRAWN = Path("artifacts/data"), Path("data/drawn.jsonl")
OPENED = [
    ("Drawings and pictures", "*.jsonl *.inkml *.unipen *.unp *.dat *.png *.jpg *.jpeg *.bmp *.gif"),
    ("All files", "*"),
]
SAVED = [("Picture", "*.png"), ("Strokes", "*.jsonl")]
MODELS = [("Models", "*.npz"), ("All files", "*")]


class FileActions(NamedTuple):
    """What the window does with files."""

    app: "App"

    def open(self, path: Path) -> None:
        """Put a file on the board."""
        size = self.app.layout.sheet.size_of_board()
        self.app.submit(partial(jobs.open_file, path, size, self.app.model), partial(self._opened, path))

    def save(self, path: Path) -> None:
        """Save the ink."""
        size = self.app.layout.sheet.size_of_board()
        self.app.submit(partial(jobs.save_file, path, self.app.board, size), f"Saved {path}.")

    def ask_open(self) -> None:
        """Ask for a file to open."""
        title = "Open a drawing or a picture"
        if name := filedialog.askopenfilename(parent=self.app.root, title=title, filetypes=OPENED):
            self.open(Path(name))

    def ask_save(self) -> None:
        """Ask where to save."""
        if name := filedialog.asksaveasfilename(
            parent=self.app.root, title="Save the drawing", filetypes=SAVED, defaultextension=".png"
        ):
            self.save(Path(name))

    def ask_model(self) -> None:
        """Ask for another model."""
        if name := filedialog.askopenfilename(parent=self.app.root, title="Choose a model", filetypes=MODELS):
            self.app.load(Path(name))

    def show_gallery(self) -> None:
        """Show real digits to choose from."""
        app = self.app
        self.app.submit(
            partial(jobs.gallery, app.folder / DATA),
            lambda pictures: open_gallery(app.root, app.layout.look, pictures, self.put),
        )

    def put(self, picture: Picture) -> None:
        """Show a picture on the board."""
        self.app.turn(partial(boards.put, picture=picture))
        self.app.layout.tell(f"This is {picture.name}. What you draw over it is read in its place.")

    def _opened(self, path: Path, found: Ink | Picture) -> None:
        """Show what a file holds."""
        if isinstance(found, Picture):
            self.put(found)
        else:
            self.app.turn(partial(boards.put, ink=found))
            self.app.layout.tell(f"Opened {path}.")

    def keep_lessons(self, old: tuple["Lesson", ...], new: tuple["Lesson", ...]) -> None:
        """Make the file of lessons agree with the board's; one that can't be kept is dropped."""
        if old == new:
            return
        from pipeline.recognise.strokes.lessons import add_lesson, remove_lesson  # noqa: PLC0415 -- NumPy comes after the window

        path = self.app.folder / DRAWN
        for lesson in old[len(new) :]:
            self.app.submit(partial(remove_lesson, path, lesson), f"Taken back from {DRAWN}.")
        for lesson in new[len(old) :]:
            kept = f"Learned as {lesson.label}, in {DRAWN}; Undo takes it back."
            self.app.submit(partial(add_lesson, path, lesson), kept, partial(self.app.forget, lesson))
