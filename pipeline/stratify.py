"""Dividing labelled rows in two, each class in the same proportion."""

import numpy as np
import numpy.typing as npt

from pipeline.types import Labels


def stratified_mask(labels: Labels, fraction: float, random: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Return a mask, (n,), that is true for rows chosen at random: the same fraction, from 0 to 1, of every class.

    The fraction is rounded to whole rows of each class; unless it is 0, that is one row at least, and never all.
    """
    mask = np.zeros(labels.size, np.bool_)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        wanted = max(round(fraction * rows.size), 1) if fraction else 0
        count = min(wanted, rows.size - 1)
        mask[random.permutation(rows)[:count]] = True
    return mask
