"""The drawing board as people use it: a real window on a virtual screen, real events from mouse and keyboard."""

import json
import os
import signal
import subprocess
import sys
import time
import tkinter as tk
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import ImageGrab

from gui.board import drawing_of
from gui.window.app import run
from pipeline.errors import ScrawlError
from pipeline.model.artifact import load_model
from pipeline.prepare.store.arrays import load_arrays
from pipeline.recognise.predict import Answer, predict
from pipeline.recognise.strokes.json_lines import drawing_to_json
from pipeline.recognise.strokes.rasterize import render
from pipeline.recognise.strokes.stroke_files import read_drawings
from pipeline.signals import SAID, Signalled
from pipeline.types import Drawing
from tests.conftest import ROOT
from tests.places import unwritable
from tests.screen import Bench, virtual_screen, window
from tests.strokes import CURVES, drawn

# One process: it trains a network, and compiles what is not compiled yet.
pytestmark = [pytest.mark.jit, pytest.mark.xdist_group("window")]

MIDDLE = 200.0, 90.0
PLACES = {"small, in the corner": (46.0, (8.0, 8.0)), "large": (400.0, (120.0, 20.0))}


@pytest.fixture(scope="module")
def display() -> str:
    return virtual_screen()


@pytest.fixture
def bench(home: Path, display: str) -> Iterator[Bench]:
    """Open a window that uses the network of `home`; no lesson is left there from another test."""
    (home / "data" / "drawn.jsonl").unlink(missing_ok=True)
    with window(display, None, home) as bench:
        yield bench


def predicted(drawing: Drawing, home: Path, folder: Path) -> Answer:
    """Return what `predict` says of a drawing."""
    path = folder / "drawing.jsonl"
    path.write_text(drawing_to_json(drawing))
    (answer,) = predict([path], load_model(home / "artifacts" / "model" / "model.npz"))
    assert not isinstance(answer, ScrawlError)
    return answer


def draw_digit(bench: Bench, digit: str, *, events: int = 8, height: float = 240.0) -> None:
    bench.draw(*drawn(digit, events=events, height=height, at=MIDDLE))


@pytest.mark.parametrize("events", [5, 40], ids=["fast", "slow"])
@pytest.mark.parametrize("place", PLACES)
def test_ten_digits_drawn_and_read(bench: Bench, home: Path, tmp_path: Path, place: str, events: int) -> None:
    bench.switch("Live")  # Live off: it is to be read when asked
    assert not bench.app.layout.toolbar.live.get()
    height, corner = PLACES[place]
    found = []
    for digit in CURVES:
        lines = drawn(digit, events=events, height=height, at=corner)
        bench.draw(*lines, pause=0.004 if events > 5 else 0.02)
        assert bench.headline == "-"
        bench.push("Read")
        found.append(bench.headline)
        drawing = drawing_of(bench.app.board)
        assert [tuple(stroke[0]) for stroke in drawing.strokes] == [line[0] for line in lines]
        answer, (reading,) = predicted(drawing, home, tmp_path), bench.app.seen.readings
        (single,) = answer.digits
        assert single.label == digit
        np.testing.assert_array_equal(reading.pixels, render(drawing))
        np.testing.assert_allclose(reading.probabilities, single.probabilities, rtol=1e-5, atol=1e-7)
        bench.press("Escape", "Return")
        assert bench.detail == "nothing drawn yet: draw a digit"
    assert set(found) - {"?"} <= set(CURVES)
    assert all(answer in {digit, "?"} for answer, digit in zip(found, CURVES, strict=True))


def test_it_reads_while_one_draws(bench: Bench) -> None:
    x, y = 200, 80
    lines = drawn("1", events=10, height=200, at=(x, y))
    bench.pen_down(lines[0][0])
    for point in lines[0][1:]:
        bench.move_to(point)
    bench.settle()
    assert bench.app.board.line
    assert bench.headline == "1"
    bench.hand.hold(1, down=False)
    bench.settle()
    assert bench.headline == "1"
    assert not bench.app.board.line


def test_a_click_is_a_dot_and_an_empty_board_is_none(bench: Bench) -> None:
    bench.press("Return")
    assert (bench.headline, bench.detail) == ("-", "nothing drawn yet: draw a digit")
    bench.draw(((50, 60),))
    assert bench.app.board.page.ink == (((50.0, 60.0),),)
    (reading,) = bench.app.seen.readings
    assert reading.pixels.any()
    assert bench.headline != "-"


