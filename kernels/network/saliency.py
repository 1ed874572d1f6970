"""Which of a row's numbers speak for an answer: the derivative of a logit by the network's input."""

import numpy as np

from kernels.functions.activations import NONE, activation_backward
from kernels.functions.optimizers import GRADIENT_ONLY, Step, step_constants_from_python
from kernels.layers.convolution import ALONG, PATCH, PATCHES, STRIDE, filter_outputs
from kernels.layers.dense import dense_backward, dense_forward_alone
from kernels.layers.packed import Moments, Packed, unpack
from kernels.layers.standardize import gather
from kernels.machine.blocks import from_blocks, padded, room_for, to_blocks, zeros
from kernels.params import writable
from kernels.types import DIRECTIONS, SIDE, Bytes, Floats, OrientationMaps

GRADIENT = Step(GRADIENT_ONLY, 1, 1.0, 0.0, 0.0)
"""No step is taken: the derivative by the parameters, which the backward pass computes as well, is left aside."""


def input_gradient(
    network: tuple[Packed, ...],
    row: Bytes | Floats | OrientationMaps,
    shift: Floats,
    scale: Floats,
    activation: int,
    answer: int,
) -> Floats:
    """Return by how much a logit grows with each number of a row.

    Parameters
    ----------
    network : tuple of Packed
        See `kernels.layers.packed.pack`. It comes out as it went in, but no other thread may use it meanwhile.
    row : (d,) uint8 or float32
        Or the edges of one image, for a network whose first layer are filters.
    shift, scale : (d,) float32
        The network sees `(row - shift) * scale`; of edges, whose `shift` is 0, bytes times `scale[0]`.
    activation : int
    answer : int
        The class whose logit it is.

    Returns
    -------
    (d,) of the network's dtype
    """
    if isinstance(row, OrientationMaps):
        return _through_filters(network, row, scale, activation, answer)
    dtype, last = network[0].bias.dtype, len(network) - 1
    x = room_for(1, row.size, dtype)
    gather(row[np.newaxis].copy(), np.zeros(1, np.int64), writable(shift), writable(scale), x)
    values = [x]
    for i, layer in enumerate(network):
        out = room_for(1, layer.fan_out, dtype)
        dense_forward_alone(values[-1], 1, layer, activation if i < last else NONE, out)
        values.append(out)
    delta, chosen = values[-1], np.zeros((1, network[-1].fan_out), dtype)
    chosen[0, answer] = 1
    to_blocks(chosen, delta, network[-1].width)
    for i in range(last, -1, -1):
        delta = _before(network[i], values[i], delta, activation if i > 0 else NONE)
    gradient = np.empty((1, row.size), dtype)
    from_blocks(delta, int(padded(row.size)), gradient)
    gradient *= scale
    return gradient.reshape(-1)


def _through_filters(
    network: tuple[Packed, ...], maps: OrientationMaps, scale: Floats, activation: int, answer: int
) -> Floats:
    """Return by how much a logit grows with each byte of an image's edges: the sum over the patches that it is in."""
    filters, others = network[0], network[1:]
    outputs = filter_outputs(filters, maps.values, scale, activation).reshape(-1)
    same = np.ones(outputs.size, np.float32)
    grad = input_gradient(others, outputs, np.zeros_like(same), same, activation, answer)
    activation_backward(outputs, grad, activation)
    patches = grad.reshape(PATCHES, filters.fan_out) @ unpack((filters,))[0].weight.T
    total = np.zeros((SIDE, SIDE, DIRECTIONS), grad.dtype)
    for k, patch in enumerate(patches.reshape(PATCHES, PATCH, PATCH, DIRECTIONS)):
        i, j = k // ALONG * STRIDE, k % ALONG * STRIDE
        total[i : i + PATCH, j : j + PATCH] += patch
    return total.reshape(-1) * scale


def _before(layer: Packed, x: Floats, delta: Floats, activation: int) -> Floats:
    """Return the derivative by what `x` was made of, from the derivative by a layer's sums."""
    before, dtype = np.zeros_like(x), x.dtype
    aside = layer._replace(weight=zeros(layer.weight.size, dtype), bias=zeros(layer.bias.size, dtype))
    nothing = layer._replace(weight=zeros(0, dtype), bias=zeros(0, dtype))
    constants = step_constants_from_python(GRADIENT, layer.bias)
    dense_backward(x, 1, layer, delta, activation, before, Moments(aside, nothing), constants)
    return before
