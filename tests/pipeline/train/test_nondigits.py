"""What is no digit: each epoch shows it, and the network tells it from digits afterwards."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError
from pipeline.model.artifact import load_model
from pipeline.model.classify import classifier, recogniser
from pipeline.model.score import DIGIT, PASS
from pipeline.prepare.store.arrays import PreparedData
from pipeline.recognise.evaluate import evaluate
from pipeline.train.finetune import REMINDERS, finetuning_config
from pipeline.train.narrate import Stopped, train_to_the_end
from pipeline.train.nondigits import with_nondigits
from pipeline.train.run import MODEL, begin
from pipeline.train.training_set import training_set_of
from pipeline.types import AnyDataset, Artifact
from tests.digits import TINY, blobs

DATA = PreparedData(blobs(), blobs(rows=60), "0" * 64, "made up")
SHOWN = TINY._replace(nondigits=6)


def test_every_epoch_shows_them_as_one_class_more_and_holds_none_out() -> None:
    plain = training_set_of(DATA.train, SHOWN)
    found = with_nondigits(plain, DATA.train, SHOWN)
    assert plain.shapes[-1][1] == 4
    assert found.held_out is plain.held_out
    np.testing.assert_array_equal(found.rows, [*plain.rows, *range(150, 156)])
    assert found.labels[150:].tolist() == [3] * 6
    assert len({row.tobytes() for row in found.features[150:]}) > 1
    assert with_nondigits(plain, DATA.train, TINY) is plain


def test_they_are_drawn_anew_where_images_are_distorted() -> None:
    distorted = SHOWN._replace(distortion=0.5)
    found = with_nondigits(training_set_of(DATA.train, distorted), DATA.train, distorted)
    assert found.images is not None
    (redrawing,) = found.images.redrawings
    assert redrawing.rows == range(150, 156)


LETTERS = blobs()._replace(class_names=("a", "b", "c"))
TABLE = blobs(image_shape=None)
FLOATS = DATA.train._replace(features=DATA.train.features.astype(np.float32))


@pytest.mark.parametrize(
    ("dataset", "found"),
    [
        (LETTERS, "uint8 of the classes a, b, c"),
        (TABLE, "rows of other features"),
        (FLOATS, "float32 of the classes 0, 1, 2"),
    ],
    ids=["letters", "table", "floats"],
)
def test_where_they_could_be_among_the_classes_they_are_refused(dataset: AnyDataset, found: str) -> None:
    with pytest.raises(ConfigError, match=f"nondigits: expected images of digits, .*; found {found}"):
        with_nondigits(training_set_of(dataset, SHOWN), dataset, SHOWN)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("run")
    result = train_to_the_end(begin(folder, DATA, SHOWN._replace(epochs=12), overwrite=False), [], lambda _line: None)
    assert not isinstance(result, Stopped)
    assert result["test"]["n"] == 60
    return load_model(folder / MODEL)


def test_the_network_scores_what_it_reads(taught: Artifact) -> None:
    assert taught.threshold is not None
    assert taught.params[-1].bias.size == 4
    rows = training_set_of(DATA.train, SHOWN).held_out[0]
    probabilities, scores = recogniser(taught)(rows[:])
    assert scores is not None
    assert (scores >= DIGIT).mean() >= PASS
    assert probabilities.shape == (len(rows), 3)
    np.testing.assert_array_equal(classifier(taught)(rows[:]), probabilities)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_evaluation_counts_what_it_refuses(taught: Artifact) -> None:
    found = evaluate(taught, DATA.test)
    assert found.confusion.shape == (3, 3)
    scores = recogniser(taught)(DATA.test.features).scores
    assert scores is not None
    assert found.refused == (scores < DIGIT).sum()
    refusing = taught._replace(threshold=1e3)
    assert evaluate(refusing, DATA.test).refused == 60


def test_a_network_that_goes_on_learning_goes_on_being_shown_them(taught: Artifact, tmp_path: Path) -> None:
    config = finetuning_config(taught, {"epochs": 1})
    assert config.nondigits == 6
    result = train_to_the_end(begin(tmp_path, DATA, config, overwrite=False, start=taught), [], lambda _line: None)
    assert not isinstance(result, Stopped)
    assert load_model(tmp_path / MODEL).threshold is not None
    assert finetuning_config(taught, {"nondigits": 9}).nondigits == 9
    many = taught._replace(config=taught.config._replace(nondigits=6000, scans=6000))
    assert finetuning_config(many, {})[-2:] == (REMINDERS, REMINDERS)
    with pytest.raises(ConfigError, match="--nondigits: expected some, as the model of --from was trained; found 0"):
        finetuning_config(taught, {"nondigits": 0})
