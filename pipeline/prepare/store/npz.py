"""NPZ files written and read as a stream: no array need fit in memory twice, and no header is believed.

`numpy.load` allocates what a header asks for, and `numpy.savez` wants whole arrays and stamps the time of day.

References
----------
numpy.lib.format: "A simple format for saving numpy arrays to disk with the information about them".
"""

import math
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from pipeline.errors import ArtifactError
from pipeline.files import open_plain

Array = npt.NDArray[Any]

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can express; the same for every member, so that equal arrays give equal bytes."""

MAX_HEADER = 4096
"""Characters of an array's header; those written here take 118."""

CHUNK = 1 << 20
"""Bytes read at a time."""

DTYPES = (np.dtype(np.uint8), np.dtype("<u2"), np.dtype("<f4"))


class Member(NamedTuple):
    """An array to be written: its form, and its values in pieces along the first axis."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    pieces: Iterable[Array]


def write_npz(file: IO[bytes], members: Mapping[str, Member]) -> None:
    """Write arrays, uncompressed, in the order given.

    Raises
    ------
    OSError
        If the file can't be written.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            info = zipfile.ZipInfo(f"{name}.npy", EARLIEST)
            info.create_system = 3  # as on Unix, wherever it is written
            with archive.open(info, "w", force_zip64=True) as stream:
                header = {
                    "descr": npy.dtype_to_descr(member.dtype),
                    "fortran_order": False,
                    "shape": member.shape,
                }
                npy.write_array_header_1_0(stream, header)
                for piece in member.pieces:
                    stream.write(piece.tobytes())


def read_npz(path: Path, names: tuple[str, ...]) -> dict[str, Array]:
    """Read the arrays of the given names, uint8, or little-endian uint16 or float32.

    Nothing is allocated before the header is known to agree with the bytes that are there, and nothing is unpickled.

    Raises
    ------
    ArtifactError
        If the file is missing, damaged or forged, or holds other arrays.
    """
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as archive:
            expected = [f"{name}.npy" for name in names]
            if archive.namelist() != expected:
                raise ArtifactError(f"{path}: expected the members {expected}, found {archive.namelist()[:8]}")
            return {name: _read_member(path, archive, name) for name in names}
    except (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"{path}: can't be read: {error}") from error


def _read_member(path: Path, archive: zipfile.ZipFile, name: str) -> Array:
    """Read one array."""
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > path.stat().st_size:
        raise ArtifactError(f"{path}, {name}: expected an uncompressed member within the file, found another")
    with archive.open(info) as stream:
        if npy.read_magic(stream) != (1, 0):
            raise ArtifactError(f"{path}, {name}: expected the format version 1.0, found another")
        shape, fortran_order, dtype = npy.read_array_header_1_0(stream, max_header_size=MAX_HEADER)
        if dtype not in DTYPES or fortran_order:
            raise ArtifactError(f"{path}, {name}: expected uint8, uint16 or float32 in C order, found {dtype}")
        present = info.file_size - stream.tell()
        if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != present:
            raise ArtifactError(f"{path}, {name}: expected {shape} of {dtype}, found {present:,} bytes")
        array = np.empty(shape, dtype)
        _fill(stream, array)
    return array


def _fill(stream: IO[bytes], array: Array) -> None:
    """Read the array's bytes; the zip file's own checksum is verified as the last of them is read."""
    content = array.reshape(-1).view(np.uint8)
    for start in range(0, content.size, CHUNK):
        piece = content[start : start + CHUNK]
        piece[:] = np.frombuffer(stream.read(piece.size), np.uint8)
