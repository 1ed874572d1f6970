"""The shapes that flow through the kernels: plain data, no logic."""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Labels: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""Classes of rows: uint8 for up to 256 classes, uint16 for more."""


class Layer(NamedTuple):
    """One fully connected layer, or filters: a column of the weight is what one of them looks for in a patch.

    Attributes
    ----------
    weight : (fan_in, fan_out) float32, C-contiguous
        Float64 in the gradient checks.
    bias : (fan_out,) of the same dtype
    """

    weight: Floats
    bias: Floats


ACTIVATIONS = {"sigmoid": 0, "tanh": 1, "relu": 2}
LOSSES = {"cross-entropy": 0, "quadratic": 1}
OPTIMIZERS = {"sgd": 0, "momentum": 1, "nesterov": 2, "adamw": 3}
"""The code by which compiled code knows each function: one compilation serves them all."""

MOMENTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adamw": 2}
"""How many numbers an optimizer remembers of each parameter: see `OptimizerState`."""

Params: TypeAlias = tuple[Layer, ...]
"""A network: its layers from input to output."""

Grads: TypeAlias = Params
"""The derivative of a loss by each parameter, shaped like the parameters."""


DIRECTIONS, SIDE = 8, 13
"""Into how many directions edges are told apart, and at how many places along each side of an image."""


class OrientationMaps(NamedTuple):
    """The edges of images by direction: `images.orientation` finds them, `layers.convolution` reads them.

    Attributes
    ----------
    values : (n, SIDE * SIDE * DIRECTIONS) uint8
        Place after place, row by row, and for each the directions, clockwise from the right: where it gets brighter.
    """

    values: Bytes


class OptimizerState(NamedTuple):
    """What an optimizer remembers between steps.

    Attributes
    ----------
    first : Params
        Velocity (momentum, Nesterov) or mean gradient (AdamW); empty arrays for plain SGD.
    second : Params
        Mean squared gradient (AdamW); empty arrays otherwise.
    """

    first: Params
    second: Params


class Distortion(NamedTuple):
    """How strongly images are distorted at most; each image draws its own share of every field, and 0 does nothing.

    Rotation, slant, scale and aspect together reach every linear map that does not turn an image over.

    Attributes
    ----------
    rotation : float
        Degrees, either way.
    scale : float
        Share by which an image is magnified, or made smaller by the same factor.
    aspect : float
        The same for the ratio of width to height; the area stays.
    slant : float
        Degrees by which an upright line leans, either way.
    translation : float
        Pixels, along either axis.
    elastic : float
        The factor alpha of an elastic distortion, in pixels.
    smoothness : float
        Its sigma, in pixels.
    thickness : float
        Pixels, 1 at most, by which each edge of the ink moves outwards or inwards.
    """

    rotation: float = 0.0
    scale: float = 0.0
    aspect: float = 0.0
    slant: float = 0.0
    translation: float = 0.0
    elastic: float = 0.0
    smoothness: float = 6.0
    thickness: float = 0.0
