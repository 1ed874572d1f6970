"""What kernels take of rows: the rows themselves, or, for filters, the edges of the images that they are."""

from typing import Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from kernels.images.orientation import orientations
from kernels.images.orientation_backward import orientations_backward
from kernels.layers.first_layer import Stored, stored
from kernels.types import OrientationMaps
from pipeline.rows import Features
from pipeline.types import Floats, Scaling

EDGE = 1 / 128
"""What a network sees of a byte of `kernels.images.orientation`: their mean square becomes that of the pixels of a
digit."""


Rows = TypeVar("Rows")


class Inputs(NamedTuple, Generic[Rows]):
    """Rows for kernels, which see `(row - shift) * scale`."""

    rows: Rows
    shift: npt.NDArray[np.float32]  # (d,), as is the scale
    scale: npt.NDArray[np.float32]


Kept: TypeAlias = Inputs[Stored]
"""Rows as kernels like them best to learn from: see `kernels.layers.first_layer.stored`."""


def inputs_of(features: Features, scaling: Scaling) -> Inputs[Features | OrientationMaps]:
    """Return what a network with this scaling reads of rows, (n, d) uint8 or float32."""
    if scaling.edges_of is None:
        return Inputs(features, scaling.shift, scaling.scale)
    maps = orientations(features, *scaling.edges_of, float(scaling.scale[0]))
    width = maps.values.shape[1]
    return Inputs(maps, np.zeros(width, np.float32), np.full(width, EDGE, np.float32))


def kept(features: Features, scaling: Scaling) -> Kept:
    """Return the same to learn from."""
    rows, shift, scale = inputs_of(features, scaling)
    return Kept(rows if isinstance(rows, OrientationMaps) else stored(rows, shift, scale), shift, scale)


def by_feature(grad: Floats, row: Features, seen: Features | OrientationMaps, scaling: Scaling) -> Floats:
    """Return a derivative by the numbers of a row, (d,), given that by what the network has read of it."""
    if scaling.edges_of is None or not isinstance(seen, OrientationMaps):
        return grad
    return orientations_backward(row, *scaling.edges_of, float(scaling.scale[0]), seen, grad)
