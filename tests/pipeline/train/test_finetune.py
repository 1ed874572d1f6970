"""Going on from a network: it learns what it is shown, keeps what it knew, and is the same after a break."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernels.types import OrientationMaps
from pipeline.errors import ConfigError
from pipeline.model.artifact import load_model
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import PreparedData
from pipeline.report.tables import training_table
from pipeline.train.finetune import finetuning_config
from pipeline.train.narrate import Stopped, train_to_the_end
from pipeline.train.request import TrainRequest, opened
from pipeline.train.run import MODEL, begin, resume
from pipeline.train.training_set import MOST_TIMES, training_set_of, with_drawings
from pipeline.types import Artifact, Dataset, Scaling
from tests.digits import TINY, blobs, trained
from tests.pipeline.report.test_tables import shown
from tests.pipeline.train.test_loop import all_bytes
from tests.pipeline.train.test_run import followed
from tests.tables import write_csv

STRANGE = np.tile(np.array([[255, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0, 0, 255]], np.uint8), (4, 1))
DRAWN = Dataset(STRANGE, np.full(4, 1, np.uint8), (4, 4), ("0", "1", "2"))
DATA = PreparedData(blobs(), blobs(rows=60), "0" * 64, "made up", drawn=DRAWN)


@pytest.fixture(scope="module")
def known() -> Artifact:
    return trained(blobs(), TINY._replace(epochs=12))


def test_every_epoch_shows_the_drawings_and_holds_none_out() -> None:
    plain = training_set_of(DATA.train, TINY)
    training_set = with_drawings(plain, DRAWN)
    positions, counts = np.unique(training_set.rows[training_set.rows >= 150], return_counts=True)
    assert positions.tolist() == [150, 151, 152, 153]
    assert set(counts.tolist()) == {3}  # a tenth of 120 rows is 12
    assert training_set.held_out is plain.held_out
    np.testing.assert_array_equal(training_set.features[positions], STRANGE)
    assert training_set.labels[positions].tolist() == [1] * 4
    many = plain._replace(rows=np.arange(150).repeat(1000))
    assert with_drawings(many, DRAWN).rows.size == many.rows.size + 4 * MOST_TIMES


@pytest.mark.jit  # slow without it
def test_drawings_are_learned_and_the_rest_is_not_forgotten(tmp_path: Path, known: Artifact) -> None:
    config = finetuning_config(known, {"epochs": 60, "learning_rate": 0.02, "batch_size": 16})
    run = begin(tmp_path, DATA, config, overwrite=False, start=known)
    result = train_to_the_end(run, [], lambda _line: None)
    assert not isinstance(result, Stopped)
    before, after = result["before"], result["after"]
    assert before["drawn"] == {"n": 4, "correct": 0}
    assert after["drawn"] == {"n": 4, "correct": 4}
    assert after["test"]["correct"] >= before["test"]["correct"] - 1
    assert after["test"] == {name: result["test"][name] for name in ("n", "correct")}
    lines = [" ".join(line) for line in shown(training_table(result | {"model": "model.npz"}))]
    assert "right of the drawings 0 before, 4 after, of 4" in lines


def test_a_run_from_random_numbers_learns_drawings_too(tmp_path: Path) -> None:
    result = train_to_the_end(begin(tmp_path, DATA, TINY, overwrite=False), [], lambda _line: None)
    assert not isinstance(result, Stopped)
    assert result["before"] is None
    assert result["after"]["drawn"]["n"] == 4
    assert any(
        " ".join(line).endswith("after, of 4") for line in shown(training_table(result | {"model": "model.npz"}))
    )


def test_a_run_that_goes_on_from_a_network_can_be_gone_on_with(tmp_path: Path, known: Artifact) -> None:
    config = finetuning_config(known, {})
    whole = followed(begin(tmp_path / "a", DATA, config, overwrite=False, start=known), [])
    begin(tmp_path / "b", DATA, config, overwrite=False, start=known)
    assert all_bytes(followed(resume(tmp_path / "b", DATA, None, None, {}), []).state) == all_bytes(whole.state)


@pytest.mark.parametrize("field", ["filters", "hidden", "activation", "loss"])
def test_the_network_itself_stays_what_it_is(known: Artifact, field: str) -> None:
    other = {"filters": 4, "hidden": (9,), "activation": "tanh", "loss": "quadratic"}[field]
    assert getattr(finetuning_config(known, {field: getattr(known.config, field)}), field) == getattr(
        known.config, field
    )
    with pytest.raises(ConfigError, match=f"--{field}: expected what the model of --from has"):
        finetuning_config(known, {field: other})


SMALLER = Scaling(np.zeros(9, np.float32), np.full(9, 1 / 255, np.float32))
OTHERS = [
    ({"class_names": ("a", "b", "c")}, "like these, images of 4 x 4 pixels and the classes 0, 1, 2; found one"),
    ({"class_names": ("a", "b", "c")}, "found one of images of 4 x 4 pixels and the classes a, b, c"),
    ({"scaling": SMALLER, "image_shape": (3, 3)}, "found one of images of 3 x 3 pixels and the classes 0, 1"),
    ({"scaling": SMALLER, "image_shape": None}, "found one of 9 features and the classes 0, 1"),
    ({"image_shape": (2, 8)}, "found one of images of 2 x 8 pixels"),
]


def check_refused(folder: Path, start: Artifact, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"--from: expected a model .*{reason}"):
        begin(folder / "run", DATA, finetuning_config(start, {}), overwrite=False, start=start)
    assert not (folder / "run").exists()


@pytest.mark.parametrize(("changes", "reason"), OTHERS)
def test_a_network_of_other_data_is_refused(
    tmp_path: Path, known: Artifact, changes: dict[str, Any], reason: str
) -> None:
    check_refused(tmp_path, known._replace(**changes), reason)


def test_a_network_that_scales_otherwise_is_refused(tmp_path: Path, known: Artifact) -> None:
    twice = known.scaling._replace(scale=known.scaling.scale * 2)
    check_refused(tmp_path, known._replace(scaling=twice), "found another scaling")
    edges = known.scaling._replace(edges_of=(4, 4))
    check_refused(tmp_path, known._replace(scaling=edges), "scales its inputs as these data ask for")


@pytest.mark.jit  # slow without it
def test_filters_go_on_learning(tmp_path: Path) -> None:
    known = trained(DATA.train, TINY._replace(filters=2, epochs=1))
    config = finetuning_config(known, {"epochs": 1, "batch_size": 50})
    assert config.filters == 2
    with pytest.raises(ConfigError, match="--filters: expected what the model of --from has, 2; found 0"):
        finetuning_config(known, {"filters": 0})
    run = begin(tmp_path, DATA, config, overwrite=False, start=known)
    training_set = run.training_set
    assert training_set.kept is not None
    assert isinstance(training_set.kept.rows, OrientationMaps)
    assert len(training_set.kept.rows.values) == 154, "drawings have edges, too"
    before, after = known.params, followed(run, []).state.params
    for mine, found in zip(before, after, strict=True):
        assert 0 < np.abs(mine.weight - found.weight).max() < 0.1


def test_a_request_names_the_network_to_go_on_from(in_tmp_path: Path) -> None:
    dataset = blobs()
    rows = write_csv(in_tmp_path / "rows.csv", np.asarray(dataset.features), np.asarray(dataset.labels))
    prepare(PrepareRequest(Path("data"), rows), {})
    request = TrainRequest(
        Path("run"), Path("data"), None, None, {"filters": 0, "hidden": (8,), "epochs": 1}, False, False
    )
    with opened(request) as run:
        train_to_the_end(run, [], lambda _line: None)
    first = load_model(Path("run") / MODEL)
    again = request._replace(folder=Path("tuned"), start=Path("run") / MODEL, options={"epochs": 1})
    with opened(again) as run:
        assert run.start is not None
        np.testing.assert_array_equal(run.state.params[0].weight, first.params[0].weight)
    for wrong in ({"resume": True}, {"preset": "quick"}, {"toml": Path("a.toml")}):
        with pytest.raises(ConfigError, match="--from: expected no --resume"), opened(again._replace(**wrong)):
            pass
