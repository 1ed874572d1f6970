"""The learning rate as a pure function of the step."""

import numpy as np
import numpy.typing as npt

from pipeline.types import TrainConfig

# One cycle, as Smith & Topin describe it ("Super-convergence", 2018) and others settled it: rise from a 25th of the
# peak over the first 30 % of the steps, then fall by a cosine to nearly nothing.
WARM_UP, START, END = 0.3, 1 / 25, 1e-4


def _half_cosine(progress: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return 1 at progress 0, 0 at progress 1, smooth in between."""
    return 0.5 * (1 + np.cos(np.pi * progress))


def learning_rates(config: TrainConfig, start: int, stop: int, total: int) -> npt.NDArray[np.float64]:
    """Return the learning rate of the steps `start` to `stop - 1` out of `total`, counted from 0: (stop - start,)."""
    progress = np.arange(start, stop) / max(total - 1, 1)
    if config.schedule == "cosine":
        share = _half_cosine(progress)
    elif config.schedule == "one-cycle":
        falling = END + (1 - END) * _half_cosine((progress - WARM_UP) / (1 - WARM_UP))
        share = np.where(progress < WARM_UP, START + (1 - START) * progress / WARM_UP, falling)
    else:
        share = np.ones(stop - start)
    return float(config.learning_rate) * share  # a whole number may be too large for an array of integers