def test_undo_redo_and_clear(bench: Bench) -> None:
    draw_digit(bench, "4")
    both = bench.app.board.page.ink
    bench.press("ctrl+z")
    assert bench.app.board.page.ink == both[:1]
    bench.push("Undo")
    assert (bench.app.board.page.ink, bench.headline) == ((), "-")
    bench.press("ctrl+y")
    bench.push("Redo")
    assert bench.app.board.page.ink == both
    bench.push("Clear")
    assert bench.app.board.page.ink == ()
    bench.press("ctrl+z")
    assert (bench.app.board.page.ink, bench.headline) == (both, "4")


@pytest.mark.parametrize("way", ["right button", "switch"])
def test_the_eraser_takes_out_what_it_touches(bench: Bench, way: str) -> None:
    bench.draw(((100, 100), (400, 100)))
    if way == "switch":
        bench.switch("Eraser")
    bench.draw(((250, 50), (250, 150)), button=1 if way == "switch" else 3)
    left, right = bench.app.board.page.ink
    assert left[-1][0] < 230
    assert right[0][0] > 270
    bench.press("ctrl+z")
    assert len(bench.app.board.page.ink) == 1


def test_drawing_beyond_the_board_and_back(bench: Bench) -> None:
    bench.draw(((300, 100), (300, -40), (420, -40), (420, 200)))
    (line,) = bench.app.board.page.ink
    assert line == ((300.0, 100.0), (300.0, -40.0), (420.0, -40.0), (420.0, 200.0))


def test_a_whole_number(bench: Bench) -> None:
    for i, digit in enumerate("2071"):
        bench.draw(*drawn(digit, events=12, height=150, at=(20 + 140 * i, 120)))
    assert [chr(48 + int(r.probabilities.argmax())) for r in bench.app.seen.readings] == list("2071")
    assert bench.headline.replace("?", "") in "2071"
    assert len(bench.app.layout.sheet.find_withtag("box")) == 8
    assert "digit 4 of 4" in bench.detail
    bench.press("Left")
    assert "digit 3 of 4" in bench.detail


