"""The window: what a person does becomes a new board, and the new board is shown and read."""

import tkinter as tk
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gui import board as boards, jobs
from gui.board import Board
from gui.jobs import Model, Seen
from gui.window.canvas import Hand
from gui.window.dialogs import View
from gui.window.files import FileActions
from gui.window.images import coloured, grey
from gui.window.layout import bind_keys, lay_out
from gui.window.style import tell_system
from gui.worker import Failure, Worker
from pipeline.errors import ScrawlError
from pipeline.signals import Signalled

if TYPE_CHECKING:
    from pipeline.compiling import Progress
    from pipeline.recognise.strokes.lessons import Lesson

TITLE, NO_ANSWER = "Scrawl", "-"
POLL = 3  # milliseconds between two looks for what the worker has done
AWAKE = 200  # milliseconds between two looks for signals
DRAWN = Path("data/drawn.jsonl")


def quiet(_line: str) -> None:
    """Tell nobody."""


class App:
    """The window and the state that it shows.

    Attributes
    ----------
    board : Board
    model : Model or None
        None while it loads, or if there is none.
    seen : Seen
        What was read last, on `read_board`.
    say : function of a line
        Tells it to whoever has started the board from a terminal.
    chosen : int
        Which of several digits the bars are about.
    """

    def __init__(
        self, root: tk.Tk, model: Path | None = None, folder: Path = Path(), say: Callable[[str], None] = quiet
    ) -> None:
        self.root, self.folder, self.say = root, folder, say
        self.board, self.seen, self.chosen = Board(), Seen(), 0
        self.model: Model | None = None
        self.read_board: Board | None = None
        self._reading: Board | None = None
        self._wanted = self._polling = False
        self.worker = Worker()
        root.title(TITLE)
        root.protocol("WM_DELETE_WINDOW", self.close)
        root.report_callback_exception = lambda _kind, error, _trace: self.layout.tell_fault(error)
        actions = self._actions()
        self.layout = lay_out(root, actions, self._hand(), self.teach, self.board.pen)
        bind_keys(root, actions, self._typed)
        self.view = View(root, self.layout.look, "What the network sees", grey)
        self.saliency = View(root, self.layout.look, "What spoke for it (orange), and against it (blue)", coloured)
        self.file_actions = FileActions(
            self.layout, folder, self.submit, self.turn, lambda: self.board, lambda: self.model
        )
        self._show()
        self.layout.answer.say(NO_ANSWER, "getting ready; you can draw already", "nothing")
        self.layout.tell("Loading the model …")
        # Not before the window is there to be seen: from here on, the worker is busy for a second.
        root.after_idle(lambda: root.after(1, self._start, model))

    def _actions(self) -> dict[str, Callable[[], None]]:
        """Return what buttons and keys do, by name."""
        return {
            "Read": self.read,
            "Undo": lambda: self.turn(boards.undo),
            "Redo": lambda: self.turn(boards.redo),
            "Clear": lambda: self.turn(boards.clear),
            "Eraser": self._switch_eraser,
            "Live": self._switch_live,
            "Pen": lambda: self.turn(partial(boards.with_pen, pen=self.layout.toolbar.pen.get())),
            "Open": lambda: self.file_actions.ask_open(),  # noqa: PLW0108 -- they are made later
            "Save": lambda: self.file_actions.ask_save(),  # noqa: PLW0108 -- they are made later
            "Gallery": lambda: self.file_actions.show_gallery(),  # noqa: PLW0108
            "Model": lambda: self.file_actions.ask_model(self.load),
            "View": self.enlarge,
            "Why": self.explain,
            "Left": lambda: self.choose(-1),
            "Right": lambda: self.choose(1),
        }

    def _hand(self) -> Hand:
        """Return what the board does with a hand."""
        return Hand(
            begin=lambda point: self.turn(lambda board: boards.begin(board, point)),
            extend=lambda point: self.turn(lambda board: boards.extend(board, point)),
            erase=lambda start, end: self.turn(lambda board: boards.erase(board, start, end)),
            finish=lambda: self.turn(boards.finish),
            resized=self._resized,
        )

    def turn(self, transition: Callable[[Board], Board]) -> None:
        """Go on to the next board: show it, keep its lessons, and read it if that is to be done at once."""
        before, self.board = self.board, transition(self.board)
        if self.board is before:
            return
        self._keep_lessons(before.page.lessons, self.board.page.lessons)
        if not self.board.line and self.board.before is None:
            self.layout.sheet.refit(self.board)
        if self.layout.toolbar.live.get():
            self._read_soon()
        self._show()

    # Reading.

    def _start(self, model: Path | None) -> None:
        """Begin to work, now that there is a window."""
        self.worker.start()
        self.load(model)

    def load(self, path: Path | None) -> None:
        """Load a model."""
        self.submit(partial(jobs.load, path, self.folder, self.worker.telling(self._compiling)), self._loaded)

    def _compiling(self, progress: "Progress") -> None:
        """Say how far the kernels are, which have to be compiled once."""
        from pipeline.report.progress import compiling_line  # noqa: PLC0415 -- the worker has better things to import

        self.layout.tell(f"{compiling_line(progress)}.".capitalize())

    def _loaded(self, outcome: Model | Failure) -> None:
        """Use a model, or tell why not; one that was there before stays."""
        if isinstance(outcome, Failure):
            self.layout.tell_fault(outcome.sentence)
            if self.model is None:
                self.layout.answer.say(NO_ANSWER, "no model to read with", "nothing")
            return
        from gui.words import model_line  # noqa: PLC0415 -- the worker has paid for it
        from pipeline.model.find import introduced  # noqa: PLC0415

        self.model, self.seen, self.read_board = outcome, Seen(), None
        self.layout.model.configure(text=model_line(outcome.path, self.folder, outcome.artifact))
        for line in (*outcome.notes, f"model: {introduced(self.folder, outcome.path, outcome.artifact)}"):
            self.say(line)
        ready = "Ready. Was an answer wrong? Press the right digit's key, or click its bar."
        self.layout.tell(" ".join((*outcome.notes, ready)))
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
        self.submit(partial(jobs.see, self.board, self.model), self._read_done)

    def _read_done(self, outcome: Seen | Failure) -> None:
        """Take what was read, and read again if the board has changed since."""
        self.read_board, self._reading = self._reading, None
        if isinstance(outcome, Failure):
            self.layout.tell_fault(outcome.sentence)
        self.seen = Seen() if isinstance(outcome, Failure) else outcome
        self.chosen = jobs.latest_digit(self.seen)
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
        return read is not None and (read.page.ink, read.page.picture, read.line) == (
            board.page.ink, board.page.picture, board.line,
        )  # fmt: skip

    # Teaching.

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
            self.turn(lambda board: boards.teach(board, lesson))

    def _keep_lessons(self, old: tuple["Lesson", ...], new: tuple["Lesson", ...]) -> None:
        """Make the file of lessons agree with the board's."""
        if old == new:
            return
        from pipeline.recognise.strokes.lessons import add_lesson, remove_lesson  # noqa: PLC0415 -- NumPy comes after the window

        path = self.folder / DRAWN
        for lesson in old[len(new) :]:
            self.submit(partial(remove_lesson, path, lesson), self.file_actions.or_tell(f"Taken back from {DRAWN}."))
        for lesson in new[len(old) :]:
            self.submit(partial(add_lesson, path, lesson), partial(self._lesson_kept, lesson))

    def _lesson_kept(self, lesson: "Lesson", outcome: Any) -> None:  # noqa: ANN401 -- a failure or nothing
        """Say that a lesson was kept, or drop it."""
        if isinstance(outcome, Failure):
            self.board = boards.forget(self.board, lesson)
            self._show()
            self.layout.tell_fault(outcome.sentence)
        else:
            self.layout.tell(f"Learned as {lesson.label}, in {DRAWN}; Undo takes it back.")

    # Showing.

    def enlarge(self) -> None:
        """Show the network's view in a window of its own."""
        self.view.open()
        self._show_answer()

    def explain(self) -> None:
        """Show which pixels spoke for the answer, in a window of its own."""
        self.saliency.open()
        self._show_answer()

    def _saliency_found(self, shape: tuple[int, int], outcome: Any) -> None:  # noqa: ANN401 -- pixels or a failure
        """Show which pixels spoke for the answer."""
        if isinstance(outcome, Failure):
            self.layout.tell_fault(outcome.sentence)
        else:
            self.saliency.show(outcome, shape)

    def _switch_eraser(self) -> None:
        """Take the eraser into the hand, or the pen."""
        self.layout.sheet.hold_eraser(held=self.layout.toolbar.eraser.get())

    def _switch_live(self) -> None:
        """Read at once when reading goes live."""
        if self.layout.toolbar.live.get():
            self._read_soon()

    def _resized(self) -> None:
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
            self.submit(partial(jobs.saliency, shown, self.model), partial(self._saliency_found, shape))
        self.view.show(shown.pixels.tobytes() if shown else bytes(shape[0] * shape[1]), shape)

    # The worker.

    def submit(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Have the worker do a job, and look out for its end."""
        self.worker.submit(job, done)
        if not self._polling:
            self._polling = True
            self.root.after(POLL, self._poll)

    def close(self) -> None:
        """Close the window; what was to be written is written first."""
        self.worker.stop(timeout=10)
        self.root.destroy()

    def _poll(self) -> None:
        """Take what the worker has done."""
        try:
            self.worker.deliver()
        finally:
            self._polling = self.worker.pending > 0
            if self._polling:
                self.root.after(POLL, self._poll)


def opened(model: Path | None = None, say: Callable[[str], None] = quiet) -> App:
    """Open the window; `say` takes lines for a terminal.

    Raises
    ------
    ScrawlError
        If there is no screen.
    """
    tell_system()
    try:
        root = tk.Tk(className=TITLE)
    except tk.TclError as error:
        raise ScrawlError(f"no window can be opened here: {error}. Start it where there is a screen.") from error
    return App(root, model, say=say)


def run(model: Path | None, say: Callable[[str], None]) -> int:
    """Open the window and return when it is closed; see `opened`.

    Raises
    ------
    ScrawlError
        If there is no screen.
    Signalled
        If a signal asks the program to end; what was to be written is written first.
    """
    app = opened(model, say)
    _stay_awake(app.root)
    try:
        app.root.mainloop()
    except Signalled:
        app.close()
        raise
    return 0


def _stay_awake(root: tk.Tk) -> None:
    """Let Python look for signals now and then: Tk alone would sleep until the next event."""
    root.after(AWAKE, _stay_awake, root)
