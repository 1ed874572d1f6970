"""What follows from counts: how sure one can be of an accuracy, and the figures of each class."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 % above it: a two-sided interval of 95 %."""


class Interval(NamedTuple):
    """Where a share lies, 0 to 1."""

    low: float
    high: float


class ClassFigures(NamedTuple):
    """How well one class is recognised."""

    rows: int  # of the class
    answers: int  # that name the class
    correct: int  # rows of the class with such an answer
    precision: float | None  # share of the answers that are right; None if the class was never the answer
    recall: float | None  # share of the rows that were recognised; None if the class has no rows
    f1: float | None  # harmonic mean of the two; 0 if nothing is right, None if there are neither rows nor answers


def wilson_interval(correct: int, n: int) -> Interval:
    """Return the 95 % interval for the true accuracy, of which `correct` of `n` rows are a sample.

    Notes
    -----
    With p = correct / n: `(p + z²/2n ± z √(p (1 - p)/n + z²/4n²)) / (1 + z²/n)`. Unlike `p ± z √(p (1 - p)/n)` it stays
    within 0 and 1 and holds for accuracies close to 1, which is where digits are. Without rows it is all of 0 to 1.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22, 1927, 209-212.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    share, extra = correct / n, Z_95 * Z_95 / n
    centre = share + extra / 2
    spread = math.sqrt(share * (1 - share) * extra + extra * extra / 4)
    # Rounding steps over 1 by a last bit if all is right; it can't step under 0, where the square root is exact.
    return Interval((centre - spread) / (1 + extra), min(1.0, (centre + spread) / (1 + extra)))


def figures_by_class(confusion: npt.NDArray[np.int64]) -> tuple[ClassFigures, ...]:
    """Return the figures of each class; counts are (classes, classes): true class by answer."""
    columns = confusion.sum(axis=1), confusion.sum(axis=0), np.diagonal(confusion)
    return tuple(
        ClassFigures(
            rows, answers, correct, _share(correct, answers), _share(correct, rows), _share(2 * correct, rows + answers)
        )
        for rows, answers, correct in zip(*(column.tolist() for column in columns), strict=True)
    )


def commonest_mistakes(confusion: npt.NDArray[np.int64], count: int) -> tuple[tuple[int, int, int], ...]:
    """Return what is taken for what most often: true class, answer and how often, `count` of them at most."""
    wrong = confusion - np.diag(np.diagonal(confusion))
    order = np.argsort(-wrong, axis=None, kind="stable")[:count]
    pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
    return tuple((int(true), int(answer), int(wrong[true, answer])) for true, answer in pairs if wrong[true, answer])


def _share(part: int, whole: int) -> float | None:
    """Return `part / whole`, or None where there is nothing to take a share of."""
    return part / whole if whole else None
