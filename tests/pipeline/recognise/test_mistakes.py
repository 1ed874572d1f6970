"""The sheet of mistakes shows the images that the network gets wrong."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.recognise.evaluate import evaluate
from pipeline.recognise.mistakes import write_worst
from tests.digits import blobs, trained


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
