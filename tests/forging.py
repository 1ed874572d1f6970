"""Files that a forger would make: odd inside, but with the right checksum."""

import hashlib
import io
import struct
import zipfile
from collections.abc import Iterable

DIGITS = 64


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
