"""Images as scans: their ink fills a square, whatever shape it had."""

import numpy as np
import pytest

from pipeline.errors import ConfigError
from pipeline.recognise.mnist_form import bounding_box
from pipeline.train.scans import with_scans
from pipeline.train.training_set import training_set_of
from pipeline.types import Dataset
from tests.digits import TINY, blobs

SCANNED = TINY._replace(scans=5)


def one_and_blank() -> Dataset:
    """Return images of an upright line each, of a class to choose from, and a blank one as the last."""
    images = np.zeros((8, 28, 28), np.uint8)
    images[:-1, 4:24, 13:16] = 255
    return Dataset(images.reshape(8, 784), np.arange(8, dtype=np.uint8) % 2, (28, 28), ("0", "1"))


def test_every_epoch_shows_some_images_as_scans_too() -> None:
    data = one_and_blank()
    plain = training_set_of(data, SCANNED._replace(validation_fraction=0.0))
    found = with_scans(plain, data, SCANNED)
    assert found.rows.tolist() == [*range(8), *range(8, 12)], "four of five, as nothing is left of a blank one"
    assert found.labels[8:].tolist() == [0, 1, 1, 1]
    for row in found.features[8:]:
        image = row.reshape(28, 28)
        rows, columns = bounding_box(image > 0)
        assert 20 <= rows.stop - rows.start == columns.stop - columns.start <= 21, "its edge may share a pixel"
        assert image[5:23, 5:23].min() == 255, "a line becomes a block"
    assert with_scans(plain, data, TINY) is plain


def test_there_are_no_more_scans_than_images() -> None:
    data = one_and_blank()
    plain = training_set_of(data, SCANNED._replace(validation_fraction=0.0))
    assert with_scans(plain, data, SCANNED._replace(scans=100)).rows.size == 8 + 7


@pytest.mark.parametrize("shape", [None, (4, 4)], ids=["table", "floats"])
def test_rows_of_other_features_are_refused(shape: tuple[int, int] | None) -> None:
    data = blobs(image_shape=shape)
    floats = data if shape is None else data._replace(features=data.features.astype(np.float32))
    with pytest.raises(ConfigError, match="scans: expected images of grey levels, found rows of other features"):
        with_scans(training_set_of(floats, SCANNED), floats, SCANNED)
