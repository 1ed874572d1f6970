"""What is on the board: every way from one board to the next, and long random sessions of them."""

import itertools
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gui.board import (
    LARGEST_PEN,
    MOST_STEPS,
    SMALLEST_PEN,
    Board,
    Page,
    Picture,
    Point,
    Trace,
    begin,
    clear,
    drawing_of,
    erase,
    extend,
    finish,
    forget,
    put,
    redo,
    shrink_to,
    teach,
    undo,
    with_pen,
)
from pipeline.recognise.strokes.lessons import Lesson

Path: TypeAlias = list[Point]

points = st.tuples(st.integers(-50, 600), st.integers(-50, 400)).map(lambda point: (float(point[0]), float(point[1])))
paths = st.lists(points, min_size=1, max_size=6)
PICTURE = Picture("a 3", bytes(16), 4, 4)


def draw(board: Board, *path: Point) -> Board:
    board = begin(board, path[0])
    for point in path[1:]:
        board = extend(board, point)
    return finish(board)


def lesson(label: int) -> Lesson:
    return Lesson('{"strokes": [[[0.0, 0.0]]]}', label, "2026-01-01T00:00:00+00:00", None)


@given(paths)
def test_a_stroke_is_the_points_where_the_pen_moved(path: Path) -> None:
    board = draw(Board(), *path)
    (line,) = board.page.ink
    assert line == tuple(point for i, point in enumerate(path) if i == 0 or point != path[i - 1])
    (stroke,) = drawing_of(board).strokes
    np.testing.assert_array_equal(stroke, np.array(line, np.float32), strict=True)


@given(st.lists(paths, max_size=6))
def test_undo_goes_back_step_by_step_and_redo_returns(drawn: list[Path]) -> None:
    boards = [Board()]
    for path in drawn:
        boards.append(draw(boards[-1], *path))
    board = boards[-1]
    for earlier in reversed(boards[:-1]):
        board = undo(board)
        assert board.page == earlier.page
    assert undo(board) == board
    for later in boards[1:]:
        board = redo(board)
        assert board.page == later.page
    assert redo(board) == board == boards[-1]


def test_a_new_stroke_forgets_what_could_be_redone() -> None:
    board = undo(draw(draw(Board(), (0, 0)), (5, 5)))
    assert board.future
    assert not draw(board, (9, 9)).future


def test_a_stroke_under_way_is_ink_but_no_step_yet() -> None:
    board = extend(begin(Board(), (1, 2)), (3, 4))
    assert board.line
    assert board.past == ()
    assert drawing_of(board, 10, 20)[1:] == (10, 20)
    assert drawing_of(board).strokes[0].tolist() == [[1, 2], [3, 4]]
    assert redo(board) == board
    assert undo(board) == Board()
    assert finish(board) == begin(board, (9, 9))._replace(line=())


def test_a_pen_that_is_not_down_draws_nothing() -> None:
    assert extend(Board(), (1, 1)) == Board() == finish(Board())


def test_a_sweep_of_the_eraser_is_one_step() -> None:
    drawn = draw(Board(), (0, 50), (300, 50))
    board = erase(erase(drawn, (100, 0), (100, 100)), (200, 0), (200, 100))
    assert len(board.page.ink) == 3
    assert redo(board) == board
    done = finish(board)
    assert done.past == (*drawn.past, drawn.page)
    assert undo(done).page == undo(board).page == drawn.page


def test_an_eraser_that_meets_no_ink_is_no_step() -> None:
    board = draw(Board(), (0, 50), (300, 50))
    assert finish(erase(board, (0, 300), (300, 300))) == board


def test_an_eraser_taken_up_in_a_stroke_ends_it() -> None:
    board = erase(extend(begin(Board(), (0, 0)), (10, 0)), (300, 300), (300, 300))
    assert board.page.ink == (((0, 0), (10, 0)),)


def test_clear_and_load_take_the_place_of_what_is_there() -> None:
    board = teach(draw(Board(), (1, 1)), lesson(3))
    cleared = clear(board)
    assert (cleared.page, cleared.line) == (Page((), None, (lesson(3),)), ())
    assert undo(cleared) == board._replace(future=(cleared.page,))
    assert clear(Board()) == Board()
    assert put(board, (((4.0, 4.0),),)).page == Page((((4.0, 4.0),),), None, (lesson(3),))
    assert put(board, picture=PICTURE).page == Page((), PICTURE, (lesson(3),))


