"""Digits in forms that people write and MNIST hardly has, drawn by rule.

They are 1s with flag and foot, open and closed 4s, crossed 7s, and 9s with and without a hook. MNIST was written by
Americans: a 1 with a long flag is taken for a 7 by a network that has seen nothing else. These drawings come from
nobody's hand. Each kind is a few lines through points that are drawn from ranges, in a box whose height is 1 with y
downwards, then slanted, stretched and shaken a little.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.errors import ConfigError
from pipeline.files import output_errors, sha256_of, stat_of, write_bytes
from pipeline.recognise.strokes.curves import Points
from pipeline.recognise.strokes.json_lines import drawing_to_json
from pipeline.types import Drawing, Json

Point: TypeAlias = tuple[float, float]
Ranges: TypeAlias = Callable[[float, float], float]
"""Draws a number from a range."""

POINTS = 16
"""Of a line between two points; as many as a hand of ordinary speed leaves on a screen."""
SHAKE = 0.004
"""What a hand goes astray from one point to the next, as a standard deviation."""
SIZE = 200
"""Height of a drawing, in the unit of its points."""


def write_sketches(path: Path, count: int, seed: int, *, overwrite: bool = False) -> Json:
    """Write a stroke file of labelled sketches, the same for the same seed; return what `sketch` prints as JSON.

    Raises ConfigError if other drawings are there, somebody's lessons perhaps, which must not be replaced; OutputError
    if it can't be written; what was there is untouched.
    """
    lines = [
        json.dumps({**json.loads(drawing_to_json(drawing)), "label": label}, allow_nan=False)
        for label, drawing in some(count, seed)
    ]
    content = "".join(f"{line}\n" for line in lines).encode()
    with output_errors(path):
        is_other = stat_of(path) is not None and sha256_of(path) != hashlib.sha256(content).hexdigest()
    if is_other and not overwrite:
        raise ConfigError(
            f"{path}: holds other drawings already. Replace them by --overwrite, or name another file by --out."
        )
    write_bytes(path, content)
    return {"sketches": str(path), "drawings": count, "labels": sorted(FORMS), "seed": seed}


def some(count: int, seed: int) -> Iterator[tuple[int, Drawing]]:
    """Yield so many digits and drawings of them, the kinds in turn; each depends on the seed and its number alone."""
    labels = sorted(FORMS)
    for number in range(count):
        label, random = labels[number % len(labels)], np.random.default_rng([seed, number])
        yield label, _written(FORMS[label](random.uniform), random)


def _written(lines: list[Points], random: np.random.Generator) -> Drawing:
    """Return lines as a hand would write them: slanted, narrow or wide, not quite steady."""
    slant, width = random.uniform(-0.25, 0.35), random.uniform(0.75, 1.35)
    map_ = np.array([[width, 0], [-slant, 1]])  # what is above the middle goes to the right

    def stroke(line: Points) -> npt.NDArray[np.float32]:
        astray = np.cumsum(random.normal(0, SHAKE, line.shape), axis=0)
        points: Points = np.round(SIZE * (line @ map_ + astray), 1)
        return points.astype(np.float32)

    return Drawing(tuple(stroke(line) for line in lines))


def _bow(start: Point, end: Point, bend: float) -> Points:
    """Return a line from one point to another that is bent to the right by a share of its length."""
    a, b, t = np.array(start), np.array(end), np.linspace(0, 1, POINTS)[:, np.newaxis]
    x, y = b - a
    line: Points = a + (b - a) * t + np.array([-y, x]) * bend * 4 * t * (1 - t)
    return line


def _one(draw: Ranges) -> list[Points]:
    """Return a 1: a flag from slight to long, never as flat as a 7's bar; every other has a foot."""
    reach, foot = draw(0.08, 0.5), (draw(-0.08, 0.12), 1.0)
    drop = min(reach * draw(0.45, 1.6), 0.6)
    flag, stem = _bow((-reach, drop), (0, 0), draw(-0.12, 0.12)), _bow((0, 0), foot, draw(-0.04, 0.04))
    lines = [np.concatenate([flag, stem])]
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- half of them
        left, right = (foot[0] - draw(0.12, 0.4), draw(0.96, 1.04)), (foot[0] + draw(0.12, 0.4), draw(0.96, 1.04))
        lines.append(_bow(left, right, draw(-0.05, 0.05)))
    return lines


def _four(draw: Ranges) -> list[Points]:
    """Return a 4 in two strokes, open at the top or closed."""
    elbow, right, x = (draw(-0.45, -0.25), draw(0.5, 0.68)), draw(0.2, 0.5), draw(0, 0.25)
    is_open = draw(0, 1) < 0.6  # noqa: PLR2004 -- most of them
    top = (draw(elbow[0] - 0.02, elbow[0] + 0.25), draw(0, 0.12)) if is_open else (x, 0.0)
    bar = _bow(elbow, (right, elbow[1] + draw(-0.06, 0.06)), draw(-0.04, 0.04))
    begin = (x + draw(-0.02, 0.06), draw(0, 0.35) if is_open else draw(-0.03, 0.2))
    stem = _bow(begin, (x + draw(-0.08, 0.03), 1.0), draw(-0.04, 0.04))
    return [np.concatenate([_bow(top, elbow, draw(-0.05, 0.08)), bar]), stem]


def _seven(draw: Ranges) -> list[Points]:
    """Return a 7: a bar and a stroke down, every fourth with a hook at its left, every other with a cross."""
    start, end = (draw(-0.75, -0.35), draw(-0.06, 0.1)), (draw(-0.5, -0.05), 1.0)
    line = np.concatenate([_bow(start, (0, 0), draw(-0.08, 0.08)), _bow((0, 0), end, draw(-0.02, 0.14))])
    if draw(0, 1) < 0.25:  # noqa: PLR2004 -- every fourth
        hook = (start[0] + draw(-0.05, 0.03), start[1] + draw(0.08, 0.22))
        line = np.concatenate([_bow(hook, start, 0), line])
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- every other
        height, reach, tilt = draw(0.38, 0.62), draw(0.12, 0.28), draw(-0.08, 0.08)
        x = height * end[0]
        return [line, _bow((x - reach, height + tilt), (x + reach, height - tilt), 0)]
    return [line]


def _nine(draw: Ranges) -> list[Points]:
    """Return a 9 in one stroke: a loop, then a stem that is straight or ends in a hook."""
    rx, ry, begin = draw(0.18, 0.3), draw(0.18, 0.28), draw(-1, 0)
    angle = np.linspace(begin, begin - draw(5.3, 6.6), 2 * POINTS)
    loop = np.stack([rx * np.cos(angle), ry + ry * np.sin(angle)], axis=1)
    x, y = loop[-1].tolist()
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- every other
        return [np.concatenate([loop, _bow((x, y), (rx + draw(-0.12, 0.05), 1.0), draw(-0.06, 0.04))])]
    corners = np.array([(x, y), (rx + 0.02, 0.6), (rx - 0.1, 0.95), (-rx * draw(0.2, 1.2), draw(0.88, 1))])
    t = np.linspace(0, 1, POINTS)[:, np.newaxis]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])  # a cubic Bézier curve
    return [np.concatenate([loop, weights @ corners])]


FORMS: Mapping[int, Callable[[Ranges], list[Points]]] = {1: _one, 4: _four, 7: _seven, 9: _nine}
"""How each digit is made; the others look alike wherever people learned to write."""
