"""Numbers made of digits that people drew: set side by side at all distances, of unequal sizes, in one row or in two.

`python -m tests.numbers` counts how many of them are read wholly right, by the bundled model or by one that is named.
Digits come from `uji.jsonl`, `touch.jsonl` and `pendigits.jsonl` of a folder (`SCRAWL_STROKES`, or `shared/strokes`
beside the checkout), one writer's in each number as far as writers are known. What is chosen by such numbers is chosen
on one half of the writers, and counted on the other.
"""

import argparse
import collections
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.model.artifact import load_model
from pipeline.model.classify import recogniser
from pipeline.model.find import PRETRAINED
from pipeline.recognise.number import BETWEEN, number_of, read_number
from pipeline.threads import using_threads
from pipeline.types import Artifact, Drawing
from tests.strokes import CURVES, drawn

Array: TypeAlias = npt.NDArray[np.float64]
Digit: TypeAlias = tuple[Array, ...]
"""Strokes, (k, 2) each, in a box whose upper left is (0, 0) and whose height is 1."""
Hand: TypeAlias = dict[int, list[Digit]]
"""What one writer drew of each digit."""
FILES = ("uji", "touch", "pendigits")
UJI_WRITERS = 60
SPACING = 0.02
"""Between points of a line by which distances of ink are measured, as a share of the height of a digit."""


class Setting(NamedTuple):
    """How digits are set side by side; all lengths are shares of the height of a digit."""

    gap: float  # between their boxes or, where they are pushed together, between their lines
    pushed: bool = False  # until the lines themselves are as near as that, whatever their boxes do
    rows: int = 1
    leading: float = 0.3  # between the rows' boxes
    joined: bool = False  # the pen stays down between one digit and the next
    size: float = 0.2  # heights differ by at most this, up or down
    baseline: float = 0.08  # likewise the baseline


SETTINGS = {
    "apart": Setting(0.15),
    "3 % apart": Setting(0.03),
    "boxes touch": Setting(0.0),
    "boxes overlap by 5 %": Setting(-0.05),
    "lines touch": Setting(0.0, pushed=True),
    "lines 3 % apart": Setting(0.03, pushed=True),
    "uneven, 3 % apart": Setting(0.03, size=0.35, baseline=0.25),
    "uneven, lines touch": Setting(0.0, pushed=True, size=0.35, baseline=0.25),
    "half-height digits": Setting(0.1, size=0.5),
    "joined": Setting(0.1, joined=True),
    "two rows": Setting(0.1, rows=2),
    "two rows 10 % apart": Setting(0.1, rows=2, leading=0.1),
}


def hands(folder: Path, half: int) -> list[Hand]:
    """Return the digits of one half of the writers, 0 or 1, of all files."""
    found = [hand for name in FILES for hand in _hands_of(folder / f"{name}.jsonl")[half::2]]
    return [hand for hand in found if len(hand) == 10]


def own_hand() -> Hand:
    """Return the ten digits of these tests."""
    found = {int(d): drawn(d, events=24, height=100, at=(0, 0)) for d in CURVES}
    return {digit: [_unit([np.array(line, np.float64) for line in lines])] for digit, lines in found.items()}


def owned(hands: Sequence[Hand], setting: Setting, count: int, seed: int) -> Iterator[tuple[Drawing, list[int]]]:
    """Yield so many numbers, of one row and not joined, and for each stroke which of the digits it belongs to."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        hand = hands[int(random.integers(len(hands)))]
        digits = [_drawn(hand, int(random.integers(10)), random, setting) for _ in range(int(random.integers(2, 7)))]
        owner = [i for i, digit in enumerate(digits) for _ in digit]
        yield _drawing_of(_row(digits, setting)), owner


def singles(hands: Sequence[Hand]) -> Iterator[tuple[Drawing, list[int]]]:
    """Yield all digits, each alone, in the same form."""
    for hand in hands:
        for digit in (digit for drawings in hand.values() for digit in drawings):
            yield _drawing_of(digit), [0] * len(digit)


def numbers(hands: Sequence[Hand], setting: Setting, count: int, seed: int) -> Iterator[tuple[str, Drawing]]:
    """Yield so many numbers of two to six digits and their drawings; rows are divided by a slash."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        hand = hands[int(random.integers(len(hands)))]
        texts = ["".join(map(str, random.integers(0, 10, random.integers(2, 7)))) for _ in range(setting.rows)]
        top, strokes = 0.0, list[Array]()
        for text in texts:
            row = _row([_drawn(hand, int(digit), random, setting) for digit in text], setting)
            down = top - min(float(stroke[:, 1].min()) for stroke in row)
            strokes += [stroke + np.array([0, down]) for stroke in row]
            top = max(float(stroke[:, 1].max()) for stroke in strokes) + setting.leading
        yield BETWEEN.join(texts), _drawing_of(strokes)


def _drawing_of(strokes: Iterable[Array]) -> Drawing:
    """Return strokes as a drawing in which digits are 100 high."""
    return Drawing(tuple((100 * stroke).astype(np.float32) for stroke in strokes))


