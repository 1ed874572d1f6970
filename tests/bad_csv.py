"""CSV files that must be refused, each with what the message must say: for the reader's tests and the command's."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.csv_files import zipped

HEADER = b"label,pixel0,pixel1,pixel2,pixel3\n"
GOOD = HEADER + b"7,0,1,2,255\n2,0,0,9,1\n"


class BadCsv(NamedTuple):
    """A file that must be refused.

    Attributes
    ----------
    name : str
        What is wrong with it.
    filename : str
    write : callable
        Puts it, or whatever else, at a path.
    fragments : tuple of str
        What the message must say besides the file's name.
    train : bytes or None
        A good training file; then the bad one is the test file.
    label : str or None
        What `--label` says.
    """

    name: str
    filename: str
    write: Callable[[Path], object]
    fragments: tuple[str, ...]
    train: bytes | None = None
    label: str | None = None


def _holds(content: bytes) -> Callable[[Path], object]:
    """Return a function that writes `content` to a path."""
    return lambda path: path.write_bytes(content)


def _encrypted() -> bytes:
    """Return a zip whose member says that it is encrypted, in both of its headers."""
    plain = bytearray(zipped(("a.csv", GOOD)))
    plain[6] |= 1
    plain[plain.index(b"PK\x01\x02") + 8] |= 1
    return bytes(plain)


def _forged_bomb() -> bytes:
    """Return a zip whose directory says that its member unpacks to nearly 4 GiB."""
    plain = bytearray(zipped(("a.csv", GOOD)))
    struct.pack_into("<I", plain, plain.index(b"PK\x01\x02") + 24, 0xFFFFFFF0)
    return bytes(plain)


def _many() -> bytes:
    """Return a table whose labels are 300 different numbers."""
    return b"target,a\n" + b"".join(b"%d.5,1\n" % i for i in range(300))


_PACKED = gzip.compress(GOOD * 50, mtime=0)

BAD_CSV: tuple[BadCsv, ...] = (
    BadCsv("missing", "no.csv", lambda _: None, ("no such file",)),
    BadCsv("folder", "folder.csv", Path.mkdir, ("found a folder",)),
    BadCsv("empty", "a.csv", _holds(b""), ("found an empty file",)),
    BadCsv("blank lines only", "a.csv", _holds(b"\n\r\n\n"), ("found an empty file",)),
    BadCsv("header only", "a.csv", _holds(HEADER), ("expected rows below the header", "found none")),
    BadCsv("short line", "a.csv", _holds(GOOD + b"1,2,3\n"), ("line 4", "expected 5 values as in the header, found 3")),
    BadCsv("long line", "a.csv", _holds(GOOD + b"1,2,3,4,5,6\n"), ("line 4", "expected 5 values", "found 6")),
    BadCsv("ragged, no header", "a.csv", _holds(b"1,2\n3,4\n5\n"), ("line 3", "as in the first line, found 1")),
    BadCsv(
        "not a number", "a.csv", _holds(GOOD + b"1,2,x,4,5\n"), ("line 4", "column 3 ('pixel1')", "number, found 'x'")
    ),
    BadCsv(
        "line after CRLF, BOM and blanks",
        "a.csv",
        _holds(b"\xef\xbb\xbf\r\nlabel,pixel0\r\n\r\n1,2\r\n\r\n1,x\r\n"),
        ("line 6", "column 2 ('pixel0')", "found 'x'"),
    ),
    BadCsv(
        "line after a quoted line end",
        "a.csv",
        _holds(b'label,a\n"one\nmore",1\n"two",x\n'),
        ("line 4", "column 2 ('a')", "found 'x'"),
    ),
    BadCsv(
        "empty pixel", "a.csv", _holds(GOOD + b"1,2,,4,5\n"), ("line 4", "column 3 ('pixel1')", "found an empty value")
    ),
    BadCsv(
        "NaN", "a.csv", _holds(GOOD + b"1,2,3,nan,5\n"), ("line 4", "column 4", "expected a finite number, found 'nan'")
    ),
    BadCsv("infinity", "a.csv", _holds(b"1,2.5\n1,-inf\n"), ("line 2", "column 2", "finite number, found '-inf'")),
    BadCsv("beyond float32", "a.csv", _holds(b"1,2.5\n1,1e39\n"), ("line 2", "column 2", "at most 3.4e+38", "'1e39'")),
    BadCsv(
        "pixel above 255",
        "a.csv",
        _holds(GOOD + b"1,2,3,4,256\n"),
        ("line 4", "column 5 ('pixel3')", "between 0 and 255, found '256'"),
    ),
    BadCsv("negative pixel", "a.csv", _holds(GOOD + b"1,-1,3,4,5\n"), ("line 4", "column 2 ('pixel0')", "found '-1'")),
    BadCsv("empty label", "a.csv", _holds(GOOD + b",1,2,3,4\n"), ("line 4", "column 1 ('label')", "expected a label")),
    BadCsv(
        "label missing from training",
        "test.csv",
        _holds(GOOD + b"5,1,2,3,4\n"),
        ("line 4", "column 1 ('label')", "label '5' is missing from training", "2, 7"),
        train=GOOD,
    ),
    BadCsv(
        "other feature count",
        "test.csv",
        _holds(b"label,pixel0\n7,1\n"),
        ("expected 4 features", "found 1"),
        train=GOOD,
    ),
    BadCsv("truncated gzip", "a.csv.gz", _holds(_PACKED[:-20]), ("damaged or truncated",)),
    BadCsv("gzip without its end", "a.csv.gz", _holds(_PACKED[:-1]), ("damaged or truncated",)),
    BadCsv(
        "gzip with a wrong sum", "a.csv.gz", _holds(_PACKED[:-8] + b"junk" + _PACKED[-4:]), ("damaged or truncated",)
    ),
    BadCsv("no gzip at all", "a.csv.gz", _holds(GOOD), ("damaged or truncated",)),
    BadCsv("truncated zip", "a.csv.zip", _holds(zipped(("a.csv", GOOD))[:-20]), ("damaged or truncated",)),
    BadCsv(
        "zip with several files",
        "a.zip",
        _holds(zipped(("a.csv", GOOD), ("b.csv", GOOD))),
        ("exactly one file", "found 2 ('a.csv', 'b.csv')"),
    ),
    BadCsv("zip without files", "a.zip", _holds(zipped()), ("exactly one file", "found 0")),
    BadCsv("zip bomb", "a.zip", _holds(_forged_bomb()), ("unpack to 4294967280 or more", "expected at most")),
    BadCsv("encrypted zip", "a.zip", _holds(_encrypted()), ("'a.csv' inside is encrypted",)),
    BadCsv("picture", "a.csv", _holds(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), ("found binary data",)),
    BadCsv(
        "not UTF-8", "a.csv", _holds("label,größe\n1,2\n".encode("latin-1")), ("line 1", "UTF-8 text, found byte 0xf6")
    ),
    BadCsv(
        "not UTF-8 further down",
        "a.csv",
        _holds(b"label,a\n" + b"1,2\n" * 200 + b"\xff,2\n"),
        ("line 202", "UTF-8 text, found byte 0xff"),
    ),
    BadCsv(
        "zero byte further down",
        "a.csv",
        _holds(b"label,a\n" + b"1,2\n" * 600_000 + b"1,\0\n"),
        ("line 600002", "column 2", r"found '\x00'"),
    ),
    BadCsv("bare CR", "a.csv", _holds(b"label,a\r1,2\r"), ("found bare CR",)),
    BadCsv("no line end", "a.csv", _holds(b"1," * 600_000), ("line 1", "at most 1048576 bytes, found a longer one")),
    BadCsv(
        "quote never closed",
        "a.csv",
        _holds(GOOD + b'1,"2,3,4,5\n' + b"1,2,3,4,5\n" * 150_000),
        ("line 4", "quote never closed"),
    ),
    BadCsv("quote open at the end", "a.csv", _holds(GOOD + b'1,"2,3,4,5\n'), ("line 4", "mend its quotes")),
    BadCsv(
        "same column name twice",
        "a.csv",
        _holds(b"label,a,b,a\n1,2,3,4\n"),
        ("line 1, column 4", "'a'", "column 2 has too"),
    ),
    BadCsv(
        "column without a name",
        "a.csv",
        _holds(b",label,a\n0,1,2\n"),
        ("line 1, column 1", "found none", "index=False"),
    ),
    BadCsv(
        "label names no column", "a.csv", _holds(GOOD), ("--label nope names no column", "label, pixel0"), label="nope"
    ),
    BadCsv("label unknown", "a.csv", _holds(b"a,b,c\n1,2,3\n"), ("found these columns: a, b, c", "--label NAME")),
    BadCsv("single column", "a.csv", _holds(b"label\n1\n2\n"), ("line 1", "found a single column")),
    BadCsv(
        "too many classes", "a.csv", _holds(_many()), ("column 1 ('target')", "at most 256 different labels", "--label")
    ),
    BadCsv("no square of pixels", "a.csv", _holds(b"label,pixel0,pixel1\n1,2,3\n"), ("names 2 pixels", "HEIGHTxWIDTH")),
)
