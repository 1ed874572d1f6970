"""The window: what a person does becomes a new board, and the new board is shown and read."""

import contextlib
import tkinter as tk
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gui import board as boards, jobs
from gui.board import Board
from gui.jobs import Model, Seen
from gui.window.dialogs import View
from gui.window.files import FileActions
from gui.window.images import coloured, grey
from gui.window.layout import bind_keys, lay_out
from gui.window.style import dressed, tell_system
from gui.worker import Worker
from pipeline.errors import ScrawlError
from pipeline.signals import Signalled

if TYPE_CHECKING:
    from pipeline.compiling import Progress
    from pipeline.recognise.strokes.lessons import Lesson

Say = Callable[[str], None]

TITLE, NO_ANSWER = "Scrawl", "-"
POLL = 3  # milliseconds between two looks for what the worker has done
AWAKE = 200  # milliseconds between two looks for signals


class App:
    """The window and the state that it shows."""

    board: Board
    model: Model | None  # None while it loads, or if there is none
    seen: Seen  # what was read last
    read_board: Board | None  # what it was read on
    chosen: int  # which of several digits the bars are about

    def __init__(self, root: tk.Tk, model: Path | None, folder: Path, say: Say) -> None:
        self.root, self.folder, self.say = root, folder, say
        self.board, self.model, self.seen, self.read_board, self.chosen = Board(), None, Seen(), None, 0
        self._reading: Board | None = None
        self._wanted = False
        self.worker, self.file_actions = Worker(), FileActions(self)
        root.title(TITLE)
        root.protocol("WM_DELETE_WINDOW", self.close)
        root.report_callback_exception = lambda _kind, error, _trace: self.layout.tell_fault(error)
        look = dressed(root)
        self.view = View(root, look, "What the network sees", grey)
        self.saliency = View(root, look, "What spoke for it (orange), and against it (blue)", coloured)
        actions = self._actions()
        self.layout = lay_out(root, look, actions, self)
        bind_keys(root, actions, self._typed)
        self._show()
        self.layout.answer.say(NO_ANSWER, "getting ready; you can draw already", "nothing")
        self.layout.tell("Loading the model …")
        # Not before the window is there to be seen: from here on, the worker is busy for a second.
        root.after_idle(lambda: root.after(1, self.load, model))

    def _actions(self) -> dict[str, Callable[[], None]]:
        """Return what buttons and keys do, by name."""
        files = self.file_actions
        return {
            "Read": self.read,
            "Undo": partial(self.turn, boards.undo),
            "Redo": partial(self.turn, boards.redo),
            "Clear": partial(self.turn, boards.clear),
            "Eraser": lambda: self.layout.sheet.hold_eraser(held=self.layout.toolbar.eraser.get()),
            "Live": lambda: self._read_soon() if self.layout.toolbar.live.get() else None,
            "Pen": lambda: self.turn(partial(boards.with_pen, pen=self.layout.toolbar.pen.get())),
            "Open": files.ask_open,
            "Save": files.ask_save,
            "Gallery": files.show_gallery,
            "Model": files.ask_model,
            "View": partial(self._open, self.view),
            "Why": partial(self._open, self.saliency),
            "Left": partial(self.choose, -1),
            "Right": partial(self.choose, 1),
        }

    def turn(self, transition: Callable[[Board], Board]) -> None:
        """Go on to the next board: show it, keep its lessons, and read it if that is to be done at once."""
        before, self.board = self.board, transition(self.board)
        if self.board is before:
            return
        self.file_actions.keep_lessons(before.page.lessons, self.board.page.lessons)
        if not self.board.line and self.board.before is None:
            self.layout.sheet.refit(self.board)
        if self.layout.toolbar.live.get():
            self._read_soon()
        self._show()

    def load(self, path: Path | None) -> None:
        """Load a model; if that fails, one that was there before stays."""
        job = partial(jobs.load, path, self.folder, self.worker.telling(self._compiling))
        self.submit(job, self._loaded, self._not_loaded)

    def _compiling(self, progress: "Progress") -> None:
        """Say how far the kernels are, which have to be compiled once."""
        from pipeline.report.progress import compiling_line  # noqa: PLC0415 -- the worker has better things to import

        self.layout.tell(f"{compiling_line(progress)}.".capitalize())

    def _not_loaded(self) -> None:
        """Say that there is nothing to read with, if there is nothing."""
        if self.model is None:
            self.layout.answer.say(NO_ANSWER, "no model to read with", "nothing")

    def _loaded(self, model: Model) -> None:
        """Use a model."""
        from gui.words import model_line  # noqa: PLC0415 -- the worker has paid for it
        from pipeline.model.find import introduced  # noqa: PLC0415

        self.model, self.seen, self.read_board = model, Seen(), None
        self.layout.model.configure(text=model_line(model.path, self.folder, model.artifact))
        for line in (*model.notes, f"model: {introduced(self.folder, model.path, model.artifact)}"):
            self.say(line)
        ready = "Ready. Was an answer wrong? Press the right digit's key, or click its bar."
        self.layout.tell(" ".join((*model.notes, ready)))
        self._read_soon()

    def read(self) -> None:
        """Read what is on the board now."""
        if self.model is None:
            self.layout.tell_fault("There is no model to read with yet: wait for it, or choose one with Model.")
        self._read_soon()

    def _read_soon(self) -> None:
        """Have the board read, unless that is under way: then it is read again afterwards."""
        self._wanted = True
        if self.model is None or self._reading is not None:
            return
        self._wanted, self._reading = False, self.board
        self.submit(partial(jobs.see, self.board, self.model), self._read_done, partial(self._read_done, Seen()))

    def _read_done(self, seen: Seen) -> None:
        """Take what was read, and read again if the board has changed since."""
        self.read_board, self._reading = self._reading, None
        self.seen, self.chosen = seen, jobs.latest_digit(seen)
        if self._wanted:
            self._read_soon()
        self._show_answer()

    def choose(self, step: int) -> None:
        """Show the details of the digit to the left or to the right."""
        self.chosen = min(max(self.chosen + step, 0), max(len(self.seen.readings) - 1, 0))
        self._show_answer()

    def is_read(self) -> bool:
        """Tell whether what was read is what is on the board."""
        read, board = self.read_board, self.board
        here = board.page.ink, board.page.picture, board.line
        return read is not None and here == (read.page.ink, read.page.picture, read.line)

    def _typed(self, event: "tk.Event[tk.Misc]") -> None:
        """Take the key of a digit for the right answer."""
        if self.model is not None and event.char and event.char in self.model.artifact.class_names:
            self.teach(self.model.artifact.class_names.index(event.char))

    def teach(self, row: int) -> None:
        """Take a class for the right answer."""
        if self.model is None:
            return
        reading = self.seen.readings[self.chosen] if self.seen.readings and self.is_read() else None
        name = self.model.artifact.class_names[row]
        try:
            lesson = jobs.lesson(self.board, reading, name, self.model, datetime.now(UTC))
        except ScrawlError as error:
            self.layout.tell_fault(error)
        else:
            self.turn(partial(boards.teach, lesson=lesson))

    def forget(self, lesson: "Lesson") -> None:
        """Drop a lesson that could not be kept."""
        self.board = boards.forget(self.board, lesson)
        self._show()

    def _open(self, view: View) -> None:
        """Show the network's view, or what spoke for its answer, in a window of its own."""
        view.open()
        self._show_answer()

    def resized(self) -> None:
        """Show the board in a window of another size."""
        if not self.board.line:
            self.layout.sheet.refit(self.board)
        self._show()

    def _show(self) -> None:
        """Show the board."""
        self.layout.sheet.show(self.board, self.seen if self.is_read() else Seen(), self.chosen)
        self.layout.toolbar.enable("Undo", possible=bool(self.board.past or self.board.line))
        self.layout.toolbar.enable("Redo", possible=bool(self.board.future))

    def _show_answer(self) -> None:
        """Show the board and what was read on it."""
        self._show()
        if self.model is None:
            return
        from gui.words import verdict_on  # noqa: PLC0415 -- the worker has paid for it

        artifact, answer = self.model.artifact, self.layout.answer
        shown = self.seen.readings[self.chosen] if self.seen.readings else None
        shape = artifact.image_shape or (1, 1)
        answer.say(*verdict_on(self.seen.readings, artifact.class_names, self.chosen))
        answer.bars.show(artifact.class_names, shown.probabilities.tolist() if shown else None)
        answer.show(shown.pixels.tobytes() if shown else None, shape)
        if self.saliency.is_open() and shown is not None:
            self.submit(partial(jobs.saliency, shown, self.model), partial(self.saliency.show, shape=shape))
        self.view.show(shown.pixels.tobytes() if shown else bytes(shape[0] * shape[1]), shape)

    def submit(
        self, job: Callable[[], Any], done: Callable[[Any], object] | str, failed: Callable[[], None] = lambda: None
    ) -> None:
        """Have the worker do a job, and then tell a sentence, or do something with its result.

        If the job fails, that is told, and `failed` is called.
        """

        def ended(result: Any) -> None:  # noqa: ANN401 -- whatever jobs return
            if isinstance(done, str):
                self.layout.tell(done)
            else:
                done(result)

        def told(fault: str) -> None:
            self.layout.tell_fault(fault)
            failed()

        if not self.worker.pending:
            self.root.after(POLL, self._poll)
        self.worker.submit(job, ended, told)

    def close(self) -> None:
        """Close the window; what was to be written is written first."""
        self.worker.stop(timeout=10)
        self.root.destroy()

    def _poll(self) -> None:
        """Take what the worker has done, for as long as there is something to come."""
        try:
            self.worker.deliver()
        finally:
            if self.worker.pending:
                self.root.after(POLL, self._poll)


def opened(model: Path | None, say: Say) -> App:
    """Open the window; `say` takes lines for a terminal; raise ScrawlError if there is no screen."""
    tell_system()
    try:
        root = tk.Tk(className=TITLE)
    except tk.TclError as error:
        raise ScrawlError(f"no window can be opened here: {error}. Start it where there is a screen.") from error
    return App(root, model, Path(), say)


def run(model: Path | None, say: Say) -> int:
    """Open the window and return when it is closed; see `opened`.

    Where a signal asks the program to end, what was to be written is written before `Signalled` is raised.
    """
    app = opened(model, say)
    _stay_awake(app.root)
    try:
        app.root.mainloop()
    except Signalled:
        with contextlib.suppress(tk.TclError):  # it may have come in the midst of what Tk was tidying up
            app.close()
        raise
    return 0


def _stay_awake(root: tk.Tk) -> None:
    """Let Python look for signals now and then: Tk alone would sleep until the next event."""
    root.after(AWAKE, _stay_awake, root)
