"""What the window says."""

from pathlib import Path

import numpy as np
import pytest

from gui.words import label_of, model_line, verdict_on
from pipeline.model.find import PRETRAINED
from pipeline.recognise.number import Reading
from pipeline.types import Artifact
from tests.digits import blobs, trained

NAMES = ("0", "1", "2")


def reading(*probabilities: float) -> Reading:
    return Reading(None, np.zeros(4, np.uint8), np.array(probabilities))


def test_an_answer_with_its_runner_up() -> None:
    found = verdict_on((reading(0.03, 0.95, 0.02),), NAMES, 0)
    assert found == ("1", "1 with 95\xa0%, else 0 with 3\xa0%", "answer")
    assert label_of(reading(0.03, 0.95, 0.02), NAMES) == "1  95\xa0%"


def test_nothing_drawn_and_not_sure_are_no_digits() -> None:
    assert verdict_on((), NAMES, 0) == ("-", "nothing drawn yet: draw a digit", "nothing")
    found = verdict_on((reading(0.4, 0.5, 0.1),), NAMES, 0)
    assert found == ("?", "not sure: 1 with 50\xa0%, else 0 with 40\xa0%", "unsure")


def test_of_a_doubtful_picture_nothing_is_sure() -> None:
    found = verdict_on((reading(0.01, 0.98, 0.01)._replace(doubtful=True),), NAMES, 0)
    assert found == ("?", "not sure: 1 with 98\xa0%, else 0 with 1\xa0%", "unsure")


def test_what_is_no_digit_is_said_to_be_none() -> None:
    none = reading(0.01, 0.98, 0.01)._replace(score=0.4)
    assert verdict_on((none,), NAMES, 0) == ("no digit", "nearest: 1 with 98\xa0%, else 0 with 1\xa0%", "none")
    headline, _, kind = verdict_on((none, reading(0, 0.1, 0.9)._replace(score=0.6)), NAMES, 0)
    assert (headline, kind) == ("?2", "unsure")


def test_a_number_tells_which_of_its_digits_it_is_about() -> None:
    sure, unsure = reading(0, 0.1, 0.9), reading(0.5, 0.3, 0.2)
    assert verdict_on((sure, sure), NAMES, 1) == (
        "22",
        "digit 2 of 2: 2 with 90\xa0%, else 1 with 10\xa0%",
        "answer",
    )
    assert verdict_on((sure, unsure), NAMES, 0) == (
        "2?", "not sure, digit 1 of 2: 2 with 90\xa0%, else 1 with 10\xa0%", "unsure",
    )  # fmt: skip
    assert verdict_on((sure, sure, sure._replace(row=1)), NAMES, 0).headline == "22 / 2"


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return trained(blobs(rows=60))


def test_the_model_with_its_accuracy(artifact: Artifact) -> None:
    tested = artifact._replace(metrics={"n": 10_000, "correct": 9_854})
    assert model_line(Path("m.npz"), Path(), tested) == "Model: m.npz, 98.54\xa0% of 10,000 test images right"


def test_the_model_in_the_box_is_called_that(artifact: Artifact) -> None:
    line = model_line(Path("here") / PRETRAINED, Path("here"), artifact)
    assert line.startswith("Model: the bundled one (digits.npz)")


@pytest.mark.parametrize("metrics", [{}, {"n": 0, "correct": 0}, {"n": "many", "correct": None}, {"n": 5}])
def test_a_model_that_was_never_tested(artifact: Artifact, metrics: dict[str, object]) -> None:
    assert model_line(Path("m.npz"), Path(), artifact._replace(metrics=metrics)) == "Model: m.npz (never tested)"
