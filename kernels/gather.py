"""From stored rows to the network's input: the one place where values are scaled."""

import numpy as np
import numpy.typing as npt

from kernels.jit import jit
from kernels.types import Bytes, Floats


@jit
def gather(features: Bytes | Floats, rows: npt.NDArray[np.int64], shift: Floats, scale: Floats, out: Floats) -> None:
    """Copy the chosen rows, scaled: `out[i] ← (features[rows[i]] - shift) * scale`.

    Parameters
    ----------
    features : (n, d) uint8 or float32
    rows : (k,) int64
    shift, scale : (d,) float32
    out : (k, d) float
    """
    for i in range(rows.size):
        source = features[rows[i]]
        for j in range(source.size):
            out[i, j] = (np.float32(source[j]) - shift[j]) * scale[j]
