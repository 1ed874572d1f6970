"""Distortions by their definitions, pixel by pixel in float64: slow, and with nothing to be quick by."""

import itertools
import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from kernels.types import Bytes, Distortion

Image: TypeAlias = npt.NDArray[np.float64]

EDGE = 2
VECTOR = 16


def philox(place: tuple[int, int, int, int], key: tuple[int, int]) -> list[int]:
    """Philox 4x32-10, as the paper's figure has it."""
    r0, l0, r1, l1 = place
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * r0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * r1, 2**32)
        r0, l0, r1, l1 = high1 ^ l0 ^ k0, low1, high0 ^ l1 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return [r0, l0, r1, l1]


def drawn(block: int, row: int, epoch: int, seed: int) -> list[int]:
    """Four random numbers of an image."""
    return philox((block, row % 2**32, row >> 32, epoch), (seed % 2**32, seed >> 32))


def shares(row: int, epoch: int, seed: int) -> list[float]:
    """From -1 to 1: rotation, scale, aspect, slant, right, down, thickness, and one to spare."""
    words = drawn(0, row, epoch, seed) + drawn(1, row, epoch, seed)
    return [(word + 0.5) / 2**31 - 1 for word in words]


def between(image: Image, y: float, x: float) -> float:
    """Return the bilinear interpolation of an image, 0 outside, at any point."""
    i, j, total = math.floor(y), math.floor(x), 0.0
    for line, column in itertools.product((i, i + 1), (j, j + 1)):
        if 0 <= line < image.shape[0] and 0 <= column < image.shape[1]:
            total += (1 - abs(y - line)) * (1 - abs(x - column)) * image[line, column]
    return total


def with_pen(image: Image, amount: float) -> Image:
    """Move every edge: take the greatest (least) of the points of a circle and its centre."""
    slanting = abs(amount) * math.sqrt(0.5)
    straight = [(y, x) for y in (-abs(amount), 0.0, abs(amount)) for x in (-abs(amount), 0.0, abs(amount)) if not x * y]
    circle = [*straight, *itertools.product((-slanting, slanting), repeat=2)]
    best = max if amount > 0 else min
    places = np.ndindex(*image.shape)
    moved = np.reshape([best(between(image, i + y, j + x) for y, x in circle) for i, j in places], image.shape)
    lost = image.sum() - moved.sum()
    if amount < 0 and lost > image.sum() / 2:
        moved += (image - moved) * (1 - image.sum() / 2 / lost)
    return moved


def noise(height: int, width: int, row: int, epoch: int, seed: int) -> npt.NDArray[np.float64]:
    """Noise for both axes, (2, height, width): word `k` of block `b` is for pixel `k * blocks + b` of padded rows."""
    padded = math.ceil(width / VECTOR) * VECTOR
    blocks = height * padded // 4
    words = np.array([drawn(2 + block, row, epoch, seed) for block in range(blocks)]).T.reshape(height, padded)
    return np.stack([words % 2**16, words // 2**16])[:, :, :width] / 32767.5 - 1


def displacements(height: int, width: int, strength: Distortion, numbers: npt.NDArray[np.float64]) -> Image:
    """Displacements across and down, (2, height, width): smoothed noise."""

    def weight(distance: int) -> float:
        if not strength.smoothness:
            return float(distance == 0)
        return math.exp(-(distance**2) / (2 * strength.smoothness**2))

    total = sum(weight(distance) for distance in range(-200, 201)) ** 2
    found = np.zeros_like(numbers)
    for i, j, k, m in np.ndindex(height, width, height, width):
        found[:, i, j] += strength.elastic * weight(i - k) * weight(j - m) / total * numbers[:, k, m]
    return found


def linear_map(strength: Distortion, share: list[float]) -> Image:
    """(2, 2): where x and y go."""
    angle, slant = np.radians(strength.rotation * share[0]), np.radians(strength.slant * share[3])
    zoom, stretch = (1 + strength.scale) ** share[1], (1 + strength.aspect) ** share[2]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lean = np.array([[1, -np.tan(slant)], [0, 1]])
    return np.asarray(turn @ lean @ np.diag([zoom * np.sqrt(stretch), zoom / np.sqrt(stretch)]))


def corners(image: Image) -> Image:
    """Return x and y of everything within a pixel of ink, (k, 2); the image has an edge of `EDGE` pixels."""
    places = np.argwhere(image > 0)[:, ::-1] - EDGE
    return np.concatenate([places + offset for offset in itertools.product((-1, 1), repeat=2)])


def distort_one(
    image: Bytes, strength: Distortion, row: int, epoch: int, seed: int
) -> tuple[Image, npt.NDArray[np.float64]]:
    """Return the image distorted, not rounded; and its displacements."""
    height, width = image.shape
    share, moved = shares(row, epoch, seed), np.zeros((2, height, width))
    if not image.any():
        return np.zeros(image.shape), moved
    inked = with_pen(np.pad(image.astype(float), EDGE), strength.thickness * share[6])
    if strength.elastic:
        moved = displacements(height, width, strength, noise(height, width, row, epoch, seed))
    y, x = (np.indices(inked.shape) * inked).sum(axis=(1, 2)) / inked.sum() - EDGE
    centre, size = np.array([x, y]), np.array([width, height])
    forward = linear_map(strength, share)
    borders = (moved[0, :, 0], moved[1, 0], -moved[0, :, -1], -moved[1, -1])
    margins = [min(max(side.max(), 0), length / 4) for side, length in zip(borders, [*size, *size], strict=True)]
    low, high = np.array(margins[:2]) - 1, size - np.array(margins[2:])
    spread = (corners(inked) - centre) @ forward.T
    shrink = min(1, ((high - low) / (spread.max(axis=0) - spread.min(axis=0))).min())
    wanted = strength.translation * np.array(share[4:6])
    least, most = low - centre - shrink * spread.min(axis=0), high - centre - shrink * spread.max(axis=0)
    target = centre + np.minimum(np.maximum(wanted, least), most)
    back = np.linalg.inv(shrink * forward)
    out = np.zeros(image.shape)
    for i, j in np.ndindex(*image.shape):
        look = back @ (np.array([j, i]) + moved[:, i, j] - target) + centre
        out[i, j] = between(inked, look[1] + EDGE, look[0] + EDGE)
    return out, moved
