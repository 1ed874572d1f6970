"""A stored network against labelled rows."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError, DataError
from pipeline.model.calibration import calibration_of
from pipeline.model.classify import classifier
from pipeline.recognise.evaluate import evaluate, worst_mistakes, write_worst
from pipeline.types import Artifact
from tests.digits import blobs, trained


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return trained(blobs(rows=60))


def test_counts_equal_those_of_the_answers(artifact: Artifact) -> None:
    dataset = blobs(rows=500, seed=1)
    metrics = evaluate(artifact, dataset)
    answers = classifier(artifact)(dataset.features).argmax(axis=1)
    assert metrics.n == metrics.confusion.sum() == 500
    assert metrics.correct == np.trace(metrics.confusion) == (answers == dataset.labels).sum()
    for label in range(3):
        for answer in range(3):
            expected = ((dataset.labels == label) & (answers == answer)).sum()
            assert metrics.confusion[label, answer] == expected


def test_certainty_is_measured_at_the_network_s_temperature(artifact: Artifact) -> None:
    dataset = blobs(rows=500, seed=1)
    warm = artifact._replace(temperature=2.0)
    before, after = evaluate(artifact, dataset), evaluate(warm, dataset)
    assert (after.confusion == before.confusion).all()
    probabilities = classifier(warm)(dataset.features)
    assert after.calibration == calibration_of(
        probabilities.max(axis=1), probabilities.argmax(axis=1) == dataset.labels, 2.0
    )
    assert after.loss == pytest.approx(-np.log(probabilities[np.arange(500), dataset.labels]).mean(), rel=1e-5)
    (row,), _, (confidence,) = worst_mistakes(warm, dataset, 1)
    assert confidence == probabilities.max(axis=1)[row]


def test_the_worst_mistakes_come_first(artifact: Artifact) -> None:
    dataset = blobs(rows=500, seed=1)
    rows, answers, confidences = worst_mistakes(artifact, dataset, 1000)
    probabilities = classifier(artifact)(dataset.features)
    assert len(rows) == 500 - evaluate(artifact, dataset).correct
    assert confidences.tolist() == sorted(confidences.tolist(), reverse=True)
    assert (dataset.labels[rows] != answers).all()
    assert (probabilities[rows].argmax(axis=1) == answers).all()
    for few, all_of_them in zip(worst_mistakes(artifact, dataset, 2), (rows, answers, confidences), strict=True):
        np.testing.assert_array_equal(few, all_of_them[:2])


def test_rows_of_another_kind_are_refused(artifact: Artifact) -> None:
    dataset = blobs()
    with pytest.raises(DataError, match="rows of 16 features; the data has 8"):
        evaluate(artifact, dataset._replace(features=dataset.features[:, :8]))
    named = artifact._replace(feature_names=tuple("abcdefghijklmnop"))
    assert evaluate(named, dataset).n == dataset.labels.size
    with pytest.raises(DataError, match="expects 'b' as feature 2, found 'c' in the data"):
        evaluate(named, dataset._replace(feature_names=tuple("acbdefghijklmnop")))
    with pytest.raises(DataError, match="knows the classes 0, 1, 2; the data has a, b, c"):
        evaluate(artifact, dataset._replace(class_names=("a", "b", "c")))


def test_mistakes_are_drawn_and_counted(tmp_path: Path) -> None:
    artifact, dataset = trained(blobs(rows=60)), blobs(rows=500, seed=1)
    wrong = dataset.labels.size - evaluate(artifact, dataset).correct
    assert write_worst(tmp_path / "few.png", artifact, dataset, 3) == min(3, wrong)
    assert (tmp_path / "few.png").read_bytes().startswith(b"\x89PNG")
    perfect = dataset._replace(features=dataset.features[:1], labels=dataset.labels[:1])
    assert write_worst(tmp_path / "one.png", artifact, perfect, 200) == 1 - evaluate(artifact, perfect).correct


def test_rows_that_are_no_images_can_not_be_drawn(tmp_path: Path) -> None:
    dataset = blobs(image_shape=None)
    with pytest.raises(ConfigError, match="expected images to draw"):
        write_worst(tmp_path / "none.png", trained(dataset), dataset, 3)
    assert not list(tmp_path.iterdir())
