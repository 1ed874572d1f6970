"""What a network makes of rows that it does not learn from."""

import numba
import numpy as np

from kernels.functions.activations import NONE
from kernels.layers.convolution import filter_outputs
from kernels.layers.csr import empty_csr, to_csr
from kernels.layers.dense import dense_forward_alone
from kernels.layers.first_layer import has_many_zeros
from kernels.layers.packed import Packed
from kernels.layers.sparse import sparse_forward
from kernels.layers.standardize import gather
from kernels.machine.blocks import SLACK, aligned, as_int64, blocks_in, from_blocks, padded
from kernels.machine.jit import jit
from kernels.machine.threads import CHUNK, parallel_rows
from kernels.machine.vectors import has_wide_registers
from kernels.params import writable
from kernels.types import Bytes, Floats, OrientationMaps

NARROW = 0 if has_wide_registers() or numba.config.DISABLE_JIT else 48  # type: ignore[attr-defined] # made at run time
"""Columns of a first layer up to which leaving out the zeros takes longer than multiplying by them: without AVX-512,
which has an instruction for it. On an EPYC with AVX2, 10,000 images took 784-30-20-10 0.72 of the time, and 784-100-10
1.2 times as long. The logits are the same to the bit."""

DENSE_CHUNK = 96
"""Rows that stay in half a megabyte of a core's cache, at 784 numbers each, from being scaled until they are
multiplied: so many at a time took 0.83 of the time of 240 (784-30-20-10, an EPYC). A multiple of all tiles' rows."""


@jit
def _some_dense(
    network: tuple[Packed, ...], features: Bytes | Floats, begin: int, end: int,
    shift: Floats, scale: Floats, activation: int, logits: Floats,
) -> None:  # fmt: skip
    """Fill the logits of some rows, chunk by chunk, on this thread."""
    width, room = padded(features.shape[1]), min(DENSE_CHUNK, end - begin) + SLACK
    inputs, here, there = _zeros(room * width, network), _rows_of(room, network), _rows_of(room, network)
    for start in range(begin, end, DENSE_CHUNK):
        rows, code = min(DENSE_CHUNK, end - start), activation if len(network) > 1 else NONE
        batch, values = inputs[: (rows + SLACK) * width], here[: (rows + SLACK) * network[0].width]
        gather(features, np.arange(start, start + rows), shift, scale, batch)
        dense_forward_alone(batch, rows, network[0], code, values)
        _finish(network, values, here, there, rows, activation, logits[start : start + rows])


@jit
def _some_sparse(
    network: tuple[Packed, ...], features: Bytes | Floats, begin: int, end: int,
    shift: Floats, scale: Floats, activation: int, logits: Floats,
) -> None:  # fmt: skip
    """Do the same for rows of which most numbers are zeros: they are left out before the first layer."""
    room = min(CHUNK, end - begin) + SLACK
    x, here, there = (
        empty_csr(room, room * features.shape[1], network[0].bias),
        _rows_of(room, network),
        _rows_of(room, network),
    )
    for start in range(begin, end, CHUNK):
        rows, code = min(CHUNK, end - start), activation if len(network) > 1 else NONE
        values = here[: (rows + SLACK) * network[0].width]
        to_csr(features.reshape(-1), features.shape[1], start, start + rows, shift, scale, x)
        sparse_forward(x, rows, network[0], code, values, as_int64(0), blocks_in(network[0].width))
        _finish(network, values, here, there, rows, activation, logits[start : start + rows])


@jit
def _zeros(count: int, network: tuple[Packed, ...]) -> Floats:
    """Return so many zeros: tiles reach over the last row, and what they find there must be a number."""
    values = aligned(count, network[0].bias)
    values[:] = 0
    return values


@jit
def _rows_of(rows: int, network: tuple[Packed, ...]) -> Floats:
    """Return room for so many rows of the widest layer."""
    width = 0
    for i in range(len(network)):
        width = max(width, network[i].width)
    return _zeros(rows * width, network)


