"""What is on the board, and how it changes: pure functions from one board to the next.

A stroke under way is not yet ink: when the pen is lifted, it becomes a step that Undo takes back. The same goes for a
sweep of the eraser.

Whoever imports this imports no NumPy: the window opens before there is any.
"""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from pipeline.recognise.strokes.lessons import Lesson
    from pipeline.types import Drawing

Point: TypeAlias = tuple[float, float]
"""x to the right and y downwards, in pixels of the board."""
Trace: TypeAlias = tuple[Point, ...]
"""A stroke: the places where the pen was, in order."""
Ink: TypeAlias = tuple[Trace, ...]

SMALLEST_PEN, LARGEST_PEN = 4.0, 40.0
MOST_STEPS = 500
"""Steps that Undo takes back."""


class Picture(NamedTuple):
    """An image that lies on the board."""

    name: str  # where it came from
    pixels: bytes  # grey levels as the network reads them, row by row; white ink on black
    height: int
    width: int
    doubtful: bool = False  # whether the ink was hard to tell from the rest of the picture


class Page(NamedTuple):
    """What Undo brings back."""

    ink: Ink = ()
    picture: Picture | None = None  # what is read as long as there is no ink
    lessons: tuple["Lesson", ...] = ()  # what the network has been taught so far


class Board(NamedTuple):
    """The board at one moment."""

    page: Page = Page()
    past: tuple[Page, ...] = ()  # the latest last
    future: tuple[Page, ...] = ()  # the next first
    line: Trace = ()  # the stroke under way; empty if there is none
    before: Page | None = None  # the page before the eraser touched it; None while nothing is being erased
    pen: float = 14.0  # the width of a line, as it is shown: the network sees MNIST's pen in any case


def begin(board: Board, point: Point) -> Board:
    """Put the pen down."""
    return finish(board)._replace(line=(point,))


def extend(board: Board, point: Point) -> Board:
    """Move the pen, if it is down; a point where it is already adds nothing."""
    if not board.line or board.line[-1] == point:
        return board
    return board._replace(line=(*board.line, point))


def erase(board: Board, start: Point, end: Point) -> Board:
    """Sweep the eraser, which is three pens wide, from one point to another."""
    from gui.shapes import cut_out  # noqa: PLC0415 -- see above

    if board.line:
        board = finish(board)
    page = board.page
    ink = tuple(rest for line in page.ink for rest in cut_out(line, start, end, 1.5 * board.pen))
    if ink == page.ink:
        return board
    return board._replace(page=page._replace(ink=ink), before=board.before or page)


def finish(board: Board) -> Board:
    """Lift the pen or the eraser: what it did becomes a step."""
    if board.line:
        page = board.page
        return _turned(board._replace(line=()), page._replace(ink=(*page.ink, board.line)))
    if board.before is not None:
        return _turned(board._replace(page=board.before, before=None), board.page)
    return board


def clear(board: Board) -> Board:
    """Wipe the board; Undo brings back what was on it."""
    return put(board)


def put(board: Board, ink: Ink = (), picture: Picture | None = None) -> Board:
    """Show strokes or an image instead of what is there."""
    board = finish(board)
    return _turned(board, Page(ink, picture, board.page.lessons))


def teach(board: Board, lesson: "Lesson") -> Board:
    """Add a lesson."""
    board = finish(board)
    return _turned(board, board.page._replace(lessons=(*board.page.lessons, lesson)))


def forget(board: Board, lesson: "Lesson") -> Board:
    """Drop a lesson that could not be kept from the page and from all that Undo and Redo would bring back."""

    def without(page: Page) -> Page:
        return page._replace(lessons=tuple(other for other in page.lessons if other != lesson))

    page = without(board.page)
    past = _distinct((*map(without, board.past), page))[:-1]
    future = _distinct((page, *map(without, board.future)))[1:]
    return board._replace(page=page, past=past, future=future)


def undo(board: Board) -> Board:
    """Go one step back; a stroke under way is dropped first."""
    if board.line:
        return board._replace(line=())
    board = finish(board)
    if not board.past:
        return board
    return board._replace(page=board.past[-1], past=board.past[:-1], future=(board.page, *board.future))


def redo(board: Board) -> Board:
    """Take one Undo back."""
    if board.line or board.before is not None or not board.future:
        return board
    return board._replace(page=board.future[0], past=(*board.past, board.page), future=board.future[1:])


def with_pen(board: Board, pen: float) -> Board:
    """Change the width of all lines, within what looks like a pen."""
    return board._replace(pen=min(max(pen, SMALLEST_PEN), LARGEST_PEN))


def drawing_of(board: Board, width: float = 0.0, height: float = 0.0) -> "Drawing":
    """Return the ink, with the stroke under way, as recognition takes it."""
    import numpy as np  # noqa: PLC0415 -- see above

    from pipeline.types import Drawing  # noqa: PLC0415 -- likewise

    lines = (*board.page.ink, board.line) if board.line else board.page.ink
    return Drawing(tuple(np.array(line, np.float32) for line in lines), width, height)


def shrink_to(ink: Ink, width: float, height: float, pen: float = 0.0) -> float:
    """Return the scale at which all ink shows on a board of this size: 1, or less if it reaches beyond."""
    right = max((x for line in ink for x, _ in line), default=0.0) + pen / 2
    bottom = max((y for line in ink for _, y in line), default=0.0) + pen / 2
    return min(1.0, width / max(right, 1.0), height / max(bottom, 1.0))


def _distinct(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """Return pages without those that equal the one before."""
    return tuple(page for i, page in enumerate(pages) if i == 0 or page != pages[i - 1])


def _turned(board: Board, page: Page) -> Board:
    """Return the board with a new page, unless it is the same as the old one."""
    if page == board.page:
        return board
    return board._replace(page=page, past=(*board.past, board.page)[-MOST_STEPS:], future=())
