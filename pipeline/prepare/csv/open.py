"""A CSV file, plain, gzipped or zipped, as one stream of UTF-8; what is damaged or hostile is refused."""

import codecs
import contextlib
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from pipeline.errors import DataError
from pipeline.files import open_plain
from pipeline.rules import shown
from pipeline.words import MAX_NAME, line

MAX_UNPACKED = 16 << 30
"""Bytes that a compressed file may unpack to: eight million images, and far below what a bomb aims at."""
BOMB_FLOOR = 256 << 20
"""Unpacked bytes below which no ratio is suspicious: so much does no harm."""
BOMB_RATIO = 200
"""Digits shrink about sevenfold; deflate's limit, which bombs come near, is 1,032."""
BUFFER_BYTES = 1 << 20
WORKBOOK = "[Content_Types].xml"
"""A member by which a zip is known to be a document of an office program."""

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Chunks(io.RawIOBase):
    """What an iterator of bytes yields, as a stream; a class because `io` asks for one."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._left = chunks, memoryview(b"")

    def readable(self) -> bool:
        """Say that this is a stream to read from."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # typeshed wants its own alias
        """Fill `buffer` and return the number of bytes read, 0 at the end."""
        while not self._left and (chunk := next(self._chunks, None)) is not None:
            self._left = memoryview(chunk)
        part, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


@contextlib.contextmanager
def open_csv(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file for one pass over its unpacked bytes: as it is, but for UTF-16 with its mark, which becomes UTF-8.

    What is wrong with it may show only while reading, so the whole pass belongs inside the block. Raises DataError if
    there is no such file, it can't be read, its compression is damaged or truncated, a zip does not hold exactly one
    file or asks for a password, the unpacked size passes a bound, or it is no UTF-16 in spite of its mark.
    """
    with _reading_errors(path), contextlib.ExitStack() as stack:
        stream = _unpacked(path, stack)
        yield stream_of(_recoded(path, stream)) if _is_utf16(stream) else stream


def is_utf16(path: Path) -> bool:
    """Tell whether `open_csv` makes UTF-8 of a file."""
    with _reading_errors(path), contextlib.ExitStack() as stack:
        return _is_utf16(_unpacked(path, stack))


def stream_of(chunks: Iterator[bytes]) -> io.BufferedReader:
    """Return chunks of bytes as a stream."""
    return io.BufferedReader(Chunks(chunks), BUFFER_BYTES)


def chunks_of(stream: IO[bytes] | io.BufferedIOBase) -> Iterator[bytes]:
    """Go through a stream."""
    return iter(lambda: stream.read(BUFFER_BYTES), b"")


def _is_utf16(stream: io.BufferedReader) -> bool:
    """Tell whether a stream begins with a mark of UTF-16."""
    return stream.peek(2)[:2] in UTF16_MARKS


def _unpacked(path: Path, stack: contextlib.ExitStack) -> io.BufferedReader:
    """Open a file, packed or not, until the stack unwinds."""
    file = stack.enter_context(open_plain(path))
    magic = file.peek(2)[:2]
    if magic == b"PK" or path.suffix.lower() == ".zip":
        return _unzipped(path, file, stack)
    if magic == b"\x1f\x8b" or path.suffix.lower() == ".gz":
        return stream_of(_bounded(path, stack.enter_context(gzip.GzipFile(fileobj=file))))
    return file


@contextlib.contextmanager
def _reading_errors(path: Path) -> Iterator[None]:
    """Turn every refusal to read `path` into a `DataError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file; check its name and the folder you are in.") from error
    except IsADirectoryError as error:
        raise DataError(f"{path}: expected a CSV file, found a folder; name the file itself.") from error
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        what = line(str(error), MAX_NAME)
        raise DataError(
            f"{path}: the compressed file is damaged or truncated ({what}); download or pack it again."
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{path}: can't be read: {reason}; check its permissions and the disk.") from error


def _unzipped(path: Path, file: BinaryIO, stack: contextlib.ExitStack) -> io.BufferedReader:
    """Open the only file inside a zip."""
    archive = stack.enter_context(zipfile.ZipFile(file))
    # macOS adds a folder of its own beside what was asked for.
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if any(member.filename == WORKBOOK for member in members):
        raise DataError(f"{path}: expected a CSV file, found an Excel workbook; save the sheet as CSV.")
    if len(members) != 1:
        found = ", ".join(shown(member.filename) for member in members[:4]) or "none"
        raise DataError(
            f"{path}: expected a zip with exactly one file in it, found {len(members)} ({found}); "
            "unpack it and name the CSV file."
        )
    member = members[0]
    if member.flag_bits & 1:
        raise DataError(f"{path}: {shown(member.filename)} inside is encrypted; unpack it with its password first.")
    _check_unpacked(path, member.file_size, member.compress_size)
    return stream_of(chunks_of(stack.enter_context(archive.open(member))))  # no more than the size that was checked


def _check_unpacked(path: Path, unpacked: int, packed: int) -> None:
    """Refuse an unpacked size beyond every table of digits, on the whole or for so many packed bytes."""
    if unpacked > MAX_UNPACKED or (unpacked > BOMB_FLOOR and unpacked > BOMB_RATIO * packed):
        raise DataError(
            f"{path}: {packed} packed bytes unpack to {unpacked} or more; expected at most {MAX_UNPACKED}, and at most "
            f"{BOMB_RATIO} times the packed size. If this is no zip bomb, unpack it and name the CSV file."
        )


def _bounded(path: Path, stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Go through an unpacked stream up to the bound."""
    packed, unpacked = path.stat().st_size, 0
    for chunk in chunks_of(stream):
        unpacked += len(chunk)
        _check_unpacked(path, unpacked, packed)
        yield chunk


def _recoded(path: Path, stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Go through UTF-16 as UTF-8."""
    try:
        for text in codecs.iterdecode(chunks_of(stream), "utf-16"):
            yield text.encode()
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: expected UTF-16 text, as its first two bytes say, found something else ({error.reason}); save it "
            "again with the encoding UTF-8."
        ) from error
