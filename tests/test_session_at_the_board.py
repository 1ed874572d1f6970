"""Hundreds of things that come to a hand's mind, one after the other, in a real window."""

import gc
import tkinter as tk
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.screen import Bench, virtual_screen, window

pytestmark = pytest.mark.xdist_group("window")

STEPS = 250
MOST_STEPS = 100
"""Steps that Undo goes back here, fewer than are taken, as on a board at which somebody stays for longer."""
SPARE_OBJECTS = 8000
"""What Python may hold more of in the end: what Undo keeps of its steps, and the history of hypothesis itself."""
seeds = st.integers(0, 255)


def every_widget(root: tk.Misc) -> int:
    """Return how many widgets there are."""
    return 1 + sum(every_widget(child) for child in root.winfo_children())


def pictures(bench: Bench) -> int:
    """Return how many pictures Tk holds."""
    return len(bench.root.tk.splitlist(bench.root.tk.call("image", "names")))


class Session(RuleBasedStateMachine):
    """A person at a board that is already there."""

    bench: Bench
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.sheet, self.app = self.bench.app.layout.sheet, self.bench.app
        self.widgets = every_widget(self.bench.root)

    @rule(seed=seeds)
    def draw(self, seed: int) -> None:
        """Draw a stroke of one to six events, some of them beyond the board's edge."""
        points = np.random.default_rng(seed).integers(-20, 420, (1 + seed % 6, 2)).astype(float).tolist()
        self.bench.sweep(tuple((x, y) for x, y in points), 1)

    @rule(seed=seeds)
    def draw_again(self, seed: int) -> None:
        """Draw another one: what people do most."""
        self.draw(seed)

    @rule(seed=seeds)
    def erase(self, seed: int) -> None:
        """Sweep the eraser."""
        points = np.random.default_rng(seed).integers(0, 400, (3, 2)).astype(float).tolist()
        self.bench.sweep(tuple((x, y) for x, y in points), 3)

    @rule(key=st.sampled_from(["ctrl+z", "ctrl+z", "ctrl+y", "Escape", "Return", "Left", "Right"]))
    def press(self, key: str) -> None:
        """Press a key."""
        self.bench.hand.press(key)
        self.bench.root.update()

    @rule(pen=st.integers(4, 40))
    def take_pen(self, pen: int) -> None:
        """Choose another pen."""
        self.app.layout.toolbar.pen.set(pen)
        self.bench.root.update()

    @invariant()
    def what_shows_is_what_is_there(self) -> None:
        """Expect an item for each stroke, and a hint only while there is none."""
        type(self).steps += 1
        board = self.app.board
        strokes = len(board.page.ink) + bool(board.line)
        assert len(self.sheet.find_withtag("ink")) == strokes
        assert bool(self.sheet.find_withtag("hint")) == (strokes == 0)
        assert len(self.sheet.find_withtag("box")) % 2 == 0

    @invariant()
    def there_is_an_end_to_all_things(self) -> None:
        """Expect a limited number of steps to undo, and no widget left behind."""
        assert len(self.app.board.past) <= MOST_STEPS
        assert every_widget(self.bench.root) == self.widgets

    def teardown(self) -> None:
        """In the end, the answer is the board's."""
        self.bench.settle()
        self.bench.press("Return")
        assert self.app.is_read()
        seen = {number for reading in self.app.seen.readings if reading.group for number in reading.group.strokes}
        assert seen == set(range(len(self.app.board.page.ink)))
        self.bench.press("Escape")
        assert self.bench.headline == "-"


def test_hundreds_of_steps_at_the_board_leave_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.board.MOST_STEPS", MOST_STEPS)
    with window(virtual_screen(), None, home) as bench:
        Session.bench = bench
        images, objects = pictures(bench), len(gc.get_objects())
        run_state_machine_as_test(
            Session,
            settings=settings(
                max_examples=1,
                stateful_step_count=STEPS,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        gc.collect()
        assert Session.steps > STEPS
        assert pictures(bench) <= images + 2
        assert len(gc.get_objects()) < objects + SPARE_OBJECTS
