"""The IDX files in which MNIST was published: read as a stream, gzipped or not, and believed in nothing.

Notes
-----
An images file is four big-endian 32-bit numbers (2051, images, rows, columns) and a byte a pixel, row by row; a labels
file is two (2049, labels) and a byte a label.

References
----------
Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, "File formats".
"""

import contextlib
import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, cast

import numpy as np

from pipeline.errors import DataError
from pipeline.files import open_plain
from pipeline.prepare.batches import BYTES, group_rows
from pipeline.prepare.sources.source import Source, Split
from pipeline.prepare.table import Table
from pipeline.types import Bytes
from pipeline.words import listed

IMAGES_MAGIC, LABELS_MAGIC = 2051, 2049
KINDS = {IMAGES_MAGIC: ("images", 3), LABELS_MAGIC: ("labels", 1)}
"""What the files hold, and how many numbers follow the magic one."""
GZIP_MAGIC = b"\x1f\x8b"

MAX_PIXELS = 1 << 16
"""A 256x256 image: a header that claims more is damaged or hostile, and is not worth a buffer."""

MAX_ROWS = 1 << 28
"""Four thousand times MNIST; bounds what a small gzip file can unpack to."""

PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")
MEND = "Delete the file and fetch it again."


def read_idx(
    images: Path, labels: Path, class_names: tuple[str, ...] | None = None, expected_features: int | None = None
) -> Table:
    """Return the rows of a pair of IDX files, gzipped or not, whatever their names.

    For test rows, `class_names` and `expected_features`, the pixels of an image, are those of the training rows.
    Headers and labels are read and checked at once. The pixels are checked as they pass: a truncated file or trailing
    bytes raise from the iterator at the end of `batches`. Raises DataError if a file is missing, unreadable, damaged or
    at odds with its header, with the other one or with the training rows.
    """
    with _opened(images) as stream:
        count, height, width = _read_header(stream, images, IMAGES_MAGIC)
    if not 0 < height * width <= MAX_PIXELS:
        raise DataError(
            f"{images}: expected images of 1 to {MAX_PIXELS:,} pixels, found {height:,}x{width:,} in the header. {MEND}"
        )
    if expected_features not in {None, height * width}:
        raise DataError(
            f"{images}: expected {expected_features} pixels an image as in the training images, "
            f"found {height}x{width} = {height * width}; use images of one size."
        )
    values = _read_labels(labels)
    if values.size != count:
        raise DataError(
            f"{labels}: expected {count:,} labels as there are images in {images.name}, "
            f"found {values.size:,}; the two files do not belong together."
        )
    names = class_names or tuple(str(value) for value in np.unique(values))
    return Table(
        source=str(images),
        labels=_indices(labels, values, names),
        feature_names=tuple(f"{r + 1}x{c + 1}" for r in range(height) for c in range(width)),
        class_names=names,
        dtype=BYTES,
        image_shape=(height, width),
        batches=lambda: _batches(images, count, height * width),
    )


def _read_labels(path: Path) -> Bytes:
    """Return all labels of a labels file, (n,) uint8, as they are written there."""
    with _opened(path) as stream:
        (count,) = _read_header(stream, path, LABELS_MAGIC)
        return np.frombuffer(b"".join(_items(stream, path, count, 1 << 20, "labels")), np.uint8)


def _batches(path: Path, count: int, pixels: int) -> Iterator[Bytes]:
    """Go through the images once."""
    with _opened(path) as stream:
        _read_header(stream, path, IMAGES_MAGIC)
        for content in _items(stream, path, count * pixels, group_rows(pixels, 1) * pixels, "pixels"):
            yield np.frombuffer(content, np.uint8).reshape(-1, pixels)


def _read_header(stream: IO[bytes], path: Path, magic: int) -> tuple[int, ...]:
    """Return the numbers that follow the magic one; the first of them is the count of items, at least one."""
    kind, numbers = KINDS[magic]
    size = 4 * (numbers + 1)
    content = stream.read(size)
    if len(content) < size:
        raise DataError(f"{path}: expected a header of {size} bytes, found {len(content)} bytes in all. {MEND}")
    found, *header = np.frombuffer(content, ">u4").tolist()
    if found != magic:
        other = f" (an IDX {KINDS[found][0]} file)" if found in KINDS else ""
        raise DataError(
            f"{path}: expected the magic number {magic} of an IDX {kind} file, found {found}{other}; "
            "is it the right file?"
        )
    if not 0 < header[0] <= MAX_ROWS:
        raise DataError(f"{path}: expected 1 to {MAX_ROWS:,} {kind}, found {header[0]:,} in the header. {MEND}")
    return tuple(header)


def _items(stream: IO[bytes], path: Path, expected: int, step: int, kind: str) -> Iterator[bytes]:
    """Go through the bytes behind a header, `step` at a time; there must be as many as expected, and no more."""
    for start in range(0, expected, step):
        content = stream.read(min(step, expected - start))
        if (found := start + len(content)) < min(start + step, expected):
            raise DataError(
                f"{path}: expected {expected:,} {kind} after the header, found {found:,}: truncated. {MEND}"
            )
        yield content
    if stream.read(1):
        raise DataError(f"{path}: expected {expected:,} {kind} after the header, found more: trailing bytes. {MEND}")


def _indices(path: Path, values: Bytes, class_names: tuple[str, ...]) -> Bytes:
    """Return the labels as indices into `class_names`."""
    table = np.zeros(256, np.uint8)
    for value in np.unique(values):
        if str(value) not in class_names:
            place = int(np.argmax(values == value)) + 1
            raise DataError(
                f"{path}, label {place}: the label '{value}' is missing from the training labels "
                f"({listed(class_names)}); take those rows out, or train on rows of that class too."
            )
        table[value] = class_names.index(str(value))
    return table[values]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacking it if it is gzipped, and tell of its faults in our own words."""
    try:
        with open_plain(path) as raw:
            zipped = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if zipped else raw
    except EOFError as error:
        raise DataError(f"{path}: the gzip file is truncated: expected more bytes, found its end. {MEND}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: the gzip file is damaged: {error}. {MEND}") from error
    except OSError as error:
        raise DataError(f"{path}: can't be read: {error.strerror or error}.") from error


def find_idx(folder: Path) -> dict[str, Path]:
    """Return those of the four files that a folder holds, by part; of several names, the most usual one counts."""
    paths = ((part, folder / name) for part in PARTS for name in reversed(_names(part)))
    return {part: path for part, path in paths if path.is_file()}


def missing_idx(found: Mapping[str, Path]) -> str:
    """Return the usual names of the parts that were not found, as a message lists them; empty if none is missing."""
    return ", ".join(_names(part)[0] for part in PARTS if part not in found)


def idx_source(name: str, found: Mapping[str, Path]) -> Source:
    """Return the source that the four files are; raise DataError if one of them is not as it should be."""
    images, labels, test_images, test_labels = (found[part] for part in PARTS)
    train = read_idx(images, labels)
    test = read_idx(test_images, test_labels, train.class_names, len(train.feature_names))
    return Source(name, (), Split(train, (images, labels)), Split(test, (test_images, test_labels)))


def _names(part: str) -> list[str]:
    """Return the names under which a part is found in the wild, the usual one first."""
    end = "idx3-ubyte" if part.endswith("images") else "idx1-ubyte"
    return [f"{part}{joint}{end}{zipped}" for zipped in (".gz", "") for joint in "-."]
