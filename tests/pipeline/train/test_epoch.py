"""What an epoch sees of its rows."""

import numpy as np
import pytest

from kernels.images.orientation import orientations
from kernels.layers.csr import Csr
from kernels.layers.first_layer import Stored, features_in, stored
from kernels.types import Bytes, OrientationMaps
from pipeline.train.augment import augmented
from pipeline.train.epoch import rows_to_see
from pipeline.train.shuffle import Window, windows
from pipeline.train.training_set import TrainingSet, training_set_of
from pipeline.types import TrainConfig
from tests.digits import TINY, blobs


def values_of(features: Stored) -> Bytes:
    """Return the grey levels of rows, however they are kept."""
    return np.asarray(features.data if isinstance(features, Csr) else features, np.uint8)


def whole(training_set: TrainingSet, config: TrainConfig) -> Window:
    """Return the only window of an epoch."""
    (window,) = windows(training_set.rows.size, config, 0)
    return window


@pytest.mark.jit  # slow without it
def test_filters_see_the_edges_of_an_epoch_s_own_images() -> None:
    config = TINY._replace(filters=4, distortion=1.0, epochs=4, distortion_decay=0.25)
    training_set = training_set_of(blobs(rows=30), config)
    assert training_set.images
    first, last = (rows_to_see(training_set, config, epoch, whole(training_set, config))[0] for epoch in (0, 3))
    distorted = augmented(training_set.images, config.seed, 0, rows=training_set.rows)
    for found, images in ((first, distorted), (last, training_set.features[training_set.rows])):
        assert isinstance(found.rows, OrientationMaps)
        np.testing.assert_array_equal(
            found.rows.values, orientations(images, 4, 4, training_set.scaling.scale[0]).values
        )
    plain = training_set_of(blobs(rows=30), config._replace(distortion=0.0))
    assert rows_to_see(plain, config, 0, whole(plain, config))[0] is plain.kept


@pytest.mark.jit  # slow without it
def test_every_epoch_sees_other_images_and_the_last_one_sees_them_as_they_are() -> None:
    config = TINY._replace(distortion=1.0, epochs=4, distortion_decay=0.25)
    training_set = training_set_of(blobs(), config)
    assert training_set.images
    seen = [rows_to_see(training_set, config, epoch, whole(training_set, config)) for epoch in range(config.epochs)]
    for (features, shift, scale), labels, rows in seen:
        np.testing.assert_array_equal(labels, training_set.labels[training_set.rows])
        np.testing.assert_array_equal(np.sort(rows), np.arange(training_set.rows.size))
        assert features_in(features) == training_set.features.shape[1]
        assert (shift is training_set.scaling.shift, scale is training_set.scaling.scale) == (True, True)
    images = [augmented(training_set.images, config.seed, epoch, rows=training_set.rows) for epoch in range(2)]
    assert (images[0] != images[1]).any()
    assert (images[0] != training_set.features[training_set.rows]).any()
    last = stored(training_set.features[training_set.rows], training_set.scaling.shift, training_set.scaling.scale)
    np.testing.assert_array_equal(values_of(seen[-1][0].rows), values_of(last))
    assert values_of(seen[0][0].rows).tobytes() != values_of(last).tobytes()