def lessons(home: Path) -> list[dict[str, object]]:
    path = home / "data" / "drawn.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_teaching_by_key_and_by_bar(bench: Bench, home: Path) -> None:
    draw_digit(bench, "7")
    drawing = drawing_of(bench.app.board)
    bench.press("1")
    (lesson,) = lessons(home)
    assert (lesson["label"], lesson["guess"]) == (1, 7)
    assert str(lesson["time"]).endswith("+00:00")
    (kept,) = read_drawings(home / "data" / "drawn.jsonl")
    assert isinstance(kept, Drawing)
    np.testing.assert_array_equal(kept.strokes[0], drawing.strokes[0])
    bars = bench.app.layout.answer.bars
    bench.click(bars, bars.winfo_width() // 2, round(0.35 * bars.winfo_height()))  # the fourth of ten
    assert [lesson["label"] for lesson in lessons(home)] == [1, 3]
    assert "Learned as 3" in bench.status
    bench.press("ctrl+z")
    assert [lesson["label"] for lesson in lessons(home)] == [1]
    bench.press("ctrl+y")
    assert [lesson["label"] for lesson in lessons(home)] == [1, 3]


def test_there_is_nothing_to_teach_on_an_empty_board(bench: Bench, home: Path) -> None:
    bench.press("5")
    assert "no ink to teach" in bench.status
    assert lessons(home) == []


def test_lessons_that_cannot_be_kept_are_told_of(bench: Bench) -> None:
    with unwritable() as folder:
        bench.app.folder = folder
        draw_digit(bench, "7")
        bench.press("1")
    assert "can't be written" in bench.status
    assert bench.app.board.page.lessons == ()
    assert len(bench.app.board.page.ink) == 1


@pytest.mark.parametrize("suffix", [".jsonl", ".png"])
def test_save_and_open(bench: Bench, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"three{suffix}"
    draw_digit(bench, "3")
    ink = bench.app.board.page.ink
    bench.app.file_actions.save(path)
    bench.wait_for(bench.idle)
    assert bench.status == f"Saved {path}."
    bench.press("Escape")
    bench.app.file_actions.open(path)
    bench.wait_for(bench.idle)
    assert bench.headline in {"3", "?"}
    assert bench.app.seen.readings[0].probabilities.argmax() == 3
    if suffix == ".jsonl":
        assert bench.app.board.page.ink == ink
    else:
        assert bench.app.board.page.picture is not None


def test_what_cannot_be_opened_or_saved_is_a_sentence(bench: Bench, tmp_path: Path) -> None:
    bench.app.file_actions.save(tmp_path / "nothing.png")
    bench.wait_for(bench.idle)
    assert "no ink to save" in bench.status
    bench.app.file_actions.open(tmp_path / "missing.png")
    bench.wait_for(bench.idle)
    assert "no such file" in bench.status
    draw_digit(bench, "1")
    with unwritable() as folder:
        bench.app.file_actions.save(folder / "one.png")
        bench.wait_for(bench.idle)
    assert "can't be written" in bench.status
    bench.press("Return")
    assert bench.headline == "1"


def test_resizing_keeps_the_drawing_and_shows_all_of_it(bench: Bench) -> None:
    bench.draw(*drawn("5", events=12, height=200, at=(440, 200)))
    ink, sheet = bench.app.board.page.ink, bench.app.layout.sheet
    bench.root.geometry("770x470")
    bench.wait_for(lambda: bench.root.winfo_width() == 770)
    bench.settle()
    assert bench.app.board.page.ink == ink
    box = sheet.bbox("ink")
    swing = 8  # the smooth curve goes a little beyond its points
    assert box[2] <= sheet.winfo_width() + swing
    assert box[3] <= sheet.winfo_height() + swing
    bench.draw(((10, 10), (20, 30)))
    assert len(bench.app.board.page.ink) == len(ink) + 1
    bench.press("Return")
    assert bench.app.seen.readings


@pytest.mark.parametrize("content", [b"", b"PK no model", None], ids=["empty", "damaged", "missing"])
def test_a_broken_model_is_a_sentence_and_the_board_goes_on(
    display: str, home: Path, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "model.npz"
    if content is not None:
        path.write_bytes(content)
    with window(display, path, home) as bench:
        assert str(path) in bench.status
        draw_digit(bench, "1")
        assert len(bench.app.board.page.ink) == 1
        bench.push("Read")
        assert "no model" in bench.status
        bench.app.load(home / "artifacts" / "model" / "model.npz")
        bench.wait_for(bench.idle)
        assert bench.headline == "1"
        bench.app.load(path)
        bench.wait_for(bench.idle)
        assert str(path) in bench.status
        assert bench.headline == "1"


def test_the_model_is_named_with_its_accuracy(bench: Bench, home: Path) -> None:
    text = bench.app.layout.model.cget("text")
    assert text.startswith(f"Model: {home / 'artifacts' / 'model' / 'model.npz'}")


def test_the_gallery_puts_real_digits_on_the_board(bench: Bench, home: Path) -> None:
    bench.push("Gallery")
    (window,) = (child for child in bench.root.winfo_children() if child.winfo_class() == "Toplevel")
    bench.settle()
    buttons = window.winfo_children()
    assert len(buttons) == 60
    bench.click(buttons[6 * 3])
    picture = bench.app.board.page.picture
    data = load_arrays(home / "artifacts" / "data").test
    bench.root.focus_force()
    assert picture is not None
    assert picture.pixels == data.features[np.flatnonzero(data.labels == 3)[0]].tobytes()
    np.testing.assert_array_equal(bench.app.seen.readings[0].pixels.tobytes(), picture.pixels)
    bench.draw(*drawn("1", events=12, height=200, at=MIDDLE))
    assert bench.headline == "1"
    bench.press("ctrl+z", "Return")
    assert bench.app.seen.readings[0].pixels.tobytes() == picture.pixels


def test_what_the_network_sees_in_a_window_of_its_own(bench: Bench) -> None:
    draw_digit(bench, "7")
    bench.click(bench.app.layout.answer.view)
    window = bench.app.view.window
    assert window is not None
    assert window.winfo_width() == 420
    bench.press("Escape")
    bench.wait_for(lambda: not window.winfo_exists())


def test_which_pixels_spoke_for_the_answer(bench: Bench) -> None:
    bench.press("ctrl+e")
    bench.root.focus_force()
    draw_digit(bench, "7")
    window, label = (
        bench.app.saliency.window,
        bench.app.saliency.window and bench.app.saliency.window.winfo_children()[0],
    )
    assert window is not None
    assert label is not None
    image = str(label.cget("image"))
    colours = {bench.root.tk.call(image, "get", x, y) for x in range(7, 420, 15) for y in range(7, 420, 15)}
    assert any(red > blue for red, _, blue in colours)
    assert any(blue > red for red, _, blue in colours)
    bench.press("Escape")
    window.destroy()


def test_a_dialog_opens_what_is_named(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "nine.jsonl"
    strokes = tuple(np.array(line, np.float32) for line in drawn("9", events=12, height=2000, at=(-700, 90)))
    path.write_text(drawing_to_json(Drawing(strokes)))
    bench.root.after(400, lambda: bench.hand.type(f"{path}\n"))
    bench.app.file_actions.ask_open()
    bench.wait_for(bench.idle)
    assert bench.app.seen.readings[0].probabilities.argmax() == 9
    assert all(x >= 0 and y >= 0 for line in bench.app.board.page.ink for x, y in line)


def test_a_dense_screen_shows_the_same_larger(home: Path) -> None:
    with window(virtual_screen("2560x1600", dpi=192), None, home) as bench:
        assert bench.app.layout.look.unit == pytest.approx(2, rel=0.02)
        assert bench.root.winfo_width() >= 1800
        bench.draw(*drawn("3", events=12, height=400, at=(300, 100)))
        assert bench.app.seen.readings[0].probabilities.argmax() == 3


def test_everything_fits_on_a_small_screen(home: Path) -> None:
    with window(virtual_screen("1024x600"), None, home) as bench:
        for widget in (
            *bench.app.layout.toolbar.winfo_children(),
            bench.app.layout.answer.view,
            bench.app.layout.model,
        ):
            assert widget.winfo_rootx() + widget.winfo_width() <= 1024
            assert widget.winfo_rooty() + widget.winfo_height() <= 600


def test_the_window_is_there_within_a_second(home: Path) -> None:
    display = virtual_screen("1000x600")  # nothing else is on this one
    assert any(seconds_to_paint(home, display) < 1.0 for _ in range(3))


def test_latency_is_measured_in_a_window(home: Path, display: str) -> None:
    environment = {**os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "cli.py"), "bench", "--gui", "--strokes", "20", "--json"]
    done = subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert 0 < found["p50_ms"] <= found["p99_ms"] <= found["max_ms"]
    assert found["strokes"] == 20
    assert found["first_answer_s"] > 0


def test_without_a_screen_there_is_a_sentence(home: Path) -> None:
    environment = {**os.environ, "DISPLAY": "", "PYTHONPATH": str(ROOT)}
    for command in (["-m", "gui"], [str(ROOT / "cli.py"), "gui"]):
        done = subprocess.run(
            [sys.executable, *command], cwd=home, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 1
        assert done.stderr.startswith("error: no window can be opened here")


@pytest.mark.usefixtures("attentive")
@pytest.mark.parametrize(
    ("entrance", "number", "code"),
    [(["-m", "gui"], signal.SIGINT, 130), ([str(ROOT / "cli.py"), "gui"], signal.SIGTERM, 143)],
    ids=["-m gui", "cli.py gui"],
)
def test_a_signal_closes_a_window_that_waits(
    home: Path, display: str, entrance: list[str], number: signal.Signals, code: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, *entrance],
        cwd=home, env={**os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr
    assert "model" in process.stderr.readline(), "it has opened, and says which model answers"
    process.send_signal(number)
    _, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (code, SAID[number].decode())


def test_a_signal_in_the_midst_of_what_tk_does_ends_it_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then a command of Tk's may be half deleted, and the window can't be destroyed any more."""

    def hear() -> None:
        raise Signalled(signal.SIGTERM)

    def tear() -> None:
        raise tk.TclError("can't delete Tcl command")

    half = SimpleNamespace(root=SimpleNamespace(mainloop=hear, after=lambda *_: None), close=tear)
    monkeypatch.setattr("gui.window.app.opened", lambda *_: half)
    with pytest.raises(Signalled) as ending:
        run(None, print)
    assert ending.value.code == 143


def seconds_to_paint(home: Path, display: str) -> float:
    """Return how long a new process takes until the white board can be seen."""
    environment = {**os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT)}
    assert not white_pixels(display)
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "gui"], cwd=home, env=environment)
    try:
        while white_pixels(display) < 100_000:
            assert time.perf_counter() - start < 30
            time.sleep(0.005)
        return time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()
        while white_pixels(display):
            time.sleep(0.005)


def white_pixels(display: str) -> int:
    """Return how many pixels of a screen are white; without a window it is black."""
    return ImageGrab.grab(xdisplay=display).convert("L").histogram()[255]
