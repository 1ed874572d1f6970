"""The functions that Scrawl offers to Python."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.api import Artifact, Trained, classify, load_model, read_drawing, save_model, train
from pipeline.api.functions import _checked_settings
from pipeline.errors import ArtifactError, ConfigError, DataError
from pipeline.model.classify import classifier
from pipeline.recognise.strokes.json_lines import drawing_from
from pipeline.signals import Signalled
from pipeline.train.loop import initial_state, train as epochs_of
from pipeline.types import EpochReport
from tests.digits import blobs

DATA = blobs()
LABELS = np.array([DATA.class_names[label] for label in DATA.labels])
TINY: dict[str, Any] = {
    "hidden": (8,), "batch_size": 16, "epochs": 3, "learning_rate": 0.1, "filters": 0, "distortion": 0,
    "validation_fraction": 0.2,
}  # fmt: skip
SEVEN = [[[0, 0], [10, 0], [4, 20]]]


@pytest.fixture(scope="module")
def tiny() -> Trained:
    return train(DATA.features.reshape(-1, 4, 4), LABELS, **TINY)


@pytest.mark.jit  # slow without it
def test_the_bundled_model_is_there_wherever_one_works(in_tmp_path: Path) -> None:
    assert not list(in_tmp_path.iterdir())
    model = load_model()
    assert model.image_shape == (28, 28)
    (digit,) = read_drawing(model, SEVEN)
    assert (digit.label, digit.sure) == ("7", True)


def test_a_model_that_is_written_is_read_again(tiny: Trained, tmp_path: Path) -> None:
    path = str(tmp_path / "mine.npz")
    save_model(path, tiny.model)
    again = load_model(path)
    assert np.array_equal(classify(again, DATA.features), classify(tiny.model, DATA.features))
    save_model(path, tiny.model, bits=8)
    assert load_model(Path(path)).params[0].weight.shape == (16, 8)


def test_names_that_can_not_be_right_are_refused(tiny: Trained, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"none\.npz"):
        load_model(str(tmp_path / "none.npz"))
    with pytest.raises(ConfigError, match=r"expected a name that ends in \.npz"):
        save_model(tmp_path / "mine.png", tiny.model)
    assert not list(tmp_path.iterdir())


def test_what_is_no_model_is_refused() -> None:
    model: Any = "artifacts/model/model.npz"
    with pytest.raises(DataError, match=r"model: expected one from load_model or train; found 'artifacts"):
        classify(model, DATA.features)


def test_rows_are_answered_with_probabilities(tiny: Trained) -> None:
    found = classify(tiny.model, DATA.features)
    assert np.array_equal(found, classifier(tiny.model)(DATA.features))
    assert np.allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == DATA.labels).mean() > 0.9
    assert classify(tiny.model, DATA.features[:0]).shape == (0, 3)
    assert classify(tiny.model, DATA.features[0]).shape == (1, 3)


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("form", ["read-only", "strided", "by column"])
def test_arrays_of_all_forms_are_answered_and_learned_and_stay_as_they_are(tiny: Trained, form: str) -> None:
    rows = np.repeat(DATA.features, 2, axis=0)[::2] if form == "strided" else DATA.features.copy()
    rows = np.asfortranarray(rows) if form == "by column" else rows
    rows.flags.writeable = form != "read-only"
    assert np.array_equal(classify(tiny.model, rows), classify(tiny.model, DATA.features))
    again = train(rows, LABELS, image_shape=(4, 4), **TINY)
    assert again.model.params[0].weight.tobytes() == tiny.model.params[0].weight.tobytes()
    assert np.array_equal(rows, DATA.features)


def test_training_may_run_beside_other_things(tiny: Trained) -> None:
    """Signals are the main thread's alone to hear."""
    with ThreadPoolExecutor(1) as executor:
        again = executor.submit(lambda: train(DATA.features, LABELS, image_shape=(4, 4), **TINY)).result()
    assert again.model.params[0].weight.tobytes() == tiny.model.params[0].weight.tobytes()


@pytest.mark.jit  # slow without it
def test_training_is_that_of_the_command_line(tiny: Trained) -> None:
    """The same rows as bytes or floats, with the same seed, give the same network as the pipeline's own loop."""
    from kernels.network.epoch import new_stop_token  # noqa: PLC0415 -- here alone
    from pipeline.train.training_set import training_set_of  # noqa: PLC0415

    config = tiny.model.config
    training_set = training_set_of(DATA, config)
    *_, state = epochs_of(initial_state(training_set, config), training_set, config, new_stop_token())
    again = train(DATA.features.astype(float), LABELS, image_shape=(4, 4), **TINY)
    for mine, theirs, loops in zip(again.model.params, tiny.model.params, state.params, strict=True):
        assert mine.weight.tobytes() == theirs.weight.tobytes() == loops.weight.tobytes()
    assert again.model.manifest == tiny.model.manifest
    assert len(tiny.model.manifest["data"]) == 64


