"""Made scenes: a sheet of paper, what is printed and written on it, the light, the desk; and what a camera sees of it.

Lengths are in pixels, colours from 0 to 1.
"""

import io
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

Array: TypeAlias = npt.NDArray[np.float64]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Random: TypeAlias = np.random.Generator
Coverage: TypeAlias = Array | None
"""How much of each pixel is inked, (SIDE, SIDE) from 0 to 1, with a margin; None for a blank."""
Colour: TypeAlias = tuple[float, ...] | Array

SIDE = 280  # of a digit's ink, ten times MNIST's
BLUE, BLACK = (0.12, 0.18, 0.52), (0.13, 0.13, 0.15)
PAPERS = ((0.95, 0.94, 0.90), (0.93, 0.93, 0.95), (0.96, 0.92, 0.75), (0.85, 0.92, 0.86), (0.95, 0.86, 0.86))


def ink_of(pixels: Bytes, edge: float = 0.5) -> Array:
    """Return the ink of an image in MNIST's form, enlarged tenfold, with sharp edges where the image is `edge`."""
    large = ndimage.zoom(pixels.reshape(28, 28) / 255, SIDE / 28, order=3, grid_mode=True, mode="grid-constant")
    ink: Array = np.clip((large - edge) * 5 + 0.5, 0, 1)
    return ink


class Scene:
    """A sheet under a camera: `picture` (height, width, 3), and the sheet's own coordinates `u`, `v` of each pixel."""

    def __init__(self, random: Random, height: int, width: int, paper: Colour, turn: float) -> None:
        y, x = np.mgrid[:height, :width]
        self.random, self.y, self.x = random, y - height / 2 + 0.5, x - width / 2 + 0.5
        self.picture = np.ones((height, width, 3)) * paper
        cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        self.u, self.v = self.x * cos + self.y * sin, self.y * cos - self.x * sin

    def cover(self, amount: Array, colour: Colour) -> None:
        """Lay a colour over the picture, as much of it as `amount` (height, width) says."""
        self.picture += amount[..., np.newaxis] * (np.array(colour) - self.picture)

    def line(self, distance: Array, width: float, colour: Colour) -> None:
        """Draw all that lies within half a line's width."""
        self.cover(np.clip(width / 2 + 0.5 - np.abs(distance), 0, 1), colour)

    def write(self, ink: Coverage, height: float, at: tuple[float, float], colour: Colour) -> None:
        """Write a digit `height` high with its middle at (u, v)."""
        if ink is not None:
            scale = SIDE * 20 / 28 / height
            place = [(self.v - at[1]) * scale + SIDE / 2 - 0.5, (self.u - at[0]) * scale + SIDE / 2 - 0.5]
            smooth = ndimage.gaussian_filter(ink, 0.4 * scale) if scale > 1 else ink
            self.cover(ndimage.map_coordinates(smooth, place, order=1), colour)

    def light(self, unevenness: float) -> None:
        """Let the light fall off to one side, and to the corners."""
        angle, (height, width) = self.random.uniform(0, 2 * np.pi), self.x.shape
        slope = self.x / width * np.cos(angle) + self.y / height * np.sin(angle)
        corners = (self.x / width) ** 2 + (self.y / height) ** 2
        self.picture *= (1 - unevenness * (0.5 + slope + 0.4 * corners))[..., np.newaxis]

    def shade(self) -> None:
        """Throw a shadow with a hard edge over a part of the picture."""
        random, reach = self.random, 0.3 * min(self.x.shape)
        angle, offset, soft = random.uniform(0, 2 * np.pi), random.uniform(-reach, reach), random.uniform(0.7, 4)
        inside = 1 / (1 + np.exp((self.x * np.cos(angle) + self.y * np.sin(angle) - offset) / soft))
        self.picture *= (1 - random.uniform(0.3, 0.55) * inside)[..., np.newaxis]

    def desk(self, share: float) -> None:
        """Show a strip of the desk, with its grain, at one of the four sides."""
        random, side = self.random, self.random.integers(4)
        across, along = ((self.x, self.y), (self.y, self.x))[side % 2]
        distance = (across if side < 2 else -across) + np.tan(np.radians(random.uniform(-3, 3))) * along
        length = self.x.shape[1 - side % 2]
        amount = np.clip(distance - length * (0.5 - share) + 0.5, 0, 1)
        grain = ndimage.gaussian_filter(random.normal(0, 1, self.x.shape), (1.5, 12) if side % 2 else (12, 1.5))
        wood = np.array(random.choice([(0.42, 0.27, 0.16), (0.62, 0.46, 0.30), (0.2, 0.19, 0.19)]))
        board = wood * (1 + 0.08 * grain / grain.std())[..., np.newaxis]
        self.picture += amount[..., np.newaxis] * (board - self.picture)

    def shot(self, blur: float = 0.7, noise: float = 0.012, *, grey: bool = False) -> Bytes:
        """Return what lens and sensor make of it, (height, width, 3)."""
        seen = ndimage.gaussian_filter(self.picture, (blur, blur, 0))
        seen += self.random.normal(0, noise, seen.shape)
        pixels = np.rint(seen.clip(0, 1) * 255).astype(np.uint8)
        return np.asarray(Image.fromarray(pixels).convert("L")) if grey else pixels


def jpeg(pixels: Bytes, random: Random) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=int(random.integers(65, 93)))
    return stream.getvalue()


def png(pixels: Bytes) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()
