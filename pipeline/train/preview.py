"""A sheet that shows what a network is to see of its training images, and how quickly they come."""

import io
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from kernels.types import Distortion
from pipeline.files import write_bytes
from pipeline.train.augment import augmentation_of, augmented
from pipeline.types import Bytes, Dataset, Json

MOST_CLASSES = 12
EPOCHS = 8
"""So many distorted images beside each original."""
LINE, GREY = 2, 160
"""Pixels between images, once they are magnified, and their shade."""
SMALLEST = 84
"""Pixels along the shorter side of an image, magnified a whole number of times: people should see each of its own."""


def write_sheet(path: Path, dataset: Dataset, strength: Distortion, seed: int) -> Json:
    """Draw an image of each class, with what the first epochs make of it; time an epoch of all rows.

    Raises ConfigError if the rows can't be distorted; OutputError if the file can't be written.
    """
    images, rows = augmentation_of(dataset, strength), _one_of_each(dataset, seed)
    shown = [images.features[rows], *(augmented(images, seed, epoch, rows=rows) for epoch in range(EPOCHS))]
    write_bytes(path, tiled(np.stack(shown, axis=1).reshape(rows.size, EPOCHS + 1, *images.image_shape)))
    room = np.full_like(images.features, 1)  # written to, so that the system has handed all of it out
    started = time.perf_counter()
    augmented(images, seed, EPOCHS, out=room)
    return {
        "sheet": str(path),
        "strength": strength._asdict(),
        "seed": seed,
        "images": len(dataset.features),
        "seconds": time.perf_counter() - started,
    }


def _one_of_each(dataset: Dataset, seed: int) -> npt.NDArray[np.int64]:
    """Return a row of each class that has any; of the first `MOST_CLASSES`."""
    random = np.random.default_rng(seed)
    present = np.unique(dataset.labels)[:MOST_CLASSES]
    return np.array([random.choice(np.flatnonzero(dataset.labels == label)) for label in present], np.int64)


def tiled(images: Bytes) -> bytes:
    """Return a PNG of images (rows, columns, height, width), given with ink bright, drawn black on white."""
    rows, columns, height, width = images.shape
    times = -(-SMALLEST // min(height, width))
    large = 255 - np.repeat(np.repeat(images, times, axis=2), times, axis=3)
    framed = np.pad(large, ((0, 0), (0, 0), (LINE, 0), (LINE, 0)), constant_values=GREY)
    page = framed.transpose(0, 2, 1, 3).reshape(rows * (height * times + LINE), columns * (width * times + LINE))
    buffer = io.BytesIO()
    Image.fromarray(np.pad(page, ((0, LINE), (0, LINE)), constant_values=GREY)).save(buffer, format="png")
    return buffer.getvalue()
