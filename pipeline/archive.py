"""The one container for stored arrays: an uncompressed `.npz` with a JSON manifest and a checksum over all of it.

`numpy.load` opens it like any other `.npz`. The zip's end comment reads `sha256:` and 64 hexadecimal digits: the sum of
every byte of the file before the digits. So a file that was cut short or changed anywhere is recognised before anything
in it is believed. Whoever forges a file can forge its sum too: hence a size that the file claims counts for nothing
unless so many bytes are there, and nothing is ever unpickled.
"""

import hashlib
import io
import json
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.errors import ArtifactError
from pipeline.files import open_plain, read_whole, write_bytes
from pipeline.types import Json

AnyArray: TypeAlias = npt.NDArray[Any]

MAX_BYTES = 2**30
"""The largest file, and array, that is read or written: 268 million float32 weights."""
MAX_MANIFEST_BYTES = 2**24
"""Room for the reports of a hundred thousand epochs."""
MAX_DIRECTORY_BYTES = 2**20
"""The zip's table of contents: ten thousand arrays, where the deepest checkpoint has a few hundred."""
MAX_HEADER_BYTES = 1024
"""NumPy's own header of an array takes 118."""

MANIFEST = "manifest.json"
DTYPES = ("<f2", "<f4", "<f8", "<i8", "|i1", "|u1")
NAME = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
"""Names that mean nothing to any file system: no slash, no drive, no `..`."""
AGAIN = "Restore a copy of it, or make it again."

_DIGITS = 64
_MARK = b"sha256:"
_END = struct.Struct("<4s4H2LH")  # signature, four counts, the directory's size and offset, the comment's size
_LOCAL = 30  # bytes of a member's header, besides its name
_ZIP64 = b"PK\x06\x07"  # begins a record of 20 bytes
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # a fixed one, and the earliest that zip knows: same contents, same bytes
_PLAIN_FILE = 0o100644 << 16


def encode(arrays: Mapping[str, AnyArray], manifest: Json) -> bytes:
    """Return the bytes of an archive; the same for the same arrays, in the same order, and the same manifest.

    Arrays may be of any shape and of the types in `DTYPES`, the manifest whatever JSON can hold.

    Raises ArtifactError if `decode` would refuse the result.
    """
    try:
        content = _zip_of({MANIFEST: _encode_manifest(manifest)} | {f"{n}.npy": _npy_of(n, arrays[n]) for n in arrays})
        _check_size("its size", len(content), MAX_BYTES)
    except (ValueError, TypeError, RecursionError) as error:
        raise ArtifactError(f"this can't be stored: {error}.") from error
    return content + _digest(content)


def decode(content: bytes, name: str, advice: str = AGAIN) -> tuple[dict[str, AnyArray], Json]:
    """Return the arrays, read-only and aligned, and the manifest of an archive.

    Messages call the file `name`, and end in the advice.

    Raises ArtifactError if the checksum is not that of the content, or the content is not what `encode` writes.
    """
    if not content.startswith(b"PK\x03\x04"):
        raise ArtifactError(f"{name}: expected an .npz file of Scrawl's, found something else. {advice}")
    if content[-_DIGITS - len(_MARK) : -_DIGITS] != _MARK:
        raise ArtifactError(f"{name}: expected a sha256 sum at its end, found none: it was cut short. {advice}")
    if content[-_DIGITS:] != _digest(memoryview(content)[:-_DIGITS]):
        raise ArtifactError(f"{name}: its bytes don't match its sha256 sum: it was damaged or changed. {advice}")
    try:
        directory = _directory_start(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive, directory)
            manifest = _decode_manifest(archive.read(MANIFEST) if MANIFEST in archive.namelist() else None)
            members = [info for info in archive.infolist() if info.filename != MANIFEST]
            return {info.filename.removesuffix(".npy"): _array(archive, info) for info in members}, manifest
    except Exception as error:  # nobody promises which errors hostile bytes raise in zipfile and NumPy
        raise ArtifactError(f"{name}: it was not written by Scrawl: {error}. {advice}") from error


def write_archive(path: Path, arrays: Mapping[str, AnyArray], manifest: Json) -> None:
    """Write an archive atomically; see `encode`.

    Raises ArtifactError if `decode` would refuse the result; OutputError if the file can't be written.
    """
    write_bytes(path, encode(arrays, manifest))


def read_archive(path: Path, advice: str = AGAIN) -> tuple[dict[str, AnyArray], Json]:
    """Read an archive; see `decode`.

    Raises ArtifactError if the file is missing, unreadable, too large, damaged or not an archive.
    """
    try:
        content = read_whole(path, MAX_BYTES)
    except (FileNotFoundError, IsADirectoryError) as error:
        found = "none" if isinstance(error, FileNotFoundError) else "a folder"
        raise ArtifactError(f"{path}: expected a file, found {found}. {advice}") from error
    except OSError as error:
        raise ArtifactError(f"{path}: can't be read: {error.strerror}. {advice}") from error
    return decode(content, str(path), advice)


