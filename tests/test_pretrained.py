"""The bundled model is what its card says."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from pipeline.model.artifact import load_model
from pipeline.model.find import PRETRAINED
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.recognise.evaluate import evaluate
from pipeline.recognise.predict import Answer, predict
from tests.conftest import ROOT, mnist_folder
from tests.numbers import SETTINGS, numbers, own_hand, right_of

MODEL = ROOT / PRETRAINED
LARGEST = 8_000_000
"""Bytes: small enough to come with the sources."""


def card() -> str:
    return MODEL.with_name("README.md").read_text(encoding="utf-8")


def test_the_card_is_of_this_file() -> None:
    content = MODEL.read_bytes()
    assert len(content) <= LARGEST
    assert hashlib.sha256(content).hexdigest() in card()
    artifact = load_model(MODEL)
    filters, *connected = artifact.params
    sizes = [connected[0].weight.shape[0], *(layer.bias.size for layer in connected)]
    assert "-".join(map(str, sizes)) in card()
    assert f"{filters.bias.size} filters of {filters.weight.shape[0]} weights each" in card()
    assert f"{sum(array.size for layer in artifact.params for array in layer):,} weights" in card()


def test_it_gets_right_what_the_card_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the test images where they are to be had; else on those of the sample, of which it may well have seen some."""
    found = re.search(r"test images right \| ([\d,]+) of 10,000", card())
    assert found
    promised = int(found[1].replace(",", ""))
    artifact = load_model(MODEL)
    assert artifact.metrics == {"n": 10_000, "correct": promised}
    folder = mnist_folder()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCRAWL_MIRRORS", "http://127.0.0.1:9/")
    if folder is None:
        monkeypatch.delenv("SCRAWL_MNIST", raising=False)
    else:
        monkeypatch.setenv("SCRAWL_MNIST", str(folder))
    prepare(PrepareRequest(out=tmp_path / "data"))
    metrics = evaluate(artifact, load_arrays(tmp_path / "data").test)
    assert metrics.correct == promised if folder else metrics.correct > 0.98 * metrics.n


def test_two_ones_are_eleven(tmp_path: Path) -> None:
    strokes = [[[20, 20], [20, 50], [20, 80]], [[60, 20], [60, 50], [60, 80]]]
    (tmp_path / "eleven.jsonl").write_text(json.dumps({"strokes": strokes}))
    (answer,) = predict([tmp_path / "eleven.jsonl"], load_model(MODEL))
    assert isinstance(answer, Answer)
    assert [(digit.label, digit.sure) for digit in answer.digits] == [("1", True), ("1", True)]


@pytest.mark.parametrize("setting", ["lines touch", "two rows"])
def test_numbers_are_read_however_near_their_digits_stand(setting: str) -> None:
    right, counted = right_of(load_model(MODEL), numbers([own_hand()], SETTINGS[setting], 8, seed=0))
    assert (right, counted) >= (7, 7)
