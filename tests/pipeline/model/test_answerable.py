"""Networks that can't answer are refused when they are read, and honest ones are not; no answer is "nan"."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import AnswerError, ArtifactError
from pipeline.model.artifact import load_model, save_model
from pipeline.model.classify import classifier, logits_of
from pipeline.model.shapes import layer_shapes
from pipeline.recognise.predict import Answer, predict
from pipeline.train.initial import initial_params
from pipeline.types import Artifact, Dataset, Layer, Scaling, TrainConfig
from tests.digits import TINY, blobs, trained
from tests.pipeline.model.test_artifact import model
from tests.strategies import activations, examples, losses, optimizers, seeds


def stored(artifact: Artifact, folder: Path) -> Artifact:
    """Return a network as it comes back from a file."""
    save_model(folder / "model.npz", artifact)
    return load_model(folder / "model.npz")


def enlarged(artifact: Artifact, layer: int, weight: float, bias: float = 0.0) -> Artifact:
    """Return a network with these numbers everywhere in one layer, those of the first output the other way round."""
    params = list(artifact.params)
    changed = Layer(np.full_like(params[layer].weight, weight), np.full_like(params[layer].bias, bias))
    changed.weight[:, 0], changed.bias[0] = -weight, -bias
    params[layer] = changed
    return artifact._replace(params=tuple(params))


RELU = model()._replace(config=TrainConfig(hidden=(3,), activation="relu"), temperature=1.0)
ABSURD: dict[str, tuple[Artifact, str]] = {
    "a first layer": (enlarged(RELU, 0, 1e38), r"network 1, layer 0: its numbers add up to inf and more, expected 3"),
    "an answer": (enlarged(model(), 1, 1e30), r"layer 1: its numbers add up to 3e\+30 and more, expected 1e\+30"),
    "a bias": (enlarged(model(), 1, 1.0, 2e30), r"layer 1: its numbers add up to 2e\+30 and more, expected 1e\+30"),
    "two layers": (enlarged(enlarged(RELU, 0, 1e20), 1, 1e20), r"layer 1: its numbers add up to inf"),
    "filters": (enlarged(model(filters=2), 0, 3e38), r"layer 0: its numbers add up to inf"),
    "what reads them": (enlarged(model(filters=2), 1, 3e38), r"layer 1: its numbers add up to inf"),
    "another network": (
        model()._replace(
            others=(enlarged(model(), 1, 3e38).params,), config=model().config._replace(members=2)
        ),
        r"network 2, layer 1: its numbers add up to inf",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("artifact", "fault"), ABSURD.values(), ids=ABSURD)
def test_a_network_that_can_not_answer_is_refused(artifact: Artifact, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=fault):
        stored(artifact, tmp_path)


@pytest.mark.parametrize(
    ("scale", "shape", "fault"),
    [
        (0.0, (2, 2), r"scaling\.scale holds 0, expected 2\.9e-39 or more"),
        (-1.0, (2, 2), r"scaling\.scale holds -1, expected 2\.9e-39"),
        (1e-45, (2, 2), r"scaling\.scale holds 1\.4e-45, expected 2\.9e-39"),
        (-1.0, None, r"scaling\.scale holds -1, expected 0 or more"),
    ],
)
def test_a_scale_that_no_rows_lead_to_is_refused(
    scale: float, shape: tuple[int, int] | None, fault: str, tmp_path: Path
) -> None:
    artifact = model(shape=shape)
    scaling = Scaling(np.zeros(4, np.float32), np.full(4, scale, np.float32))
    with pytest.raises(ArtifactError, match=fault):
        stored(artifact._replace(scaling=scaling), tmp_path)


@examples(30)
@given(optimizers, activations, losses, seeds, st.sampled_from([1e-37, 1e-3, 1.0, 1e30, 1e36]), st.integers(0, 1))
def test_an_honest_network_is_read_and_answers(
    tmp_path_factory: pytest.TempPathFactory,
    optimizer: str,
    activation: str,
    loss: str,
    seed: int,
    unit: float,
    pixels: int,
) -> None:
    bytes_of_rows = blobs(60, seed=seed % 100)
    features = (bytes_of_rows.features * np.float32(unit)).astype(np.float32)
    features[:, 3] = features[0, 3]  # one that never varies
    rows = Dataset(features, bytes_of_rows.labels, (4, 4) if pixels else None, bytes_of_rows.class_names)
    config = TINY._replace(optimizer=optimizer, activation=activation, loss=loss, epochs=1)
    found = stored(trained(rows, config), tmp_path_factory.mktemp("honest"))
    assert np.isfinite(classifier(found)(rows.features)).all()


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("hidden", [(64,) * 31, (4096,), ()])
def test_networks_of_any_depth_and_width_are_read(activation: str, hidden: tuple[int, ...], tmp_path: Path) -> None:
    config = TrainConfig(hidden=hidden, activation=activation)
    artifact = model()._replace(config=config, params=initial_params(layer_shapes((4, *hidden, 2), 0), config))
    assert stored(artifact, tmp_path).config.hidden == hidden


def test_an_answer_that_is_no_number_is_an_error_that_names_the_row() -> None:
    table = enlarged(model(shape=None), 0, 1e30)
    artifact = table._replace(config=TrainConfig(hidden=(3,), activation="relu"), temperature=1.0)
    rows = np.full((3, 4), 1e-10, np.float32)
    scaling = artifact.scaling._replace(scale=np.ones(4, np.float32))
    assert np.isfinite(logits_of(artifact.members, scaling, artifact.config, rows)).all()
    rows[1] = 1e20
    with pytest.raises(AnswerError, match="row 2 of 3: expected numbers that the network can answer for"):
        logits_of(artifact.members, scaling, artifact.config, rows)


def test_predict_names_the_file(tmp_path: Path) -> None:
    artifact = model(shape=None)._replace(config=TrainConfig(hidden=(3,), activation="relu"), temperature=1.0)
    (tmp_path / "rows.csv").write_text("a,b,c,d\n1,2,3,4\n3e38,3e38,3e38,3e38\n", encoding="utf-8")
    (tmp_path / "good.csv").write_text("a,b,c,d\n1,2,3,4\n", encoding="utf-8")
    steep = artifact._replace(scaling=artifact.scaling._replace(scale=np.full(4, 1e6, np.float32)))
    found = list(predict([tmp_path / "rows.csv", tmp_path / "good.csv"], steep))
    assert isinstance(found[0], AnswerError)
    assert str(found[0]).startswith(f"{tmp_path / 'rows.csv'}, row 2 of 2: ")
    assert isinstance(found[1], Answer)


def test_rows_that_come_in_batches_are_counted_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.prepare.batches.GROUP_ROWS", 2)
    artifact = model(shape=None)._replace(config=TrainConfig(hidden=(3,), activation="relu"), temperature=1.0)
    steep = artifact._replace(scaling=artifact.scaling._replace(scale=np.full(4, 1e6, np.float32)))
    (tmp_path / "rows.csv").write_text("a,b,c,d\n1,2,3,4\n2,3,4,5\n3,4,5,6\n3e38,0,0,0\n", encoding="utf-8")
    first, second, fault = predict([tmp_path / "rows.csv"], steep)
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (first.position, second.position) == (0, 1)
    assert str(fault).startswith(f"{tmp_path / 'rows.csv'}, row 4 of 4: ")
