"""A model is read by the recipe of docs/formats.md, with NumPy and json alone: it gives the product's answers."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.model.artifact import load_model, save_model
from pipeline.model.classify import logits_of, recogniser
from pipeline.model.find import PRETRAINED
from pipeline.types import Artifact, TrainConfig
from tests.digits import TINY, blobs, trained
from tests.markdown import ROOT, blocks_of


@pytest.fixture(scope="module")
def recipe() -> dict[str, Any]:
    """Return the functions that the document defines."""
    names: dict[str, Any] = {}
    for block in blocks_of("docs/formats.md"):
        if block.language == "python":
            exec(compile(block.text, f"formats.md, line {block.line}", "exec"), names)  # noqa: S102 -- our own document
    return names


def compare(recipe: dict[str, Any], path: Path, rows: npt.NDArray[Any], tolerance: float) -> None:
    """Hold the recipe's answers for rows to the product's."""
    artifact = load_model(path)
    expected = logits_of(artifact.members, artifact.scaling, artifact.config, rows)
    np.testing.assert_allclose(recipe["logits_of"](path, rows), expected, rtol=0, atol=tolerance)
    likely, scores = recogniser(artifact)(rows)
    np.testing.assert_allclose(recipe["probabilities_of"](path, rows), likely, rtol=0, atol=tolerance)
    if scores is not None:
        np.testing.assert_allclose(recipe["scores_of"](path, rows), scores, rtol=0, atol=tolerance)


@pytest.mark.parametrize("bits", [32, 16, 8])
@pytest.mark.parametrize(
    "config",
    [TINY, TINY._replace(activation="tanh", members=2), TINY._replace(activation="sigmoid", loss="quadratic")],
    ids=["relu", "two networks", "quadratic"],
)
def test_a_fully_connected_network(recipe: dict[str, Any], config: TrainConfig, bits: int, tmp_path: Path) -> None:
    data = blobs()
    artifact: Artifact = trained(data, config)
    artifact = artifact._replace(temperature=1.0 if config.loss == "quadratic" else 0.7)
    save_model(tmp_path / "model.npz", artifact, bits)
    compare(recipe, tmp_path / "model.npz", data.features, 1e-5)


def test_a_network_that_knows_what_is_no_digit(recipe: dict[str, Any], tmp_path: Path) -> None:
    data = blobs()
    save_model(tmp_path / "model.npz", trained(data, TINY._replace(nondigits=1))._replace(threshold=0.3))
    assert recipe["scores_of"](tmp_path / "model.npz", data.features).shape == (150,)
    compare(recipe, tmp_path / "model.npz", data.features, 1e-5)


def test_a_table(recipe: dict[str, Any], tmp_path: Path) -> None:
    data = blobs(image_shape=None)
    save_model(tmp_path / "model.npz", trained(data))
    compare(recipe, tmp_path / "model.npz", data.features, 1e-5)


def test_the_bundled_model_with_its_filters(recipe: dict[str, Any]) -> None:
    """An edge that lies between two bytes may be rounded to either."""
    random = np.random.default_rng(0)
    images = np.zeros((5, 28, 28), np.uint8)
    images[:, 6:22, 8:20] = random.integers(0, 256, (5, 16, 12))
    compare(recipe, ROOT / PRETRAINED, images.reshape(5, 784), 0.01)


def test_the_edges_of_images_of_another_size(recipe: dict[str, Any]) -> None:
    from kernels.images.orientation import orientations  # noqa: PLC0415 -- here alone

    images = np.random.default_rng(1).integers(0, 256, (3, 20 * 36), np.uint8)
    expected = orientations(images, 20, 36, 1 / 255).values.reshape(3, 13, 13, 8)
    found = recipe["edges_of"](images, 20, 36, 1 / 255)
    assert np.abs(found - expected).max() <= 1
    assert (found != expected).mean() < 0.001
