"""What becomes of a preset for rows that are not MNIST's, and that nobody's choice is touched."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st
from mlxtend.data import iris_data, wine_data

from pipeline.config import PRESETS, Asked, combined, validated
from pipeline.model.classify import measure
from pipeline.stratify import stratified_mask
from pipeline.train.adapt import (
    FEWEST_EPOCHS,
    FEWEST_JUDGES,
    FEWEST_STEPS,
    MOST_EPOCHS,
    ROWS_SEEN,
    TABLE,
    TABLE_EPOCHS,
    TABLE_PATIENCE,
    suited,
)
from pipeline.types import Dataset, Floats, TrainConfig
from tests.digits import blobs, trained

IMAGES = blobs(rows=60_000)
FLOATS = IMAGES._replace(features=IMAGES.features.astype(np.float32))
UNJUDGED = {"validation_fraction": 0.0}
EVERYTHING = frozenset(TrainConfig._fields)


def by_preset(name: str) -> Asked:
    return combined(name, None, {})


@pytest.mark.parametrize("name", PRESETS)
def test_many_images_get_the_preset_as_it_is(name: str) -> None:
    assert suited(by_preset(name), IMAGES) == PRESETS[name]


@pytest.mark.parametrize(("shards", "times"), [(1, 1), (2, 2), (8, 8), (9, 8), (64, 8)])
def test_images_are_learned_faster_in_shards(shards: int, times: int) -> None:
    rate = PRESETS["quick"].learning_rate
    expected = PRESETS["quick"]._replace(shards=shards, learning_rate=times * rate)
    assert suited(combined("quick", None, {"shards": shards}), IMAGES) == expected
    chosen = suited(combined("quick", None, {"shards": shards, "learning_rate": rate}), IMAGES)
    assert chosen.learning_rate == rate
    assert suited(combined("quick", None, {"shards": shards}), table_of(500)).learning_rate == TABLE["learning_rate"]


@pytest.mark.parametrize("name", ["quick", "good", "best"])
def test_what_rows_can_not_do_is_not_asked_of_them(name: str) -> None:
    assert suited(by_preset(name), FLOATS) == PRESETS[name]._replace(distortion=0.0)
    config = suited(by_preset(name), IMAGES._replace(image_shape=None))
    assert (config.filters, config.distortion) == (0, 0.0)


@given(st.sampled_from(["quick", "good", "best"]), st.integers(0, 20_000_000), st.sampled_from([{}, UNJUDGED]))
def test_a_table_is_learned_until_held_out_rows_say_enough(name: str, rows: int, options: dict[str, float]) -> None:
    config = suited(combined(name, None, options), table_of(rows))
    assert validated(config) == config
    stops_early = config.members == 1 and rows * config.validation_fraction >= FEWEST_JUDGES
    assert config.patience == (TABLE_PATIENCE if stops_early else 0)
    assert config.hidden == PRESETS[name].hidden * 2
    assert {field: getattr(config, field) for field in TABLE} == TABLE | options
    most = TABLE_EPOCHS if stops_early else MOST_EPOCHS
    assert FEWEST_EPOCHS <= config.epochs <= most
    assert config.epochs == FEWEST_EPOCHS or config.epochs * rows <= ROWS_SEEN
    assert config.epochs == most or (config.epochs + 1) * rows > ROWS_SEEN
    assert config.batch_size in {32, 64, 128, 256}
    assert config.batch_size in {32, 256} or 2 / 3 < rows / config.batch_size / 500 < 3 / 2


def test_few_rows_held_out_stop_nothing() -> None:
    few, enough = (suited(by_preset("quick"), table_of(rows)) for rows in (200, 2000))
    assert (few.patience, few.epochs) == (0, MOST_EPOCHS)
    assert (enough.patience, enough.epochs) == (TABLE_PATIENCE, TABLE_EPOCHS)
    assert suited(combined(None, None, {"patience": 7}), table_of(200)).patience == 7


def table_of(rows: int) -> Dataset:
    """Return a table of so many rows that takes no room."""
    return Dataset(np.broadcast_to(np.float32(0), (rows, 2)), np.broadcast_to(np.uint8(0), rows), None, ("a", "b"))


@pytest.mark.parametrize("dataset", [IMAGES, FLOATS, table_of(60_000), blobs(), blobs(image_shape=None)])
def test_what_somebody_chose_stays(dataset: Dataset) -> None:
    for config in PRESETS.values():
        assert suited(Asked(config, EVERYTHING), dataset) == config
    assert suited(by_preset("original"), dataset) == PRESETS["original"]
    options = {**TABLE, "filters": 16, "distortion": 1.0, "epochs": 2, "batch_size": 7, "hidden": (9,), "patience": 3}
    options |= {"learning_rate": 0.1, "weight_decay": 0.2, "schedule": "constant", "validation_fraction": 0.3}
    for name, value in options.items():
        assert getattr(suited(combined(None, None, {name: value}), dataset), name) == value
    assert suited(combined(None, None, options), dataset) == PRESETS["quick"]._replace(**options)  # type: ignore[arg-type] # names are TrainConfig's


@pytest.mark.parametrize("rows", [3, 150, 4000, 8000])
def test_of_few_images_there_are_more_epochs(rows: int) -> None:
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
    assert share_right(table, 0.2) >= least


def shells(features: Floats) -> Floats:
    """Return the distance of rows from their mean: classes by it are shells around each other."""
    squares: Floats = np.square(features).sum(axis=1)
    return squares


def saddles(features: Floats) -> Floats:
    """Return a sum of products of features, of which two in eight don't count."""
    return features[:, 0] * features[:, 1] + features[:, 2] * features[:, 3] - features[:, 4] * features[:, 5]


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize(("rule", "least"), [(shells, 0.78), (saddles, 0.82)])
def test_a_table_that_takes_longer_to_be_learned_is_given_the_time(
    rule: Callable[[Floats], Floats], least: float
) -> None:
    features = np.random.default_rng(0).normal(size=(2000, 8)).astype(np.float32)
    values = rule(features)
    labels = np.searchsorted(np.quantile(values, (0.25, 0.5, 0.75)), values).astype(np.uint8)
    assert share_right(Dataset(features, labels, None, tuple("abcd")), 0.25) >= least


def share_right(table: Dataset, fraction: float) -> float:
    """Return what a network trained by the preset `quick` gets right of rows that are held out from a table."""
    test = stratified_mask(table.labels, fraction, np.random.default_rng(0))
    train = table._replace(features=table.features[~test], labels=table.labels[~test])
    config = suited(by_preset("quick"), train)
    found = trained(train, config)
    metrics = measure(found.members, found.scaling, config, table.features[test], table.labels[test])
    return metrics.correct / metrics.n
