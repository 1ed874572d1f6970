"""Going on from a network that has learned already: what it is told, and whether it fits the data."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.config import changed
from pipeline.errors import ConfigError
from pipeline.model.classify import measure
from pipeline.prepare.store.arrays import PreparedData
from pipeline.rows import some
from pipeline.train.training_set import TrainingSet
from pipeline.types import AnyDataset, Artifact, ImageShape, Json, Params, Scaling, TrainConfig
from pipeline.words import listed

FIXED = ("filters", "hidden", "activation", "loss", "members")
"""What fine-tuning can't change: the network's layers, and what its outputs mean."""
REMINDERS = 1000
"""Non-digits and scans that an epoch shows at most, unless more are asked for: enough for them not to be forgotten, and
drawn in a second or two."""


def finetuning_config(start: Artifact, options: Mapping[str, Any]) -> TrainConfig:
    """Return how to go on from a network: gently and briefly, unless the options say otherwise.

    Raises ConfigError if an option asks for another network, or is out of range.
    """
    gentle = start.config._replace(
        optimizer="adamw",
        schedule="cosine",
        learning_rate=3e-4,
        batch_size=128,
        epochs=2,
        patience=0,
        nondigits=min(start.config.nondigits, REMINDERS),
        scans=min(start.config.scans, REMINDERS),
    )
    config = changed(gentle, options)
    if bool(asked := config.nondigits) != bool(gentle.nondigits):
        some = "some" if gentle.nondigits else "none"
        raise ConfigError(
            f"--nondigits: expected {some}, as the model of --from was trained; found {asked}. Omit the option."
        )
    for name in FIXED:
        if (asked := getattr(config, name)) != (found := getattr(gentle, name)):
            raise ConfigError(
                f"--{name}: expected what the model of --from has, {found}; found {asked}. Omit the option."
            )
    return config


def check_fits(start: Artifact, data: PreparedData, training_set: TrainingSet) -> None:
    """Raise ConfigError if a network's inputs, classes or scaling are not those of a training set."""
    theirs, ours = start.scaling, training_set.scaling
    found = _kind(theirs, start.class_names, start.image_shape)
    expected = _kind(ours, data.train.class_names, data.train.image_shape)
    if expected != found:
        raise ConfigError(
            f"--from: expected a model of data like these, {expected}; found one of {found}. Prepare the data that it "
            "was trained on, or name another model."
        )
    same = np.array_equal(ours.shift, theirs.shift) and np.array_equal(ours.scale, theirs.scale)
    if not same or ours.edges_of != theirs.edges_of:
        raise ConfigError(
            "--from: expected a model that scales its inputs as these data ask for; found another scaling, learned "
            "from other rows. Prepare the data that it was trained on, with the same rows held out."
        )


def _kind(scaling: Scaling, class_names: tuple[str, ...], image_shape: ImageShape | None) -> str:
    """Describe what a network reads and tells apart."""
    pixels = "" if image_shape is None else f"images of {image_shape[0]} x {image_shape[1]} pixels"
    return f"{pixels or f'{scaling.shift.size} features'} and the classes {listed(class_names)}"


def standing(members: tuple[Params, ...], training_set: TrainingSet, config: TrainConfig, data: PreparedData) -> Json:
    """Return what a network, or several together, get right, of the test rows and of drawn digits: counts."""

    def counts(dataset: AnyDataset) -> Json:
        digits = np.flatnonzero(dataset.labels < len(data.train.class_names))
        features = some(dataset.features, digits) if digits.size < dataset.labels.size else dataset.features
        metrics = measure(members, training_set.scaling, config, features, dataset.labels[digits])
        return {"n": metrics.n, "correct": metrics.correct}

    return {"test": counts(data.test), "drawn": None if data.drawn is None else counts(data.drawn)}
