"""Small problems for tests of training: made-up blobs that a network can learn in milliseconds."""

import numpy as np

from kernels.network.epoch import new_stop_token
from pipeline.train.ensemble import members_of
from pipeline.train.loop import initial_state, train
from pipeline.train.training_set import training_set_of
from pipeline.types import Artifact, Dataset, TrainConfig

TINY = TrainConfig(hidden=(8,), batch_size=16, epochs=3, validation_fraction=0.2, learning_rate=0.02)


def blobs(rows: int = 150, classes: int = 3, seed: int = 0, image_shape: tuple[int, int] | None = (4, 4)) -> Dataset:
    """Return rows of 16 bytes in clouds, one a class."""
    random = np.random.default_rng(seed)
    centres = random.integers(40, 216, (classes, 16))
    labels = random.permutation(np.arange(rows) % classes).astype(np.uint8)
    features = np.clip(centres[labels] + random.normal(0, 25, (rows, 16)), 0, 255).astype(np.uint8)
    return Dataset(features, labels, image_shape, tuple(str(i) for i in range(classes)))


def trained(dataset: Dataset, config: TrainConfig = TINY) -> Artifact:
    """Return a network trained on a data set."""
    training_set = training_set_of(dataset, config)
    *_, state = train(initial_state(training_set, config), training_set, config, new_stop_token())
    members = members_of(state, config)
    manifest = {"data": "0" * 64, "versions": {"numpy": np.__version__}}
    return Artifact(
        params=members[0],
        others=members[1:],
        scaling=training_set.scaling,
        config=config,
        class_names=dataset.class_names,
        image_shape=dataset.image_shape,
        metrics={"n": 0, "correct": 0},
        manifest=manifest,
    )
