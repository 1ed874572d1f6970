"""From stored rows to the network's input: the one place where values are scaled."""

import numpy as np
import numpy.typing as npt

from kernels.machine.blocks import block_bounds, blocks_in, padded
from kernels.machine.jit import jit
from kernels.machine.simd import LANES, convert, load, multiply, store, subtract
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
        A matrix in blocks (`kernels.machine.blocks`), of at least `k` rows and `d` columns; those that pad are left
        alone.
    """
    columns, real = features.shape[1], out.dtype.type
    width = padded(columns)
    room, flat = out.size // width, features.reshape(-1)
    for block in range(blocks_in(width)):
        start, stop = block_bounds(width, block)
        for i in range(rows.size):
            source, target = rows[i] * columns, room * start + i * (stop - start) - start
            whole = min(stop, columns // LANES * LANES)
            for j in range(start, whole, LANES):
                values = subtract(convert(load(flat, source + j, 1), out), convert(load(shift, j, 1), out))
                store(out, target + j, multiply(values, convert(load(scale, j, 1), out)))
            for j in range(max(start, whole), min(stop, columns)):
                out[target + j] = (real(flat[source + j]) - shift[j]) * scale[j]
