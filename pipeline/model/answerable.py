"""Whether a stored network can answer: numbers that are finite each may be none any more once they are multiplied.

What is asked is that no sum within the network can leave float32, for the brightest image, a blank one, and some in
between; of features that are standardised, for rows a few deviations around the mean. Behind a sigmoid or tanh, whose
values lie within 1, that is true of any row then. Behind relu a row may still be found that is too much:
`pipeline.model.classify` looks at each answer.
"""

import numpy as np

from pipeline.model.inputs import EDGE
from pipeline.rules import check
from pipeline.types import Artifact, Floats, Layer, Scaling

LARGEST = float(np.finfo(np.float32).max)
LARGEST_LOGIT = 1e30
"""What an answer may be at most: divided by a temperature or summed over networks, float32 still holds it. Those of
trained networks are below 100."""
LEAST_SCALE = 2.9e-39
"""Of pixels: a little less than 1 over float32's largest number. Of a feature that never varies it is 0."""
PROBES = 16
"""Rows that are tried."""
DEVIATIONS = 4
"""How far the features of a table lie around their mean in these rows, at most."""
PIECE = 1 << 14
"""Weights that are looked at together: so few that BLAS wakes no threads, which takes longer than the work, and that no
copy of a gigabyte is made of the largest networks."""


def check_scaling(scaling: Scaling, *, images: bool) -> None:
    """Raise ValueError unless `pipeline.train.training_set.scaling_for` can have returned this."""
    if images:
        check(not scaling.shift.any() and not np.ptp(scaling.scale), "pixels are scaled each in its own way")
    lowest, least = scaling.scale.min(), LEAST_SCALE if images else 0.0
    check(lowest >= least, f"scaling.scale holds {lowest:.3g}, expected {least:.3g} or more")


def check_answers(artifact: Artifact) -> None:
    """Raise ValueError unless each of the networks answers with finite numbers."""
    config, images = artifact.config, artifact.image_shape is not None
    # A filter's patch shows the edges of images, bytes; the same patch is taken for all places.
    brightest = 255 * EDGE if config.filters else 1.0 if images else DEVIATIONS
    rows = brightest * _probes(artifact.params[0].weight.shape[0], lowest=0.0 if images else -1.0)
    for member, params in enumerate(artifact.members):
        x = rows
        for i, layer in enumerate(params):
            name, highest = f"network {member + 1}, layer {i}", LARGEST if i < len(params) - 1 else LARGEST_LOGIT
            x = _through(np.tile(x, layer.weight.shape[0] // x.shape[1]), layer, name, highest)
            x = _activated(x, config.activation)


def _probes(width: int, lowest: float) -> Floats:
    """Return rows of numbers from `lowest` to 1: the highest, the lowest, and others in between, always the same."""
    some = np.random.default_rng(0).uniform(lowest, 1, (PROBES - 2, width))
    return np.vstack([np.ones(width), np.full(width, lowest), some]).astype(np.float32)


def _through(x: Floats, layer: Layer, name: str, highest: float) -> Floats:
    """Return a layer's sums for rows, (k, fan_in), if none goes beyond `highest` in whatever order it is summed up."""
    sums: Floats = np.zeros((len(x), layer.bias.size), np.float32) + layer.bias
    most = np.abs(sums)
    step = max(PIECE // layer.bias.size, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, x.shape[1], step):
            part, weight = x[:, start : start + step], layer.weight[start : start + step]
            sums += part @ weight
            most += np.abs(part) @ np.abs(weight)
    found = f"{name}: its numbers add up to {most.max():.3g} and more, expected {highest:.3g} at most"
    check(bool((most <= highest).all()), found)
    return sums


def _activated(sums: Floats, activation: str) -> Floats:
    """Return what a layer hands on; for a function that is bounded, one row of the most that it ever is."""
    return np.maximum(sums, 0) if activation == "relu" else np.ones_like(sums[:1])
