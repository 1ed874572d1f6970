"""Random numbers derived from what they are for, so that there is no generator to carry along or to store."""

import enum

import numpy as np


class Stream(enum.IntEnum):
    """What a stream of random numbers is for."""

    WEIGHTS = 0
    VALIDATION = 1
    SHUFFLE = 2


def generator(seed: int, stream: Stream, epoch: int = 0, part: int = 0) -> np.random.Generator:
    """Return the generator for one purpose in one epoch, or a part of it: the same whenever it is asked for."""
    return np.random.default_rng([seed, stream, epoch, *([part] if part else [])])
