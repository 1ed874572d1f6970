"""From stored rows to the network's input: the one place where values are scaled."""

import numpy as np
import numpy.typing as npt

from kernels.jit import jit
from kernels.layout import block_start, blocks_in, padded
from kernels.types import Bytes, Floats


@jit
def gather(features: Bytes | Floats, rows: npt.NDArray[np.int64], shift: Floats, scale: Floats, out: Floats) -> None:
    """Copy the chosen rows, scaled: `out[i] ← (features[rows[i]] - shift) * scale`.

    Parameters
    ----------
    features : (n, d) uint8 or float32
    rows : (k,) int64
    shift, scale : (d,) float32
    out : flat array
        A matrix in blocks (`kernels.layout`), of at least `k` rows and `d` columns; those that pad are left alone.
    """
    width = padded(features.shape[1])
    room = out.size // width
    for block in range(blocks_in(width)):
        start, lanes = block_start(width, block), block_start(width, block + 1) - block_start(width, block)
        stop = min(start + lanes, features.shape[1])
        moved, factor = shift[start:stop], scale[start:stop]
        for i in range(rows.size):
            source, at = features[rows[i], start:stop], room * start + i * lanes
            target = out[at : at + source.size]
            for j in range(source.size):
                target[j] = (np.float32(source[j]) - moved[j]) * factor[j]
