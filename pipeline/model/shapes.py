"""The layers that a configuration stands for, from the input to the output, as pairs of widths."""

import itertools

from kernels.layers.convolution import PATCHES, TAPS


def layer_shapes(sizes: tuple[int, ...], filters: int) -> tuple[tuple[int, int], ...]:
    """Return (fan_in, fan_out) of each layer, given a row's features, the hidden layers' widths, and the classes.

    If there are filters, they are a first layer, whose outputs for all patches of an image the next one reads.
    """
    if not filters:
        return tuple(itertools.pairwise(sizes))
    return ((TAPS, filters), *itertools.pairwise((PATCHES * filters, *sizes[1:])))
