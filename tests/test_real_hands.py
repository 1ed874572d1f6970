"""Whose hand, which place, what size, how dense the events: the image stays the same, and so does the digit.

On the drawings of real hands where they lie beside the checkout (or in the folder that SCRAWL_STROKES names), else on
the ten digits of these tests. Nothing is ever trained on them.
"""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.model.artifact import load_model
from pipeline.model.classify import classifier
from pipeline.recognise.strokes.curves import flatten
from pipeline.recognise.strokes.rasterize import render
from pipeline.recognise.strokes.stroke_files import read_drawings
from pipeline.types import Drawing
from tests.conftest import ROOT
from tests.strokes import CURVES, drawn

Array: TypeAlias = npt.NDArray[np.float64]
Strokes: TypeAlias = list[Array]
pytestmark = pytest.mark.xdist_group("window")  # one process has a network trained, and draws the images
MOST = 150  # drawings of each file: enough to see, few enough to be quick


@cache
def hands() -> list[Strokes]:
    """Return the strokes of some drawings."""
    folder = Path(os.environ.get("SCRAWL_STROKES", str(ROOT.parent / "shared" / "strokes")))
    found = [drawing for path in sorted(folder.glob("*.jsonl")) for drawing in list(read_drawings(path))[::4][:MOST]]
    real = [[np.asarray(stroke, np.float64) for stroke in each.strokes] for each in found if isinstance(each, Drawing)]
    own = [[np.array(line, np.float64) for line in drawn(d, events=40, height=300, at=(20, 30))] for d in CURVES]
    return real + own


def split(stroke: Array) -> Array:
    """Return the events of a hand so slow that it sends a dozen between any two: on the same smooth curve."""
    moved = np.append(True, np.abs(np.diff(stroke, axis=0)).max(axis=1) > 0)
    points: Array = stroke[moved]
    if len(points) == 1:
        return points
    segments = flatten(points, np.zeros(len(points), np.intp), 1e-4 * float(np.ptp(points, axis=0).max()))
    curve = np.concatenate([segments[:1, :2], segments[:, 2:]])
    at, wanted = np.arange(len(curve)), np.linspace(0, len(curve) - 1, 4 * len(curve) - 3)
    return np.column_stack([np.interp(wanted, at, curve[:, axis]) for axis in (0, 1)])


def thinned(stroke: Array, events: int) -> Array:
    """Return so many of a stroke's events, evenly spread over its time: a fast mouse's."""
    kept = np.unique(np.linspace(0, len(stroke) - 1, min(events, len(stroke))).round().astype(int))
    chosen: Array = stroke[kept]
    return chosen


WAYS: dict[str, tuple[Callable[[Strokes], Strokes], int]] = {
    "moved": (lambda strokes: [stroke + np.array([-321.0, 1234.0]) for stroke in strokes], 2),
    "a fifth of the size": (lambda strokes: [stroke * 0.2 for stroke in strokes], 2),
    "three times the size": (lambda strokes: [stroke * 3 for stroke in strokes], 2),
    "backwards": (lambda strokes: [stroke[::-1] for stroke in strokes], 2),
    "strokes in another order": (lambda strokes: strokes[::-1], 2),
    "split": (lambda strokes: [split(stroke) for stroke in strokes], 6),
}
"""How drawings differ that should be the same, and by how many grey levels a pixel may."""


def images(drawings: list[Strokes]) -> npt.NDArray[np.uint8]:
    found = [render(Drawing(tuple(stroke.astype(np.float64) for stroke in strokes))) for strokes in drawings]
    return np.stack([pixels for pixels in found if pixels is not None])


@cache
def images_of_hands() -> npt.NDArray[np.uint8]:
    return images(hands())


@pytest.fixture(scope="module")
def read(home: Path) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.int64]]:
    """Return what reads images, and says which digits they are."""
    classify = classifier(load_model(home / "artifacts" / "model" / "model.npz"))
    return lambda pixels: classify(pixels).argmax(axis=1)


@pytest.mark.parametrize("way", WAYS)
def test_what_makes_no_difference_to_people_makes_none_here(
    read: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.int64]], way: str
) -> None:
    change, bound = WAYS[way]
    drawings = hands()
    before, after = images_of_hands(), images([change(strokes) for strokes in drawings])
    assert np.abs(before.astype(int) - after).max() <= bound
    # A drawing halfway between two digits may fall to the other side.
    assert (read(before) != read(after)).sum() <= (0 if bound == 2 else len(drawings) // 100)


@pytest.mark.parametrize(("events", "share"), [(8, 0.93), (5, 0.75)])
def test_a_fast_hand_is_read_as_a_slow_one(
    read: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.int64]], events: int, share: float
) -> None:
    fast = [[thinned(stroke, events) for stroke in strokes] for strokes in hands()]
    assert (read(images_of_hands()) == read(images(fast))).mean() >= share
