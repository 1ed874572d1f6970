"""How long a person waits: for the window, for the first answer, and for each one after."""

import os
import time
from pathlib import Path

from gui import board as boards
from gui.board import Trace
from gui.window.app import App, Say, opened
from pipeline.errors import ScrawlError
from pipeline.types import Json

SEVEN: Trace = ((150.0, 100.0), (220.0, 98.0), (290.0, 100.0), (265.0, 170.0), (235.0, 240.0), (215.0, 310.0))
PATIENCE = 60.0  # seconds


def measure(model: Path | None, strokes: int, say: Say) -> Json:
    """Open a window, draw on it by Tk's events, and return how long everything took.

    The model is as for `gui.jobs.load`; the first of so many strokes is drawn at once, before there is one. `say` takes
    lines for a terminal.

    Raises ScrawlError if there is no screen, or an answer does not come.

    Returns
    -------
    dict
        `first_paint_s`, since the process began (None where the system does not tell); `first_answer_s`; and over all
        strokes, the first one included, `p50_ms`, `p99_ms` and `max_ms`: from the lifting of the pen to the answer on
        the screen.
    """
    app = opened(model, say)
    while not app.layout.sheet.winfo_viewable():
        app.root.update()
    app.root.update_idletasks()
    painted = _age_of_process()
    try:
        times = [_stroke_to_answer(app) for _ in range(strokes)]
    finally:
        app.close()
    ordered = sorted(times)
    return {
        "first_paint_s": None if painted is None else round(painted, 2),
        "first_answer_s": round(times[0], 3),
        "strokes": strokes,
        "p50_ms": round(ordered[(strokes - 1) // 2] * 1e3, 2),
        "p99_ms": round(ordered[(strokes * 99 - 1) // 100] * 1e3, 2),
        "max_ms": round(ordered[-1] * 1e3, 2),
    }


def _stroke_to_answer(app: App) -> float:
    """Draw a digit on a clean board; return the seconds from the lifting of the pen to the answer."""
    app.turn(boards.clear)
    sheet = app.layout.sheet
    (x, y), *rest = SEVEN
    sheet.event_generate("<ButtonPress-1>", x=int(x), y=int(y))
    for x, y in rest:
        sheet.event_generate("<B1-Motion>", x=int(x), y=int(y))
        app.root.update()
    start = time.perf_counter()
    sheet.event_generate("<ButtonRelease-1>", x=int(x), y=int(y))
    while not (app.is_read() and app.seen.readings):
        if time.perf_counter() - start > PATIENCE:
            raise ScrawlError(f"no answer within {PATIENCE:.0f} s; the window says: {app.layout.status.cget('text')}")
        # Waits for the next event, as the window itself does: a loop that never sleeps would take the worker's turns.
        app.root.tk.dooneevent(0)
    app.root.update_idletasks()
    return time.perf_counter() - start


def _age_of_process() -> float | None:
    """Return for how many seconds this process has lived, to a hundredth."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        up = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    except OSError:
        return None
    return up - int(fields[19]) / os.sysconf("SC_CLK_TCK")
