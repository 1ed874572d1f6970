"""NPZ files written and read as a stream: no array need fit in memory twice, and no header is believed.

`numpy.load` allocates what a header asks for, and `numpy.savez` wants whole arrays and stamps the time of day.

References
----------
numpy.lib.format: "A simple format for saving numpy arrays to disk with the information about them".
"""

import math
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from pipeline.archive import array_header
from pipeline.errors import ArtifactError
from pipeline.files import open_plain
from pipeline.rows import StoredRows, state_of
from pipeline.rules import check

Array = npt.NDArray[Any]

LOCAL_HEADER = 30
"""Bytes that come before a member, besides its name and an extra field, whose lengths are the last of them."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can express; the same for every member, so that equal arrays give equal bytes."""


class Member(NamedTuple):
    """An array to be written: its form, and its values in pieces along the first axis."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    pieces: Iterable[Array]


def write_npz(file: IO[bytes], members: Mapping[str, Member]) -> None:
    """Write arrays, uncompressed, in the order given; raise OSError if that is not possible."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            info = zipfile.ZipInfo(f"{name}.npy", EARLIEST)
            info.create_system = 3  # as on Unix, wherever it is written
            with archive.open(info, "w", force_zip64=True) as stream:
                header = {"descr": npy.dtype_to_descr(member.dtype), "fortran_order": False, "shape": member.shape}
                npy.write_array_header_1_0(stream, header)
                for piece in member.pieces:
                    stream.write(piece.tobytes())


def read_npz(path: Path, names: tuple[str, ...], most: int | None = None) -> dict[str, Array | StoredRows]:
    """Read the arrays of the given names; matrices and images of more than `most` bytes stay in the file.

    Nothing is allocated before the header is known to agree with the bytes that are there, and nothing is unpickled.
    What stays in the file is read from there later, and comes as rows, (n, d).
    Raises ArtifactError if the file is missing, damaged or forged, or holds other arrays.
    """
    expected, arrays = [f"{name}.npy" for name in names], dict[str, Array | StoredRows]()
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as archive:
            check(archive.namelist() == expected, f"expected the members {expected}, found {archive.namelist()[:8]}")
            for info in archive.infolist():
                is_stored = info.compress_type == zipfile.ZIP_STORED and info.file_size <= path.stat().st_size
                check(is_stored, f"{info.filename}: expected it uncompressed, within the file")
                array_header(archive, info)
            for info in archive.infolist():
                arrays[info.filename.removesuffix(".npy")] = _array(path, file, archive, info, most)
    except Exception as error:  # nobody promises which errors hostile bytes raise in zipfile and NumPy
        raise ArtifactError(f"{path}: can't be read: {str(error).rstrip('.')}") from error
    return arrays


def _array(
    path: Path, file: IO[bytes], archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int | None
) -> Array | StoredRows:
    """Return a member, or its rows where they lie."""
    shape, dtype, start = array_header(archive, info)
    if most is None or len(shape) == 1 or info.file_size <= most:
        with archive.open(info) as member:  # its checksum is checked when all of it is read
            array: Array = npy.read_array(member, allow_pickle=False)
            return array
    file.seek(info.header_offset)
    name, extra = struct.unpack("<26x2H", file.read(LOCAL_HEADER))
    offset = info.header_offset + LOCAL_HEADER + name + extra + start
    return StoredRows(path, offset, shape[0], math.prod(shape[1:]), dtype, state_of(path))
