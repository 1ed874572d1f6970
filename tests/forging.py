"""Files that a forger would make: odd inside, but with the right checksum."""

import copy
import functools
import hashlib
import io
import struct
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pipeline.archive import AnyArray
from pipeline.types import Json

DIGITS = 64

Arrays = dict[str, AnyArray]


def sealed(content: bytes) -> bytes:
    """Return an archive with its last 64 bytes replaced by the checksum that belongs there."""
    return content[:-DIGITS] + hashlib.sha256(content[:-DIGITS]).hexdigest().encode()


def zipped(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_STORED, level: int | None = None) -> bytes:
    """Return a zip of these members, sealed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method, level)
        archive.comment = b"sha256:" + bytes(DIGITS)
    return sealed(buffer.getvalue())


def npy(header: str, data: bytes, version: tuple[int, int] = (1, 0)) -> bytes:
    """Return an array in NumPy's format with whatever header."""
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H", len(header)) + header.encode("latin-1") + data


def header(shape: str, descr: str = "'<f4'", order: str = "False") -> str:
    """Return a header as NumPy writes it, but for its padding."""
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


ODD: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2, 3, -3, 17, 10**9, 10**18, 10**30, 0.0, 0.5, -0.5, 1e-300, 1e308, -1e308, 4e38,
    "", "x", "sgd", "relu", "quadratic", [], {}, [0], [[]], [-1, -16], [4.0, 4.0], [True, 16], [16, 1], {"a": 1},
)  # fmt: skip
"""What a forger may write in the place of anything."""
NUMBERS = (0.0, -1.0, 1e-45, 1e18, 1e30, 3.4e38, -3.4e38, np.inf, -np.inf, np.nan)
"""What a forger may write into an array of floats."""


def _with_one(array: AnyArray, random: np.random.Generator) -> AnyArray:
    """Return an array with another value in one place, if it has any."""
    changed = array.copy()
    changed.reshape(-1)[random.integers(0, max(array.size, 1), min(array.size, 1))] = random.choice(NUMBERS)
    return changed


Change = Callable[[AnyArray, np.random.Generator], AnyArray]
CHANGES: tuple[Change, ...] = (
    lambda array, _: array[:-1],
    lambda array, _: array[:0],
    lambda array, _: array[..., :0],
    lambda array, _: np.concatenate([array, array]),
    lambda array, _: np.ascontiguousarray(array.T),
    lambda array, _: array.reshape(-1),
    lambda array, _: array[np.newaxis],
    lambda array, _: array.reshape(-1)[:8],
    lambda array, _: array.astype(np.float64),
    lambda array, _: array.astype(np.float16),
    lambda array, _: np.zeros(array.shape, np.uint8),
    lambda array, _: np.full(array.shape, 255, np.uint8),
    lambda array, random: np.full_like(array, random.choice(NUMBERS)),
    _with_one,
    lambda _, random: np.zeros(random.integers(0, 5000, 2), np.float32),
)
"""What a forger may make of an array."""


def places_in(document: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 -- any JSON
    """Return where everything in a document is, as keys and positions from the outside in."""
    inside = (
        document.items() if isinstance(document, dict) else enumerate(document if isinstance(document, list) else ())
    )
    return [found for key, value in inside for found in ((*place, key), *places_in(value, (*place, key)))]


def forged_document(document: Json, random: np.random.Generator) -> Json:
    """Return a document with something else in one place, or without it, or with it twice."""
    changed, places = copy.deepcopy(document), places_in(document)
    *way, last = places[random.integers(len(places))]
    holder: Any = functools.reduce(lambda inside, key: inside[key], way, changed)
    kind = random.integers(10)
    if kind == 0:
        del holder[last]
    elif kind == 1:
        again = copy.deepcopy(holder[last])
        holder.append(again) if isinstance(holder, list) else holder.update({f"{last}2": again})
    else:
        holder[last] = copy.deepcopy(ODD[random.integers(len(ODD))])
    return changed


def forged_arrays(arrays: Arrays, random: np.random.Generator) -> Arrays:
    """Return arrays of which one is another, is missing, has another name, or has changed places with another."""
    names = sorted(arrays)
    one, other = (names[i] for i in random.integers(0, len(names), 2))
    kind = random.integers(12)
    if kind == 0:
        return {name: array for name, array in arrays.items() if name != one}
    if kind == 1:
        return {**arrays, f"{one}2": arrays[one]}
    if kind == 2:
        return {**arrays, one: arrays[other], other: arrays[one]}
    with np.errstate(all="ignore"):
        return {**arrays, one: CHANGES[random.integers(len(CHANGES))](arrays[one], random)}


def forged(arrays: Arrays, manifest: Json, random: np.random.Generator) -> tuple[Arrays, Json]:
    """Return what a forger makes of a file: something else in one place, or in up to three."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if random.random() < 0.5:
            arrays = forged_arrays(arrays, random)
        else:
            manifest = forged_document(manifest, random)
    return arrays, manifest
