"""Outlines: the forms of digits, letters and signs, written down as points to go through.

An outline such as `"0,100 30,0 60,100 / 12,62 48,62"`, an A, holds strokes, parted by `/`, and of each stroke the
points, `x,y` in hundredths of the height, x to the right and y downwards. At a point the pen turns sharply, unless a
`~` stands before it: then the line passes through it in a curve. A hand hits each point more or less.
"""

from functools import cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from pipeline.recognise.strokes.curves import Points, flatten

Lines: TypeAlias = list[Points]
"""Strokes, the points of each (n, 2), in a box whose height is about 1."""

STEP = 1 / 16
"""From one point of a line to the next: what a hand of ordinary speed leaves on a screen."""
TOLERANCE = 1e-3
"""How far points may stray from the smooth curve."""
BEND = 0.04
"""How much a line that is meant to be straight is bent, as the standard deviation of a share of its length."""


class Outline(NamedTuple):
    """A stroke of an outline."""

    points: Points
    corners: tuple[int, ...]  # numbers of the points at which the pen turns sharply, both ends among them


@cache
def outlines_of(text: str) -> tuple[Outline, ...]:
    """Return the strokes that an outline consists of."""
    return tuple(_outline(stroke.split()) for stroke in text.split("/"))


def _outline(words: list[str]) -> Outline:
    """Return a stroke whose points are written down."""
    points = np.array([[float(number) / 100 for number in word.lstrip("~").split(",")] for word in words])
    inner = (i for i, word in enumerate(words[1:-1], start=1) if not word.startswith("~"))
    return Outline(points, (0, *inner, len(words) - 1))


def traced(text: str, random: np.random.Generator, astray: float) -> Lines:
    """Return the lines of an outline, each of its points missed by a distance whose standard deviation is `astray`."""
    return [_traced(outline, random, astray) for outline in outlines_of(text)]


def _traced(outline: Outline, random: np.random.Generator, astray: float) -> Points:
    """Return the line through the points of a stroke, hit more or less."""
    knots = outline.points + random.normal(0, astray, outline.points.shape)
    pieces = [
        bow(knots[first], knots[last], random.normal(0, BEND)) if last == first + 1 else curve(knots[first : last + 1])
        for first, last in pairwise(outline.corners)
    ]
    return np.concatenate(pieces)


def bow(start: tuple[float, float] | Points, end: tuple[float, float] | Points, bend: float) -> Points:
    """Return a line from one point to another that is bent to the right by a share of its length."""
    a, b = np.array(start), np.array(end)
    x, y = b - a
    t = np.linspace(0, 1, _steps(float(np.hypot(x, y))))[:, np.newaxis]
    line: Points = a + (b - a) * t + np.array([-y, x]) * bend * 4 * t * (1 - t)
    return line


def curve(knots: Points) -> Points:
    """Return a smooth line through points (n, 2), of which no two neighbours are equal."""
    segments = flatten(knots, np.zeros(len(knots), np.intp), TOLERANCE)
    return evenly(np.vstack([segments[:1, :2], segments[:, 2:]]))


def evenly(line: Points) -> Points:
    """Return points at even distances along a line."""
    way = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, way[-1], _steps(way[-1]))
    return np.stack([np.interp(at, way, line[:, i]) for i in (0, 1)], axis=1)


def arc(middle: tuple[float, float], radii: tuple[float, float], begin: float, turn: float) -> Points:
    """Return part of an ellipse, from an angle on and by another, in radians; 0 is to the right, then downwards."""
    angle = np.linspace(begin, begin + turn, _steps(abs(turn) * max(radii)))[:, np.newaxis]
    line: Points = np.array(middle) + np.array(radii) * np.hstack([np.cos(angle), np.sin(angle)])
    return line


def _steps(length: float) -> int:
    """Return how many points a line of a length has."""
    return max(int(np.ceil(length / STEP)), 2) + 1
