"""A sweep in one picture."""

import io
import sys

import pytest
from PIL import Image

from pipeline.errors import ScrawlError
from pipeline.sweep.plots import draw_sweep, height_of
from pipeline.sweep.space import Choices, Range
from tests.pipeline.sweep.test_results import TRIALS

SPACE: dict[str, Choices | Range] = {
    "hidden": Choices(("none", "32", "64", "30,20")),
    "learning_rate": Range(1e-3, 1.0, log=True),
    "epochs": Range(5, 9),
}
SHARES = {"learning_rate": 0.75, "epochs": 0.25, "hidden": 0.0}


def test_a_value_has_its_height() -> None:
    assert [height_of(value, SPACE["hidden"]) for value in ("none", "30,20")] == [0, 1]
    assert height_of(0.0316227766, SPACE["learning_rate"]) == pytest.approx(0.5)
    assert [height_of(value, SPACE["epochs"]) for value in (5, 6, 9)] == [0, 0.25, 1]
    assert height_of("64", Choices(("64",))) == 0
    assert height_of(5, Range(5, 5, step=9)) == 0


def test_a_sweep_is_drawn() -> None:
    png = draw_sweep(TRIALS, SPACE, SHARES)
    assert Image.open(io.BytesIO(png)).size == (990, 770)
    assert png == draw_sweep(TRIALS, SPACE, SHARES), "the same figures, the same bytes"


def test_of_one_trial_there_is_something_to_see() -> None:
    png = draw_sweep(TRIALS[:1], SPACE, {})
    assert len(Image.open(io.BytesIO(png)).convert("RGB").getcolors(1 << 20) or ()) > 2


def test_without_matplotlib_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ScrawlError, match=r"pip install '.\[report\]'"):
        draw_sweep(TRIALS, SPACE, {})
