"""How labels are kept: the index of a row's class, in as few bytes as will do."""

import numpy as np
import numpy.typing as npt

from pipeline.types import Labels

NO_DIGIT = "no digit"
"""The label of a drawing that shows none: a letter, a sign, a scribble."""
MAX_CLASSES = 1024
"""More make a confusion matrix of over 8 MB, and as a rule are numbers to predict, or names of the rows."""


def label_type(classes: int) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
    """Return the type of an index into so many classes: uint8 for up to 256, as everywhere for digits, else uint16."""
    return np.dtype(np.uint8) if classes <= 256 else np.dtype(np.uint16)  # noqa: PLR2004 -- what a byte can number


def labels_of(indices: npt.ArrayLike, classes: int) -> Labels:
    """Return indices into so many classes as labels, (n,)."""
    return np.asarray(indices, np.uint8) if label_type(classes) == np.uint8 else np.asarray(indices, np.uint16)


def with_none(class_names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of classes with one more, if it is not among them, for what is no digit."""
    return class_names if NO_DIGIT in class_names else (*class_names, NO_DIGIT)
