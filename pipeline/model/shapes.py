"""The layers that a configuration stands for, from the input to the output, as pairs of widths."""

import itertools

from kernels.layers.convolution import PATCHES, TAPS
from pipeline.types import TrainConfig


def output_count(classes: int, config: TrainConfig) -> int:
    """Return how many outputs a network for so many classes has: with non-digits, there is one more for these."""
    return classes + (config.nondigits > 0)


def layer_shapes(sizes: tuple[int, ...], filters: int) -> tuple[tuple[int, int], ...]:
    """Return (fan_in, fan_out) of each layer; `sizes` are a row's features, the hidden layers' widths, and its outputs.

    Unless there are 0 filters, they are the first layer, and the next one reads their outputs for all patches.
    """
    if not filters:
        return tuple(itertools.pairwise(sizes))
    return ((TAPS, filters), *itertools.pairwise((PATCHES * filters, *sizes[1:])))
