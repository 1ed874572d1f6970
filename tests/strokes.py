"""Ten digits, drawn for these tests with a mouse: as curves, from which a slow or a fast hand takes its events."""

import itertools

import numpy as np

Line = tuple[tuple[float, float], ...]

# Corner points of strokes in a box of 100 by 140; a smooth curve goes through them.
CURVES: dict[str, tuple[Line, ...]] = {
    "0": (((55, 2), (22, 15), (5, 70), (22, 125), (52, 138), (82, 122), (96, 70), (80, 15), (55, 2)),),
    "1": (((54, 2), (52, 48), (49, 93), (46, 138)),),
    "2": (((8, 35), (30, 6), (62, 4), (82, 28), (70, 65), (35, 105), (6, 134), (50, 134), (94, 134)),),
    "3": (((10, 18), (45, 2), (80, 20), (72, 52), (38, 66), (78, 82), (88, 112), (55, 137), (10, 124)),),
    "4": (((30, 4), (18, 45), (10, 82), (50, 82), (92, 78)), ((72, 10), (70, 75), (67, 138))),
    "5": (
        ((22, 6), (16, 35), (14, 62), (50, 54), (84, 78), (80, 118), (45, 137), (8, 126)),
        ((22, 6), (55, 5), (88, 3)),
    ),
    "6": (((70, 3), (35, 30), (12, 80), (20, 122), (52, 137), (82, 116), (78, 86), (48, 74), (18, 96)),),
    "7": (((8, 10), (50, 8), (90, 6), (70, 50), (52, 95), (40, 138)),),
    "8": (
        ((50, 64), (25, 35), (50, 4), (76, 33), (50, 64)),
        ((50, 64), (18, 100), (50, 138), (84, 100), (50, 64)),
    ),
    "9": (((82, 22), (50, 4), (22, 36), (50, 66), (82, 40)), ((84, 18), (80, 60), (74, 100), (66, 138))),
}  # fmt: skip
BOX = 100.0, 140.0


def drawn(digit: str, *, events: int, height: float, at: tuple[float, float]) -> tuple[Line, ...]:
    """Return the events of a digit's strokes on whole pixels, evenly spread along each.

    Parameters
    ----------
    digit : str
    events : int
        A stroke.
    height : float
        Of the digit, in pixels.
    at : (x, y)
        Its upper left corner.
    """
    scale = height / BOX[1]
    return tuple(
        tuple((round(at[0] + x * scale), round(at[1] + y * scale)) for x, y in _events(curve, events))
        for curve in CURVES[digit]
    )


def _events(curve: Line, count: int) -> list[tuple[float, float]]:
    """Return points along a curve: its corners' share of a fast hand, and many more of a slow one."""
    corners = np.array(curve, np.float64)
    along = np.array([0.0, *itertools.accumulate(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    wanted = np.linspace(0, along[-1], count)
    return [(float(np.interp(w, along, corners[:, 0])), float(np.interp(w, along, corners[:, 1]))) for w in wanted]