@jit
def _finish(
    network: tuple[Packed, ...], values: Floats, here: Floats, there: Floats, rows: int, activation: int, logits: Floats
) -> None:
    """Compute the logits from the first layer's output, the other layers' in turns `there` and `here`."""
    last = len(network) - 1
    for i in range(1, last + 1):
        following = (there if i % 2 else here)[: (rows + SLACK) * network[i].width]
        code = activation if i < last else NONE
        dense_forward_alone(values, rows, network[i], code, following)
        values = following
    from_blocks(values, network[last].width, logits)


@jit
def _single(
    network: tuple[Packed, ...], row: Bytes | Floats, shift: Floats, scale: Floats, activation: int, logits: Floats
) -> None:
    """Fill the logits of one row. It makes no use of tiles, but zeros are left out before every layer."""
    last, like, first, one = len(network) - 1, network[0].bias, as_int64(0), as_int64(1)
    x = empty_csr(one, row.size, like)
    to_csr(row, row.size, first, one, shift, scale, x)
    values = aligned(network[0].width, like)
    code = activation if last > 0 else NONE
    sparse_forward(x, one, network[0], code, values, first, blocks_in(network[0].width))
    for i in range(1, last + 1):
        hidden, width, code = values, network[i].fan_in, activation if i < last else NONE
        x, values = empty_csr(one, width, like), aligned(network[i].width, like)
        to_csr(hidden, width, first, one, np.zeros(width, np.float32), np.ones(width, np.float32), x)
        sparse_forward(x, one, network[i], code, values, first, blocks_in(network[i].width))
    for j in range(logits.size):
        logits[j] = values[j]


def infer(
    network: tuple[Packed, ...],
    features: Bytes | Floats | OrientationMaps,
    shift: Floats,
    scale: Floats,
    activation: int,
) -> Floats:
    """Return the network's logits for rows.

    Parameters
    ----------
    network : tuple of Packed
        See `kernels.layers.packed.pack`.
    features : (n, d) uint8 or float32
        Or the edges of images, for a network whose first layer are filters.
    shift, scale : (d,) float32
        The network sees `(row - shift) * scale`; of edges, whose `shift` is 0, bytes times `scale[0]`.
    activation : int

    Returns
    -------
    (n, classes) of the network's dtype
    """
    if isinstance(features, OrientationMaps):
        return _infer_filtered(network, features, scale, activation)
    rows, features, shift, scale = features.shape[0], writable(features), writable(shift), writable(scale)
    logits = np.empty((rows, network[-1].fan_out), network[0].bias.dtype)
    if rows == 1:
        _single(network, features.reshape(-1), shift, scale, activation, logits.reshape(-1))
    elif rows:
        leave_out = network[0].width > NARROW and has_many_zeros(features, shift, scale)
        some = _some_sparse if leave_out else _some_dense

        def fill(part: range) -> None:
            some(network, features, part.start, part.stop, shift, scale, activation, logits)

        parallel_rows(fill, rows)
    return logits


def _infer_filtered(network: tuple[Packed, ...], maps: OrientationMaps, scale: Floats, activation: int) -> Floats:
    """Return the logits of a network whose filters' outputs, for some images at a time, are the other layers' input."""
    rows, (filters, *others) = len(maps.values), network
    logits = np.empty((rows, network[-1].fan_out), filters.bias.dtype)
    shift, same = np.zeros(others[0].fan_in, np.float32), np.ones(others[0].fan_in, np.float32)

    def fill(part: range) -> None:
        for start in range(part.start, part.stop, CHUNK):
            some = slice(start, min(start + CHUNK, part.stop))
            outputs = filter_outputs(filters, maps.values[some], scale, activation)
            logits[some] = infer(tuple(others), outputs, shift, same, activation)  # few enough to stay on this thread

    if rows:
        parallel_rows(fill, rows)
    return logits
