"""The slow, obvious twins of the edges of images by direction, and of a network whose first layer are filters.

Float64, one formula a line, nothing rounded; the layers after the filters are those of `kernels.reference`.
"""

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels import reference
from kernels.images.orientation import APART, BLUR, LEAST_BLUR, MOST, USUAL
from kernels.layers.convolution import ALONG, PATCH, STRIDE
from kernels.reference import Array, Network
from kernels.types import DIRECTIONS, SIDE, Bytes, Labels


def edges(image: Array, scale: float) -> Array:
    """Return what an image, (height, width), has of each direction around each place, (SIDE, SIDE, DIRECTIONS)."""
    height, width = image.shape
    # Sobel's weights add up to 4 on each side; in a larger image, the same edge is spread over more pixels.
    parts = directions(*sobel(image * scale / 4 * np.sqrt(height / USUAL * width / USUAL)))
    sums = np.einsum("iy,kyx,jx->ijk", gaussians(height), parts, gaussians(width))
    return np.asarray(np.minimum(MOST * np.sqrt(sums), MOST))


def sobel(image: Array) -> tuple[Array, Array]:
    """Return how much brighter an image, black all around, gets from pixel to pixel: across, and down."""
    around, (height, width) = np.pad(image, 1), image.shape
    across, down = np.zeros_like(image), np.zeros_like(image)
    for i, j in itertools.product((-1, 0, 1), repeat=2):
        neighbour = around[1 + i : 1 + i + height, 1 + j : 1 + j + width]
        across += j * (2 - abs(i)) * neighbour
        down += i * (2 - abs(j)) * neighbour
    return across, down


def directions(across: Array, down: Array) -> Array:
    """Split vectors into parts along the two directions on either side that add up to them, (DIRECTIONS, …)."""
    step = 2 * np.pi / DIRECTIONS
    length, angle = np.hypot(across, down), np.arctan2(down, across) % (2 * np.pi)
    before = np.floor(angle / step).astype(int) % DIRECTIONS
    beyond = angle - before * step
    # By the law of sines, in the triangle of the vector and its two parts.
    first, second = (length * np.sin(part) / np.sin(step) for part in (step - beyond, beyond))
    found = np.zeros((DIRECTIONS, *across.shape))
    for k in range(DIRECTIONS):
        found[k] = np.where(before == k, first, 0) + np.where((before + 1) % DIRECTIONS == k, second, 0)
    return found


def gaussians(size: int) -> Array:
    """Return the weight of each pixel of a line, (SIDE, size), for each place along it."""
    pixel, weights = size / USUAL, np.zeros((SIDE, size))
    deviation = max(BLUR * pixel, LEAST_BLUR)
    for place, at in np.ndindex(SIDE, size):
        centre = (size - 1) / 2 + (place - (SIDE - 1) / 2) * APART * pixel
        weights[place, at] = np.exp(-0.5 * ((at - centre) / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))
    return weights


def patches(values: npt.NDArray[np.integer | np.floating], scale: float) -> Array:
    """Return the patches of rows of maps, scaled: (n, patches, numbers in each)."""
    grids = values.reshape(-1, SIDE, SIDE, DIRECTIONS) * scale
    corners = [(STRIDE * i, STRIDE * j) for i in range(ALONG) for j in range(ALONG)]
    cut = [grids[:, y : y + PATCH, x : x + PATCH].reshape(len(grids), -1) for y, x in corners]
    return np.stack(cut, axis=1)


def outputs(network: Network, seen: Array) -> Array:
    """Return the filters' sums for patches, an image's in a row."""
    weight, bias = network[0]
    return np.asarray((seen @ weight + bias).reshape(len(seen), -1))


def forward(network: Network, seen: Array, activation: str) -> Array:
    """Return the logits of a network of filters and other layers, for patches."""
    return reference.forward(network[1:], reference.activate(outputs(network, seen), activation), activation)[-1]


def slopes(
    network: Network, seen: Array, labels: Labels, activation: str, kind: str, smoothing: float
) -> tuple[float, Network]:
    """Return the loss summed over some images, and the derivative of its mean by every weight and bias."""
    sums = outputs(network, seen)
    x, others = reference.activate(sums, activation), network[1:]
    logits = reference.forward(others, x, activation)[-1]
    delta = reference.by_input(others, x, activation, reference.loss_backward(logits, labels, kind, smoothing))
    delta = (delta * reference.derivative(sums, activation)).reshape(*seen.shape[:2], -1)
    grad = np.einsum("nwt,nwf->tf", seen, delta), delta.sum(axis=(0, 1))
    rest = reference.backward(others, x, labels, activation, kind, smoothing)
    return reference.loss(logits, labels, kind, smoothing), [grad, *rest]


def by_maps(network: Network, values: Bytes, scale: float, activation: str, answer: int) -> Array:
    """Return by how much a logit grows with each byte of a row of maps."""
    seen = patches(values[np.newaxis], scale)
    sums, others = outputs(network, seen), network[1:]
    truth = np.eye(len(others[-1][1]))[[answer]]
    grad = reference.by_input(others, reference.activate(sums, activation), activation, truth)
    by_patches = (grad * reference.derivative(sums, activation)).reshape(ALONG * ALONG, -1) @ network[0][0].T
    # Each byte is told which numbers of which patches it is, and collects what they have.
    places = patches(np.arange(values.size)[np.newaxis], 1)[0].astype(int)
    return np.asarray(np.bincount(places.ravel(), by_patches.ravel(), values.size) * scale, np.float64)


def transposed(values: Bytes) -> Bytes:
    """Return maps, (n, SIDE, SIDE, DIRECTIONS), of images turned left by a right angle."""
    return np.roll(np.rot90(values, axes=(1, 2)), -DIRECTIONS // 4, axis=3)


def mirrored(values: Any) -> Any:  # noqa: ANN401 -- bytes or floats, as they come
    """Return maps of images whose left is right: what ran right runs left, down stays down."""
    return values[:, :, ::-1, (DIRECTIONS // 2 - np.arange(DIRECTIONS)) % DIRECTIONS]
