"""Digits whose strokes are constructed: their points are drawn from ranges, and so vary further than an outline's."""

import numpy as np

from pipeline.recognise.sketches.outlines import Lines, arc, bow


def zero(random: np.random.Generator, inside: float, outside: float) -> Lines:
    """Return a 0 with a slash through its middle, whose ends lie between two multiples of its outline's distance."""
    draw = random.uniform
    rx, turn = draw(0.24, 0.48), draw(6, 6.8) * random.choice([-1, 1])
    ring = arc((rx, 0.5), (rx, 0.5), draw(-2.4, -0.6), turn)
    lean, way = draw(0.5, 1.1), 1 if draw(0, 1) < 0.85 else -1  # noqa: PLR2004 -- most from the upper right
    start, end = (
        (rx + sign * way * rx * np.cos(lean) * reach, 0.5 - sign * 0.5 * np.sin(lean) * reach)
        for sign, reach in ((1, draw(inside, outside)), (-1, draw(inside, outside)))
    )
    return [ring, bow(start, end, draw(-0.05, 0.05))]


def joined_zero(random: np.random.Generator) -> Lines:
    """Return a 0 that goes over into its slash without the pen being lifted."""
    draw = random.uniform
    rx, begin, way = draw(0.24, 0.45), draw(-1.3, -0.6), random.choice([-1, 1])
    ring = arc((rx, 0.5), (rx, 0.5), begin, way * draw(6, 6.7))
    end = (rx + rx * draw(-1.3, -0.4), 0.5 + draw(0.25, 0.65))
    return [np.concatenate([ring, bow((ring[-1, 0], ring[-1, 1]), end, draw(-0.08, 0.08))])]


def dotted_zero(random: np.random.Generator) -> Lines:
    """Return a 0 with a dot in it."""
    draw = random.uniform
    rx = draw(0.28, 0.48)
    x, y = rx + draw(-0.05, 0.05), draw(0.42, 0.58)
    return [
        arc((rx, 0.5), (rx, 0.5), draw(-2.4, -0.6), draw(6, 6.8) * random.choice([-1, 1])),
        bow((x, y), (x + draw(-0.03, 0.03), y + draw(0.01, 0.06)), 0),
    ]


def one(random: np.random.Generator, shortest: float, longest: float) -> Lines:
    """Return a 1 whose flag reaches so far to the left, never as flat as a 7's bar; every other has a foot."""
    draw = random.uniform
    reach, foot = draw(shortest, longest), (draw(-0.08, 0.12), 1.0)
    drop = min(reach * draw(0.45, 1.6), 0.75)
    flag, stem = bow((-reach, drop), (0, 0), draw(-0.12, 0.12)), bow((0, 0), foot, draw(-0.04, 0.04))
    lines = [np.concatenate([flag, stem])]
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- half of them
        left, right = (foot[0] - draw(0.12, 0.4), draw(0.96, 1.04)), (foot[0] + draw(0.12, 0.4), draw(0.96, 1.04))
        lines.append(bow(left, right, draw(-0.05, 0.05)))
    return lines


def four(random: np.random.Generator) -> Lines:
    """Return a 4 in two strokes, open at the top or closed."""
    draw = random.uniform
    elbow, right, x = (draw(-0.45, -0.25), draw(0.5, 0.68)), draw(0.2, 0.5), draw(0, 0.25)
    is_open = draw(0, 1) < 0.6  # noqa: PLR2004 -- most of them
    top = (draw(elbow[0] - 0.02, elbow[0] + 0.25), draw(0, 0.12)) if is_open else (x, 0.0)
    bar = bow(elbow, (right, elbow[1] + draw(-0.06, 0.06)), draw(-0.04, 0.04))
    begin = (x + draw(-0.02, 0.06), draw(0, 0.35) if is_open else draw(-0.03, 0.2))
    stem = bow(begin, (x + draw(-0.08, 0.03), 1.0), draw(-0.04, 0.04))
    return [np.concatenate([bow(top, elbow, draw(-0.05, 0.08)), bar]), stem]


def seven(random: np.random.Generator) -> Lines:
    """Return a 7: a bar and a stroke down, every fourth with a hook at its left, every other with a cross."""
    draw = random.uniform
    start, end = (draw(-0.75, -0.35), draw(-0.06, 0.1)), (draw(-0.5, -0.05), 1.0)
    line = np.concatenate([bow(start, (0, 0), draw(-0.08, 0.08)), bow((0, 0), end, draw(-0.02, 0.14))])
    if draw(0, 1) < 0.25:  # noqa: PLR2004 -- every fourth
        hook = (start[0] + draw(-0.05, 0.03), start[1] + draw(0.08, 0.22))
        line = np.concatenate([bow(hook, start, 0), line])
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- every other
        height, reach, tilt = draw(0.38, 0.62), draw(0.12, 0.28), draw(-0.08, 0.08)
        x = height * end[0]
        return [line, bow((x - reach, height + tilt), (x + reach, height - tilt), 0)]
    return [line]


def eight(random: np.random.Generator) -> Lines:
    """Return an 8 of two rings, one on the other, which may miss each other a little."""
    draw = random.uniform
    middle, rx = draw(0.4, 0.52), draw(0.24, 0.36)
    upper = arc((0, middle / 2), (rx * draw(0.7, 1), middle / 2), draw(0, 6.3), draw(6.1, 6.7))
    low = middle - draw(-0.02, 0.05)
    lower = arc((draw(-0.05, 0.05), (1 + low) / 2), (rx, (1 - low) / 2), draw(0, 6.3), draw(6.1, 6.7))
    return [upper, lower]


def nine(random: np.random.Generator) -> Lines:
    """Return a 9 in one stroke: a loop, then a stem that is straight or ends in a hook."""
    draw = random.uniform
    rx, ry, begin = draw(0.18, 0.3), draw(0.18, 0.28), draw(-1, 0)
    loop = arc((0, ry), (rx, ry), begin, -draw(5.3, 6.6))
    x, y = loop[-1].tolist()
    if draw(0, 1) < 0.5:  # noqa: PLR2004 -- every other
        return [np.concatenate([loop, bow((x, y), (rx + draw(-0.12, 0.05), 1.0), draw(-0.06, 0.04))])]
    corners = np.array([(x, y), (rx + 0.02, 0.6), (rx - 0.1, 0.95), (-rx * draw(0.2, 1.2), draw(0.88, 1))])
    t = np.linspace(0, 1, 16)[:, np.newaxis]
    weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])  # a cubic Bézier curve
    return [np.concatenate([loop, weights @ corners])]
