"""Scribbles: what is left of trying a pen, of crossing out, of a child."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from pipeline.recognise.sketches.outlines import Lines, bow, curve

Scribbler = Callable[[np.random.Generator], Lines]


def walk(random: np.random.Generator) -> Lines:
    """Return a line that turns now one way, now the other, long enough to be no digit."""
    knots = random.uniform(0, 1, (random.integers(8, 16), 2))
    return [curve(knots * (random.uniform(0.8, 2), 1))]


def coil(random: np.random.Generator) -> Lines:
    """Return loops one beside the other, as many as four to eight."""
    turns, radius = random.integers(4, 9), random.uniform(0.3, 0.5)
    t = np.linspace(0, 2 * np.pi * turns, 20 * int(turns))
    uneven = 1 + 0.15 * np.sin(t * random.uniform(0.3, 0.9))
    x = t / (2 * np.pi) * random.uniform(0.2, 0.5)
    return [np.stack([x + radius * np.sin(t) * uneven, 0.5 - radius * np.cos(t) * uneven], axis=1)]


def spiral(random: np.random.Generator) -> Lines:
    """Return a spiral of more turns than a 6 or a 9 has."""
    t = np.linspace(0, 2 * np.pi * random.uniform(2.3, 4.5), 120)
    radius = 0.5 * (0.08 + t / t[-1])
    way = random.choice([-1, 1])
    angle = way * t + random.uniform(0, 2 * np.pi)
    return [0.5 + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)]


def hatching(random: np.random.Generator) -> Lines:
    """Return a line that goes to and fro, as one crosses out or fills in."""
    count, height = random.integers(6, 14), random.uniform(0.3, 1)
    x = np.linspace(0, random.uniform(0.6, 1.6), count) + random.normal(0, 0.04, count)
    y = height * (np.arange(count) % 2) + random.normal(0, 0.08, count)
    knots = np.stack([x, y], axis=1)
    if random.uniform() < 0.5:  # noqa: PLR2004 -- half of them round
        return [curve(knots)]
    return [np.concatenate([bow(a, b, random.normal(0, 0.05)) for a, b in pairwise(knots)])]


def strokes(random: np.random.Generator) -> Lines:
    """Return four to seven lines that have nothing to do with each other."""
    ends = random.uniform(0, 1, (random.integers(4, 8), 2, 2))
    return [bow(start, end + 0.05, random.normal(0, 0.25)) for start, end in ends]


SCRIBBLES: tuple[Scribbler, ...] = (walk, coil, spiral, hatching, strokes)