def test_each_epoch_is_told(tiny: Trained) -> None:
    told: list[EpochReport] = []
    history = train(DATA.features, LABELS, image_shape=(4, 4), on_epoch=told.append, **TINY).history
    assert [report.epoch for report in told] == [1, 2, 3]
    assert tuple(told) == history
    assert [report.loss for report in told] == [report.loss for report in tiny.history]


def test_a_table_is_learned_too() -> None:
    found = train(DATA.features - 0.5, LABELS, epochs=2, hidden="8,8", patience=0).model
    assert found.image_shape is None
    assert classify(found, DATA.features - 0.5).shape == (150, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number from 1"),
        ({"epoch": 1}, "unknown settings epoch"),
        ({"preset": "fast"}, "expected one of quick, good, best, original"),
        ({"threads": 0}, "expected 1 to"),
        ({"validation_fraction": 0, "patience": 3}, "patience 3 needs validation rows"),
    ],
)
def test_settings_are_checked_as_on_the_command_line(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        train(DATA.features, LABELS, **settings)


def test_arrays_that_can_not_be_learned_are_refused() -> None:
    with pytest.raises(DataError, match="only one label"):
        train(DATA.features, np.zeros(150, int), **TINY)
    with pytest.raises(DataError, match="labels: expected one for each of 150 rows"):
        train(DATA.features, [1, 2], **TINY)


def test_what_a_callback_raises_ends_the_training() -> None:
    def stop(report: EpochReport) -> None:
        raise LookupError(report.epoch)

    with pytest.raises(LookupError, match="1"):
        train(DATA.features, LABELS, on_epoch=stop, **TINY)


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Signalled)])
@pytest.mark.usefixtures("attentive")
def test_a_signal_ends_the_training(number: int, error: type[BaseException]) -> None:
    told: list[int] = []

    def interrupt(report: EpochReport) -> None:
        told.append(report.epoch)
        os.kill(os.getpid(), number)

    with pytest.raises(error):
        train(DATA.features, LABELS, on_epoch=interrupt, **TINY | {"epochs": 100})
    assert told == [1]


@pytest.mark.parametrize(
    "strokes",
    [
        SEVEN,
        [tuple((x, y) for x, y in SEVEN[0])],
        [np.array(SEVEN[0])],
        np.array(SEVEN, np.float32),
        drawing_from(SEVEN, "here"),
        [[[x, y, 0.5] for x, y in SEVEN[0]]],
    ],
    ids=["lists", "tuples", "arrays", "one array", "drawing", "with a time"],
)
def test_strokes_may_be_held_in_many_ways(tiny: Trained, strokes: Any) -> None:  # noqa: ANN401 -- that is the point
    (digit,) = read_drawing(tiny.model, strokes)
    (expected,) = read_drawing(tiny.model, SEVEN)
    assert np.array_equal(digit.probabilities, expected.probabilities)
    assert digit.box == (0, 0, 10, 20)


def test_digits_side_by_side_are_a_number(tiny: Trained) -> None:
    two = [*SEVEN, [[x + 40, y] for x, y in SEVEN[0]]]
    assert len(read_drawing(tiny.model, two)) == 2
    assert len(read_drawing(tiny.model, two, single=True)) == 1


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        ([], "strokes: expected strokes, found none"),
        ([[]], "strokes, stroke 1: expected points, found none"),
        (SEVEN[0], "strokes, stroke 1, point 1: expected .x, y., found 0"),
        ([[[0, float("nan")]]], "point 1: expected a finite number"),
        ([[["a", 0]]], 'expected a finite number of at most 3.4e.38 as x, found "a"'),
        ([[[1 + 2j, 0]]], "as x, found"),
        ("7", "expected a list of strokes"),
        ({1, 2}, "expected a list of strokes"),
    ],
)
def test_strokes_that_are_none_are_refused(tiny: Trained, strokes: Any, message: str) -> None:  # noqa: ANN401 -- nonsense
    with pytest.raises(DataError, match=message):
        read_drawing(tiny.model, strokes)


def test_a_model_of_tables_reads_no_drawing(tiny: Trained) -> None:
    table: Artifact = tiny.model._replace(image_shape=None)
    with pytest.raises(ConfigError, match="expected a model that reads images"):
        read_drawing(table, SEVEN)


def test_numbers_of_numpy_and_lists_are_taken() -> None:
    settings = _checked_settings({"epochs": np.int64(3), "learning_rate": np.float32(0.5), "hidden": [np.int32(8), 4]})
    assert settings == {"epochs": 3, "learning_rate": 0.5, "hidden": (8, 4)}
    assert type(settings["epochs"]) is int
    assert _checked_settings({"hidden": "30,20", "distortion": None}) == {"hidden": (30, 20), "distortion": None}
    assert _checked_settings({"hidden": np.array([8, 4])}) == {"hidden": (8, 4)}


def test_what_is_no_setting_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown settings epoch; expected some of filters, hidden"):
        _checked_settings({"epoch": 3})
    with pytest.raises(ConfigError, match="hidden: expected"):
        _checked_settings({"hidden": "thirty"})