def _hands_of(path: Path) -> list[Hand]:
    """Return the digits of each writer of a file.

    UJI's come digit by digit, the writers in the same order each time, two drawings of each. Of the finger's, nobody
    knows who drew which, so they are dealt out to ten.
    """
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    found, seen = collections.defaultdict[int, Hand](dict), collections.Counter[int]()
    for line in lines:
        label, place = line["label"], seen[line["label"]]
        seen[label] += 1
        writer = line.get("writer", place // 2 if path.stem == "uji" else place % 10)
        found[writer].setdefault(label, []).append(_unit([np.array(each, np.float64) for each in line["strokes"]]))
    return [found[writer] for writer in sorted(found)]


def _unit(strokes: list[Array]) -> Digit:
    """Return strokes moved to the origin, in the unit of their height; of lying ones, of most of their width."""
    points = np.concatenate(strokes)
    width, height = np.ptp(points, axis=0)
    return tuple((stroke - points.min(axis=0)) / max(height, 0.6 * width) for stroke in strokes)


def _drawn(hand: Hand, digit: int, random: np.random.Generator, setting: Setting) -> Digit:
    """Return one of a writer's drawings of a digit, in its size, standing near the baseline y = 0."""
    drawings = hand[digit]
    size = 1 + setting.size * random.uniform(-1, 1)
    down = setting.baseline * random.uniform(-1, 1)
    strokes = [stroke * size for stroke in drawings[int(random.integers(len(drawings)))]]
    bottom = max(float(stroke[:, 1].max()) for stroke in strokes)
    return tuple(stroke + np.array([0, down - bottom]) for stroke in strokes)


def _row(digits: Sequence[Digit], setting: Setting) -> list[Array]:
    """Return the strokes of digits set side by side."""
    placed = [list(digits[0])]
    for digit in digits[1:]:
        before = [stroke for each in placed for stroke in each]
        right = max(float(stroke[:, 0].max()) for stroke in before)
        shift = np.array([right + (0 if setting.pushed else setting.gap), 0])
        moved = [stroke + shift for stroke in digit]
        if setting.pushed:
            room = _room(before, moved, setting.gap)
            moved = [stroke - np.array([room, 0]) for stroke in moved]
        placed.append(moved)
    if not setting.joined:
        return [stroke for each in placed for stroke in each]
    strokes = placed[0]
    for each in placed[1:]:
        strokes = [*strokes[:-1], np.concatenate([strokes[-1], each[0]]), *each[1:]]
    return strokes


def _room(left: Sequence[Array], right: Sequence[Array], gap: float) -> float:
    """Return how far strokes may go to the left until their lines are within `gap` of those before them."""
    a, b = (np.concatenate([_dense(stroke) for stroke in each]) for each in (left, right))
    dy = np.abs(a[:, np.newaxis, 1] - b[np.newaxis, :, 1])
    reach = np.sqrt(np.maximum(max(gap, SPACING / 2) ** 2 - dy**2, 0))
    free = b[np.newaxis, :, 0] - a[:, np.newaxis, 0] - reach
    near = dy < max(gap, SPACING / 2)
    return float(min(free[near].min(), 0.6)) if near.any() else 0.0


def _dense(stroke: Array) -> Array:
    """Return points on a stroke no further apart than `SPACING`."""
    along = np.append(0, np.cumsum(np.linalg.norm(np.diff(stroke, axis=0), axis=1)))
    wanted = np.linspace(0, along[-1], int(along[-1] / SPACING) + 2)
    return np.column_stack([np.interp(wanted, along, stroke[:, axis]) for axis in (0, 1)])


def folder_of_strokes() -> Path:
    """Return where the drawings of real hands are."""
    beside = Path(__file__).parents[2] / "shared" / "strokes"
    return Path(os.environ.get("SCRAWL_STROKES", str(beside)))


def right_of(artifact: Artifact, drawn: Iterable[tuple[str, Drawing]]) -> tuple[int, int]:
    """Return how many numbers are read wholly right, and in how many as many digits are found as there are."""
    recognise, names = recogniser(artifact), artifact.class_names
    right = counted = 0
    for text, drawing in drawn:
        readings = read_number(drawing, artifact, recognise)
        labels = [names[int(reading.probabilities.argmax())] for reading in readings]
        found = number_of(readings, labels, BETWEEN)
        right, counted = right + (found == text), counted + (len(found) == len(text))
    return right, counted


def main() -> None:
    """Print a line for each setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path(__file__).parents[1] / PRETRAINED)
    parser.add_argument("--count", type=int, default=500, help="numbers of each setting")
    parser.add_argument("--half", type=int, default=1, help="of the writers; the weights were fitted on 0")
    given = parser.parse_args()
    artifact, found = load_model(given.model), hands(folder_of_strokes(), given.half)
    with using_threads(1):
        for name, setting in SETTINGS.items():
            right, counted = right_of(artifact, numbers(found, setting, given.count, seed=1))
            shares = f"{right / given.count:.1%} wholly right, {counted / given.count:.1%} as many digits"
            print(f"{name:22} {shares}", flush=True)  # noqa: T201 -- a report


if __name__ == "__main__":
    main()