def manifest_of(path: Path) -> Json:
    """Return the manifest of an archive for a look at it, unchecked; an empty one if there is none that can be read."""
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as archive, archive.open(MANIFEST) as member:
            return _decode_manifest(member.read(MAX_MANIFEST_BYTES + 1))
    except Exception:  # noqa: BLE001 -- as in `decode`: nobody promises which errors hostile bytes raise
        return {}


def _digest(content: bytes | memoryview) -> bytes:
    """Return the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest().encode()


def _zip_of(members: Mapping[str, bytes]) -> bytes:
    """Return a zip of uncompressed members, up to where the checksum's digits belong."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _FIRST_DATE)
            info.create_system, info.external_attr = 3, _PLAIN_FILE  # of Unix, whatever system this is
            archive.writestr(info, content)
        archive.comment = _MARK + bytes(_DIGITS)
    return buffer.getvalue()[:-_DIGITS]


def _npy_of(name: str, array: AnyArray) -> bytes:
    """Return an array in NumPy's own format."""
    if not NAME.fullmatch(name):
        raise ValueError(f"expected a plain name for an array, found {name!r}")
    _check_dtype(name, array.dtype)
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def _check_dtype(name: str, dtype: np.dtype[Any]) -> None:
    """Raise unless arrays of this type may be stored."""
    if dtype.str not in DTYPES:
        raise ValueError(f"{name}: expected one of {', '.join(DTYPES)} as type of the values, found {dtype.str}")


def _check_size(what: str, found: int, highest: int) -> None:
    """Raise unless something is small enough."""
    if found > highest:
        raise ValueError(f"{what}: expected at most {highest:,} bytes, found {found:,}")


def _encode_manifest(manifest: Json) -> bytes:
    """Return the manifest as JSON, for people to read too."""
    text = json.dumps(manifest, sort_keys=True, indent=1, allow_nan=False)
    _check_size(MANIFEST, len(text), MAX_MANIFEST_BYTES)
    return text.encode()


def _decode_manifest(text: bytes | None) -> Json:
    """Return what the manifest says."""
    if text is None:
        raise ValueError(f"{MANIFEST} is missing")
    _check_size(MANIFEST, len(text), MAX_MANIFEST_BYTES)
    manifest = json.loads(text, parse_constant=_refuse_constant)
    if not isinstance(manifest, dict):
        raise ValueError(f"{MANIFEST}: expected an object, found {type(manifest).__name__}")  # noqa: TRY004 -- a fault
    return manifest


def _refuse_constant(constant: str) -> None:
    """Raise at `NaN` and its like, which JSON has not but Python reads."""
    raise ValueError(f"{MANIFEST}: expected numbers, found {constant}")


def _check_members(archive: zipfile.ZipFile, directory: int) -> None:
    """Raise unless the members, each as it is, fill the file up to its table of contents without gap or overlap."""
    position, seen = 0, set()
    for info in archive.infolist():
        if info.filename in seen or not NAME.fullmatch(info.filename):
            raise ValueError(f"expected plain names, each of them once, found {info.filename!r}")
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits or info.compress_size != info.file_size:
            raise ValueError(f"{info.filename}: expected it stored as it is, found it packed or encrypted")
        if info.header_offset != position:
            raise ValueError(f"{info.filename}: expected at byte {position:,}, found at {info.header_offset:,}")
        position += _LOCAL + len(info.filename) + info.file_size
        seen.add(info.filename)
    if position != directory:
        raise ValueError(f"expected {directory:,} bytes of members, found {position:,}")


def _directory_start(content: bytes) -> int:
    """Return where the zip's table of contents begins, once it is sure that zipfile reads that one and no longer."""
    end = len(content) - _DIGITS - len(_MARK) - _END.size
    signature, *_, size, start, comment = _END.unpack_from(content, end)
    if signature != b"PK\x05\x06" or comment != len(_MARK) + _DIGITS or start + size != end:
        raise ValueError("expected a zip that ends in its table of contents")
    if content[end - 20 : end].startswith(_ZIP64):
        raise ValueError("expected a plain zip, found the zip64 format")
    _check_size("table of contents", size, MAX_DIRECTORY_BYTES)
    return int(start)


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> AnyArray:
    """Return the array that a member holds: a view of its bytes, and so read-only for good."""
    shape, dtype, start = array_header(archive, info)
    _check_dtype(info.filename, dtype)
    return np.frombuffer(archive.read(info), dtype, offset=start).reshape(shape)


def array_header(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Return shape and type of the array that a stored member of a zip holds, and where it begins there.

    NumPy makes room for what a header claims before it looks for it: here, all of it is there.

    Raises exceptions of many kinds if it is none.
    """
    name = info.filename
    with archive.open(info) as file:
        version = np.lib.format.read_magic(file)
        if not name.endswith(".npy") or version != (1, 0):
            raise ValueError(f"{name}: expected an array of format 1.0, found {version}")
        shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=MAX_HEADER_BYTES)
        start = file.tell()
    # A bool, or a length below 0, would pass NumPy's own check.
    if fortran_order or not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError(f"{name}: expected lengths in C order, found {shape}{' in Fortran order' * fortran_order}")
    needed, found = math.prod(shape) * dtype.itemsize, info.file_size - start
    if needed != found:
        raise ValueError(f"{name}: expected {needed:,} bytes for the shape {shape}, found {found:,}")
    return shape, dtype, start
