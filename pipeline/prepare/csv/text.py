"""A CSV file as UTF-8, whatever marks at its beginning say of its encoding."""

import codecs
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import DataError
from pipeline.prepare.csv.open import BUFFER_BYTES, open_csv_bytes

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextlib.contextmanager
def open_csv_text(path: Path) -> Iterator[BinaryIO]:
    """Open a file for one pass over its text as UTF-8: as it is, but for UTF-16 with its mark, which is recoded.

    Raises
    ------
    DataError
        As `open_csv_bytes`; or, while reading, at what is no UTF-16 in spite of the mark.
    """
    with open_csv_bytes(path) as stream:
        is_utf16 = stream.peek(2)[:2] in UTF16_MARKS
        yield io.BufferedReader(_Recoded(path, stream), BUFFER_BYTES) if is_utf16 else stream


def is_recoded(stream: BinaryIO) -> bool:
    """Tell whether a stream that `open_csv_text` gave is UTF-16 in the file."""
    return isinstance(stream, io.BufferedReader) and isinstance(stream.raw, _Recoded)


class _Recoded(io.RawIOBase):
    """UTF-16 as UTF-8; a class because `io` asks for one."""

    def __init__(self, path: Path, inner: BinaryIO) -> None:
        self._path, self._inner, self._waiting = path, inner, b""
        self._decoder = codecs.getincrementaldecoder("utf-16")()

    def readable(self) -> bool:
        """Say that this is a stream to read from."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # typeshed wants its own alias
        """Fill `buffer` and return the number of bytes read, 0 at the end."""
        while not self._waiting and (content := self._inner.read(BUFFER_BYTES)):
            self._waiting = self._decoded(content, is_end=False)
        self._waiting = self._waiting or self._decoded(b"", is_end=True)
        part, self._waiting = self._waiting[: len(buffer)], self._waiting[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _decoded(self, content: bytes, *, is_end: bool) -> bytes:
        """Return the next bytes as UTF-8."""
        try:
            return self._decoder.decode(content, is_end).encode()
        except UnicodeDecodeError as error:
            raise DataError(
                f"{self._path}: expected UTF-16 text, as its first two bytes say, found something else "
                f"({error.reason}); save it again with the encoding UTF-8."
            ) from error