def test_a_lesson_that_could_not_be_kept_is_forgotten_everywhere() -> None:
    drawn = draw(Board(), (1, 1))
    board = undo(undo(draw(teach(teach(drawn, lesson(3)), lesson(4)), (2, 2))))
    left = forget(board, lesson(3))
    assert all(lesson(3) not in page.lessons for page in (left.page, *left.past, *left.future))
    assert left.page == drawn.page
    assert [len(page.lessons) for page in left.future] == [1, 1]
    assert redo(left).page.lessons == (lesson(4),)
    assert forget(left, lesson(9)) == left


@pytest.mark.parametrize(("asked", "given_"), [(1, SMALLEST_PEN), (9, 9), (500, LARGEST_PEN)])
def test_a_pen_is_neither_a_hair_nor_a_brush(asked: float, given_: float) -> None:
    assert with_pen(Board(), asked).pen == given_


def test_the_oldest_steps_are_given_up() -> None:
    board = Board()
    for i in range(MOST_STEPS + 5):
        board = draw(board, (float(i), 0.0))
    assert len(board.past) == MOST_STEPS


def test_ink_beyond_the_edge_is_shown_smaller() -> None:
    line = ((10.0, 10.0), (400.0, 100.0))
    assert shrink_to((line,), 800, 600) == 1
    assert shrink_to((line,), 200, 600) == 0.5
    assert shrink_to((line,), 800, 25) == 0.25
    assert shrink_to((line,), 220, 600, pen=40) == pytest.approx(220 / 420)
    assert shrink_to((), 800, 600) == 1
    assert shrink_to((((-50.0, -50.0),),), 800, 600) == 1


class Session(RuleBasedStateMachine):
    """A person at the board, who does whatever comes to mind."""

    def __init__(self) -> None:
        super().__init__()
        self.board = Board()

    @rule(point=points)
    def begin(self, point: Point) -> None:
        """Put the pen down."""
        self.board = begin(self.board, point)

    @rule(path=paths)
    def extend(self, path: Path) -> None:
        """Move the pen."""
        for point in path:
            self.board = extend(self.board, point)

    @rule(path=paths)
    def draw(self, path: Path) -> None:
        """Draw a stroke."""
        self.board = draw(self.board, *path)

    @rule(start=points, end=points)
    def erase(self, start: Point, end: Point) -> None:
        """Sweep the eraser."""
        self.board = erase(self.board, start, end)

    @rule(which=st.sampled_from([finish, clear, undo, redo]))
    def turn(self, which: object) -> None:
        """Do one of the things that take no place."""
        assert callable(which)
        self.board = which(self.board)

    @rule(pen=st.floats(0, 100))
    def take_pen(self, pen: float) -> None:
        """Choose a pen."""
        self.board = with_pen(self.board, pen)

    @rule(label=st.integers(0, 9))
    def teach(self, label: int) -> None:
        """Put an answer right."""
        self.board = teach(self.board, lesson(label))

    @rule(ink=st.lists(paths.map(tuple), max_size=2).map(tuple))
    def open(self, ink: tuple[Trace, ...]) -> None:
        """Open a drawing."""
        self.board = put(self.board, ink)

    @rule()
    def look_at_a_picture(self) -> None:
        """Open a picture."""
        self.board = put(self.board, picture=PICTURE)

    @invariant()
    def every_stroke_is_drawable(self) -> None:
        """All that is recognised has points, and finite ones."""
        for stroke in drawing_of(self.board).strokes:
            assert stroke.shape[1:] == (2,)
            assert len(stroke)
            assert np.isfinite(stroke).all()

    @invariant()
    def a_hand_does_one_thing(self) -> None:
        """Pen and eraser are not down together."""
        assert not (self.board.line and self.board.before)

    @invariant()
    def there_and_back_is_where_one_was(self) -> None:
        """Redo is the inverse of Undo."""
        rest = finish(self.board)
        if rest.past:
            assert redo(undo(rest)) == rest
        if rest.future:
            assert undo(redo(rest)) == rest

    @invariant()
    def steps_differ(self) -> None:
        """Each step is one that can be seen."""
        rest = finish(self.board)
        pages = (*rest.past, rest.page, *rest.future)
        assert all(a != b for a, b in itertools.pairwise(pages))


TestSession = Session.TestCase
TestSession.settings = settings(max_examples=15, stateful_step_count=40)
