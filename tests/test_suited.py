"""What becomes of a preset for rows that are not MNIST's, and that nobody's choice is touched."""

import numpy as np
import pytest
from mlxtend.data import iris_data, wine_data

from pipeline.config import PRESETS, Asked, combined
from pipeline.model.classify import measure
from pipeline.split import stratified_mask
from pipeline.train.suited import FEWEST_STEPS, MOST_EPOCHS, TABLE_BATCH, suited
from pipeline.types import Dataset, TrainConfig
from tests.digits import blobs, trained

IMAGES = blobs(rows=60_000)
FLOATS = IMAGES._replace(features=IMAGES.features.astype(np.float32))
TABLE = IMAGES._replace(image_shape=None)
EVERYTHING = frozenset(TrainConfig._fields)


def by_preset(name: str) -> Asked:
    return combined(name, None, {})


@pytest.mark.parametrize("name", PRESETS)
def test_many_images_get_the_preset_as_it_is(name: str) -> None:
    assert suited(by_preset(name), IMAGES) == PRESETS[name]


@pytest.mark.parametrize("name", ["quick", "good", "best"])
def test_what_rows_can_not_do_is_not_asked_of_them(name: str) -> None:
    preset = PRESETS[name]
    assert suited(by_preset(name), FLOATS) == preset._replace(distortion=0.0)
    plain = preset._replace(distortion=0.0, filters=0, batch_size=TABLE_BATCH)
    assert suited(by_preset(name), TABLE) == plain


@pytest.mark.parametrize("dataset", [IMAGES, FLOATS, TABLE, blobs(), blobs(image_shape=None)])
def test_what_somebody_chose_stays(dataset: Dataset) -> None:
    for config in PRESETS.values():
        assert suited(Asked(config, EVERYTHING), dataset) == config
    assert suited(by_preset("original"), dataset) == PRESETS["original"]
    config = PRESETS["quick"]._replace(filters=16, distortion=1.0, epochs=2, batch_size=7)
    options = {name: getattr(config, name) for name in ("filters", "distortion", "epochs", "batch_size")}
    assert suited(combined(None, None, options), dataset) == config


@pytest.mark.parametrize("rows", [3, 150, 4000, 8000])
def test_of_few_rows_there_are_more_epochs(rows: int) -> None:
    config = suited(by_preset("quick"), blobs(rows=rows))
    steps = config.epochs * -(-int(rows * (1 - config.validation_fraction)) // config.batch_size)
    assert config.epochs == MOST_EPOCHS or FEWEST_STEPS <= steps < 1.2 * FEWEST_STEPS
    assert PRESETS["quick"].epochs < config.epochs <= MOST_EPOCHS
    assert suited(by_preset("good"), blobs(rows=rows)).epochs >= PRESETS["good"].epochs


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize(("data", "least"), [(iris_data, 0.85), (wine_data, 0.9)], ids=["iris", "wine"])
def test_a_small_table_is_learned_by_the_preset(data: object, least: float) -> None:
    features, labels = data()  # type: ignore[operator] # either of the two
    names = tuple(str(label) for label in np.unique(labels))
    table = Dataset(features.astype(np.float32), labels.astype(np.uint8), None, names)
    test = stratified_mask(table.labels, 0.2, np.random.default_rng(0))
    train = table._replace(features=table.features[~test], labels=table.labels[~test])
    config = suited(by_preset("quick"), train)
    found = trained(train, config)
    metrics = measure(found.members, found.scaling, config, table.features[test], table.labels[test])
    assert metrics.correct >= least * metrics.n
