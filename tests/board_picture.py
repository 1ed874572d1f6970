"""README's picture of the drawing board, made anew: `python -m tests.board_picture artifacts/pictures/board.png`.

A number is drawn on a virtual screen as a steady hand draws it, with real events of the mouse, and read as ever.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import ImageGrab

from tests.screen import virtual_screen, window
from tests.strokes import CURVES, Line

MODEL = Path("artifacts/pretrained/digits.npz")
NUMBER = "2683"
HEIGHTS = (178, 205, 186, 196)  # of the digits, in pixels: no hand draws them alike
EVENTS = 24  # between two corner points of a curve: as a mouse sends them that is moved slowly
SLANT = 0.14


def smooth(corners: Line) -> npt.NDArray[np.float64]:
    """Return many points on the Catmull-Rom spline through corner points, centripetal: it makes no loops of its own."""
    p = np.array(corners, np.float64)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    knots = np.concatenate([[0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1)))])
    parts = [_part(p[i : i + 4], knots[i : i + 4]) for i in range(len(corners) - 1)]
    return np.vstack([*parts, p[-2:-1]])


def _part(p: npt.NDArray[np.float64], t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return points from the second to the third of four, by Barry's and Goldman's pyramid of lines."""
    u = np.linspace(t[1], t[2], EVENTS, endpoint=False)[:, np.newaxis]

    def between(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], i: int, j: int) -> npt.NDArray[np.float64]:
        mixed: npt.NDArray[np.float64] = ((t[j] - u) * a + (u - t[i]) * b) / (t[j] - t[i])
        return mixed

    first, second, third = (between(p[i], p[i + 1], i, i + 1) for i in range(3))
    return between(between(first, second, 0, 2), between(second, third, 1, 3), 1, 2)


def main(out: Path) -> None:
    """Draw the number, and take the picture."""
    display = virtual_screen()
    with tempfile.TemporaryDirectory() as folder, window(display, MODEL, Path(folder)) as bench:
        left = 36.0
        for digit, height in zip(NUMBER, HEIGHTS, strict=True):
            scale, top = height / 140, 340 - height
            for curve in CURVES[digit]:
                x, y = smooth(curve).T * scale
                bench.draw(tuple(zip(left + x + SLANT * (height - y), top + y, strict=True)))
            left += 88 * scale + 26
        bench.hand.move(1, 799)  # out of the picture
        bench.settle()
        place = bench.place_of(bench.root, 0, 0)
        size = bench.root.winfo_width(), bench.root.winfo_height()
        picture = ImageGrab.grab((*place, place[0] + size[0], place[1] + size[1]), xdisplay=display)
        picture.save(out, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
