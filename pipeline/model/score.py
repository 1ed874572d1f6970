"""How likely it is that ink is a digit at all, by a network that was shown what is none.

Such a network has one output more than there are classes, the last one, for all that is no digit. The margin of a row
is by how much the classes together outweigh that output, `log Σ exp z_class - z_last`: the logit of the probability
that it is a digit. The threshold is the margin that all but a few of the digits held out have, and the score says how
far beyond it a row is, as a probability: from 0.5 on, ink counts as a digit. Temperatures have no part in it.

References
----------
D. Hendrycks, M. Mazeika, T. Dietterich: Deep anomaly detection with outlier exposure. ICLR 2019: to be shown what does
not belong helps with what was never shown.
"""

import math

import numpy as np
import numpy.typing as npt

from pipeline.types import Floats, TrainConfig

DIGIT = 0.5
"""The score from which ink counts as a digit."""
PASS = 0.995
"""Share of the digits held out that are to count as digits, at least. They are more like those that were learned than
what other people draw: of 2,022 drawings by people that no network had seen, 98 % then are sure digits."""

Values = npt.NDArray[np.float64]


def class_logits(outputs: Floats, config: TrainConfig) -> Floats:
    """Return what goes into the softmax, (n, classes): a network's outputs but for the one that is no class."""
    return outputs[:, :-1] if config.nondigits else outputs


def margins_of(outputs: Floats, config: TrainConfig) -> Values | None:
    """Return the margins, (n,), of a network's outputs, (n, classes + 1); None if all outputs are classes."""
    if not config.nondigits:
        return None
    beyond = outputs[:, :-1].astype(np.float64) - outputs[:, -1:]
    most = beyond.max(axis=1)
    return np.asarray(most + np.log(np.exp(beyond - most[:, np.newaxis]).sum(axis=1)))


def scores_of(outputs: Floats, config: TrainConfig, threshold: float | None) -> Values | None:
    """Return the scores, (n,), from 0 to 1, of a network's outputs; None if it has none."""
    margins = margins_of(outputs, config)
    if margins is None or threshold is None:
        return None
    # By tanh, for which no margin is too large.
    return np.asarray((1 + np.tanh((margins - threshold) / 2)) / 2)


def fit_threshold(margins: Values) -> float:
    """Return the largest threshold at which `PASS` of some digits, (n,), still count as digits; without any, 0."""
    if not margins.size:
        return 0.0
    return float(np.sort(margins)[margins.size - math.ceil(PASS * margins.size)])
