"""Going on from a network that has learned already: what it is told, and whether it fits the data."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.config import changed
from pipeline.errors import ConfigError
from pipeline.model.classify import measure
from pipeline.prepare.store.arrays import PreparedData
from pipeline.train.problem import Problem
from pipeline.types import Artifact, Dataset, Json, Params, Scaling, TrainConfig

FIXED = ("filters", "hidden", "activation", "loss", "members")
"""What a network can't change its mind about."""


def tuned_config(start: Artifact, options: Mapping[str, Any]) -> TrainConfig:
    """Return how to go on from a network: gently and briefly, unless the options say otherwise.

    Raises
    ------
    ConfigError
        If an option asks for another network, or is out of range.
    """
    gentle = start.config._replace(
        optimizer="adamw", schedule="cosine", learning_rate=3e-4, batch_size=128, epochs=2, patience=0
    )
    config = changed(gentle, options)
    for name in FIXED:
        if (asked := getattr(config, name)) != (found := getattr(gentle, name)):
            raise ConfigError(
                f"--{name}: expected what the model of --from has, {found}; found {asked}. Leave it away."
            )
    return config


def check_fits(start: Artifact, data: PreparedData, problem: Problem) -> None:
    """Raise unless a network reads the rows of a problem.

    Raises
    ------
    ConfigError
        If it has other inputs, other classes, or scales its inputs otherwise.
    """
    inputs, expected = start.scaling.shift.size, problem.scaling.shift.size
    same = inputs == expected and start.class_names == data.train.class_names
    if not same or not _scale_alike(start.scaling, problem.scaling):
        raise ConfigError(
            f"--from: expected a model of data like these, {expected} features and the classes "
            f"{', '.join(data.train.class_names)}; found one of {inputs} features and the classes "
            f"{', '.join(start.class_names)}. Prepare the data that it was trained on, or name another model."
        )


def _scale_alike(ours: Scaling, theirs: Scaling) -> bool:
    """Tell whether two networks make the same of a row."""
    same = np.array_equal(ours.shift, theirs.shift) and np.array_equal(ours.scale, theirs.scale)
    return same and ours.edges_of == theirs.edges_of


def standing(members: tuple[Params, ...], problem: Problem, config: TrainConfig, data: PreparedData) -> Json:
    """Return what a network, or several together, get right, of the test rows and of the drawings: counts."""

    def counts(dataset: Dataset) -> Json:
        metrics = measure(members, problem.scaling, config, dataset.features, dataset.labels)
        return {"n": metrics.n, "correct": metrics.correct}

    return {"test": counts(data.test), "drawn": None if data.drawn is None else counts(data.drawn)}
