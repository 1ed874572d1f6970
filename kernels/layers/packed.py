"""Layers as kernels work on them: padded and in blocks, and an optimizer's memory likewise."""

from typing import NamedTuple

import numpy as np

from kernels.machine.blocks import from_blocks, padded, to_blocks, zeros
from kernels.params import writable
from kernels.types import Floats, Layer, OptimizerState, Params


class Packed(NamedTuple):
    """A layer, ready to work with.

    Attributes
    ----------
    weight : (fan_in * width,) float
        In blocks; columns from `fan_out` on are 0. Without memory, empty.
    bias : (width,) float
    fan_in, fan_out : int
    width : int
        `fan_out` rounded up to whole vectors.
    """

    weight: Floats
    bias: Floats
    fan_in: int
    fan_out: int
    width: int


class Moments(NamedTuple):
    """What an optimizer remembers of a layer, packed as its parameters are; the arrays are empty if that is nothing."""

    first: Packed
    second: Packed


def pack(params: Params) -> tuple[Packed, ...]:
    """Return working copies of a network's layers."""
    return tuple(_pack_layer(layer) for layer in params)


def unpack(network: tuple[Packed, ...]) -> Params:
    """Return the layers as matrices again: new arrays."""
    return tuple(Layer(_unpack_weight(layer), layer.bias[: layer.fan_out].copy()) for layer in network)


def pack_moments(state: OptimizerState) -> tuple[Moments, ...]:
    """Return working copies of what an optimizer remembers."""
    return tuple(map(Moments, pack(state.first), pack(state.second)))


def unpack_moments(moments: tuple[Moments, ...]) -> OptimizerState:
    """Return what an optimizer remembers as matrices again."""
    return OptimizerState(unpack(tuple(each.first for each in moments)), unpack(tuple(each.second for each in moments)))


def _pack_layer(layer: Layer) -> Packed:
    fan_in, fan_out = layer.weight.shape
    width = int(padded(fan_out))
    weight, bias = zeros(fan_in * width, layer.weight.dtype), zeros(width, layer.bias.dtype)
    bias[:fan_out] = layer.bias
    to_blocks(writable(layer.weight), weight, width)
    return Packed(weight, bias, fan_in, fan_out, width)


def _unpack_weight(layer: Packed) -> Floats:
    weight = np.empty((layer.fan_in, layer.fan_out), layer.weight.dtype)
    from_blocks(layer.weight, layer.width, weight)
    return weight
