"""Whether a network is as sure as it is right, and the temperature that makes it so.

References
----------
C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017: the temperature, and
the reliability diagram by bins of equal width.
M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015:
the expected calibration error.
"""

import math

import numpy as np
import numpy.typing as npt

from pipeline.types import Calibration, Floats, Labels, ReliabilityBin

LOWEST, HIGHEST = 0.05, 20.0
"""Temperatures: beyond them no network is worth having, and where all answers are right, the likelihood has no end."""
TOLERANCE = 1e-6
"""Of the logarithm of the temperature: it changes no probability by more than a millionth of its logit."""
BINS = 15
"""As many as Guo and others take."""

Probabilities = npt.NDArray[np.float64]


def fit_temperature(logits: Floats, labels: Labels) -> float:
    """Return the temperature that minimises the negative log-likelihood of held-out rows, one at least.

    Given logits (n, k) and labels (n,), it is the T from `LOWEST` to `HIGHEST` for which the mean of
    `-log softmax(logits / T)[label]` is lowest. The mean is a convex function of b = 1 / T; its derivative by b is
    `mean(Σ_j p_j z_j - z_label)`, with p = softmax(b z). Its sign tells on which side the minimum lies, so bisection
    finds it.
    """
    z = logits.astype(np.float64)
    z -= z[np.arange(labels.size), labels][:, np.newaxis]  # softmax does not change when a row is shifted
    low, high = math.log(LOWEST), math.log(HIGHEST)
    while high - low > TOLERANCE:
        middle = (low + high) / 2
        if _slope(z, math.exp(-middle)) > 0:
            low = middle  # less b, more T
        else:
            high = middle
    return math.exp((low + high) / 2)


def _slope(z: Probabilities, inverse: float) -> float:
    """Return the derivative of the mean loss by `inverse`, which is 1 / T; each row of `z` is 0 at its label."""
    scaled = z * inverse
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return float(((weights * z).sum(axis=1) / weights.sum(axis=1)).mean())


def reliability(
    confidence: Probabilities, right: npt.NDArray[np.bool_], bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """Return how often answers are right that are about as sure, from the least sure to the surest.

    Each answer, (n,), has the probability that it was given, and is right or not. The bins are of equal width, from 0
    to 1, and hold their upper edges; those without any answer are left out.
    """
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    sure, hits = np.bincount(place, confidence, bins), np.bincount(place, right, bins)
    return tuple(
        ReliabilityBin(i / bins, (i + 1) / bins, int(counts[i]), float(sure[i] / counts[i]), float(hits[i] / counts[i]))
        for i in np.flatnonzero(counts).tolist()
    )


def calibration_of(confidence: Probabilities, right: npt.NDArray[np.bool_], temperature: float) -> Calibration:
    """Return how well probabilities, made at a temperature, fit the truth; parameters as for `reliability`."""
    bins = reliability(confidence, right)
    return Calibration(temperature, expected_calibration_error(bins), bins)


def expected_calibration_error(bins: tuple[ReliabilityBin, ...]) -> float:
    """Return how far the certainty of answers is from how often they are right: `Σ (n_b / n) |accuracy - confidence|`.

    Without any row it is 0.
    """
    n = sum(each.n for each in bins)
    return sum((each.n * abs(each.accuracy - each.confidence) for each in bins), 0.0) / max(n, 1)
