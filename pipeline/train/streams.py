"""Random numbers derived from what they are for, so that there is no generator to carry along or to store."""

import enum

import numpy as np


class Stream(enum.IntEnum):
    """What a stream of random numbers is for."""

    WEIGHTS = 0
    VALIDATION = 1
    SHUFFLE = 2
    SHARDS = 3


def generator(seed: int, stream: Stream, epoch: int = 0, *parts: int) -> np.random.Generator:
    """Return the generator for one purpose in one epoch, or a part of it: the same whenever it is asked for.

    What the parts are numbered by is from 1 on, as 0 stands for the whole.
    """
    return np.random.default_rng([seed, stream, epoch, *(parts if any(parts) else ())])
