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
    absent : tuple of str
        What the message must not say, as it would mislead.
    """

    name: str
    filename: str
    write: Callable[[Path], object]
    fragments: tuple[str, ...]
    train: bytes | None = None
    label: str | None = None
    absent: tuple[str, ...] = ()


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


def _rows(count: int, row: Callable[[int], str], header: str = "") -> Callable[[Path], object]:
    """Return a function that writes a table to a path: a header, if any, and rows made by their numbers."""
    return _holds("".join(f"{line}\n" for line in (*[header] * bool(header), *map(row, range(count)))).encode())


LONG = "n" * 50_000
NO_LABEL = ("--label",)

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
        _holds(b"label,a\n" + b"1,2\n" * 530_000 + b"1,\0\n"),
        ("line 530002", "column 2", r"found '\x00'"),
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
        _holds(b"label,,a\n0,1,2\n"),
        ("line 1, column 2", "expected a column name, found none"),
    ),
    BadCsv(
        "first column without a name or numbers of the rows",
        "a.csv",
        _holds(b",label,a\n5,1,2\n5,1,2\n"),
        ("line 1, column 1", "expected a column name, found none", "does not number the rows"),
        absent=("index=False",),
    ),
    BadCsv(
        "first column without a name and of words",
        "a.csv",
        _holds(b'"","label","a"\n"Mazda RX4",1,2\n"Fiat 128",1,2\n'),
        ("line 2, column 1", "expected a number, found 'Mazda RX4'", "remove the column"),
        absent=("index=False",),
    ),
    BadCsv(
        "header that lacks a name",
        "a.csv",
        _holds(b'"a" "label"\n"1" 5 0\n"2" 6 1\n'),
        ("line 1", "expected 3 values as in the lines below, found 2", "row names"),
    ),
    BadCsv(
        "title of a single word",
        "a.csv",
        _holds(b"Irises\n\nlabel,a\n1,2\n"),
        ("line 1", "found 'Irises' alone", "above the table"),
    ),
    BadCsv("title in the first column", "a.csv", _holds(b"My data,,\nlabel,a,b\n1,2,3\n"), ("found 'My data' alone",)),
    BadCsv(
        "title with a comma",
        "a.csv",
        _holds(b"Irises, of 1936\nlabel,a,b,c\n1,2,3,4\n"),
        ("line 1", "expected 4 values as in the lines below, found 2; remove a title"),
    ),
    BadCsv(
        "label names no column", "a.csv", _holds(GOOD), ("--label nope names no column", "label, pixel0"), label="nope"
    ),
    BadCsv("label unknown", "a.csv", _holds(b"a,b,c\n1,2,3\n"), ("found these columns: a, b, c", "--label NAME")),
    BadCsv("single column", "a.csv", _holds(b"label\n1\n2\n"), ("line 1", "found a single column")),
    BadCsv(
        "too many classes",
        "a.csv",
        _rows(1100, "{}.5,1".format, "target,a"),
        ("column 1 ('target')", "at most 1024 different labels", "numbers to predict", "--label"),
    ),
    BadCsv(
        "too many names",
        "a.csv",
        _rows(1100, "n{},1".format, "target,a"),
        ("at most 1024 different labels", "the names of the rows"),
        absent=("to predict",),
    ),
    BadCsv(
        "as many labels as rows",
        "a.csv",
        _rows(20, "n{},1".format, "label,a"),
        ("column 1 ('label')", "found 20 different labels in 20 rows", "the names of the rows"),
    ),
    BadCsv(
        "whole numbers to predict",
        "a.csv",
        _rows(442, lambda i: f"{25 + i * 7 % 214},{i % 9}", "target,a"),
        ("column 1 ('target')", "found 214 different labels in 442 rows (25, 26,", "numbers to predict"),
    ),
    BadCsv(
        "fractions to predict",
        "a.csv",
        _rows(442, lambda i: f"{i % 40 / 8},{i % 9}", "target,a"),
        ("found 40 different labels in 442 rows", "numbers to predict"),
    ),
    BadCsv(
        "no header, and the first and the last may be the label",
        "a.csv",
        _rows(40, lambda i: f"{i % 9},0.5,{i % 2}"),
        ("nothing says which column is the label", "--label 1 for the first, --label 3 for the last"),
    ),
    BadCsv(
        "no header, and neither the first nor the last can be the label",
        "a.csv",
        _rows(40, lambda i: f"{i % 9}.5,1,7"),
        ("which column is the label", "the first be it, with fractions, nor the last, with one value only", "--label"),
    ),
    BadCsv(
        "row numbers alone", "a.csv", _rows(20, lambda i: f"{i},{i % 2}", "Id,label"), ("only a column that numbers",)
    ),
    *(
        BadCsv(
            f"missing value written {cell!r}",
            "a.csv",
            _holds(f"kind,a\nx,1\ny,{cell}\n".encode()),
            ("line 3", "column 2 ('a')", found, "fill it in or remove the line"),
            label="kind",
            absent=(*NO_LABEL, "with 0"),
        )
        for cell, found in (("?", "'?', which says that the value is missing"), ("NA", "'NA', which"), ("", "an empty"))
    ),
    BadCsv(
        "words in a column",
        "a.csv",
        _holds(b"label,a,sex\n1,2,male\n1,2,female\n"),
        ("line 2", "column 3 ('sex')", "found 'male'", "remove the column if it holds words"),
        absent=NO_LABEL,
    ),
    BadCsv(
        "words in a column, and a label that is only guessed",
        "a.csv",
        _holds(b"1,2,male,x\n1,2,female,y\n"),
        ("line 1, column 3", "found 'male'", "Column 1 is taken for the label; name another by --label"),
    ),
    BadCsv(
        "words alone",
        "a.csv",
        _rows(9, lambda i: ",".join("psx"[(i + j) % 3] for j in range(22))),
        ("expected numbers in the columns beside the label, found words in all of them (1, 2,",),
        label="21",
    ),
    *(
        BadCsv(f"{cell} for a number", "a.csv", _holds(f"label,a\n1,{cell}\n2,{cell}\n".encode()), fragments)
        for cell, fragments in (
            ("3%", ("found '3%'; write the bare number, without %",)),
            ('"$1,300"', ("found '$1,300'; write the bare number, without $",)),
            ('"1,100"', ("found '1,100'", "without a comma between thousands", "decimal comma")),
            ("0x1f", ("found '0x1f', a hexadecimal number",)),
        )
    ),
    BadCsv(
        "decimal commas and points",
        "a.csv",
        _holds(b"label;a\n1;5,0\n0;5.1\n"),
        ("line 2", "column 2 ('a')", "found '5,0'; write it with '.' as the decimal point"),
    ),
    BadCsv(
        "decimal commas, and a point further down",
        "a.csv",
        _holds(b"label;a\n" + b"1;5,0\n" * 99 + b"0;5.1\n"),
        ("line 101", "found '5.1'; write it with ',' as the decimal point"),
    ),
    BadCsv("several spaces", "a.csv", _holds(b"label  a\n1  5\n"), ("expected one space between values", "found more")),
    BadCsv(
        "several spaces further down",
        "a.csv",
        _holds(b"label a\n" + b"1 5\n" * 99 + b"1  5\n"),
        ("line 101", "found 3; one space separates two values"),
    ),
    BadCsv("comments alone", "a.csv", _holds(b"# made by hand\n#\n"), ("found comments only",)),
    BadCsv(
        "comment further down",
        "a.csv",
        _holds(b"label,a\n1,5\n# end\n"),
        ("line 3", "found 1; remove the line if it is a comment"),
    ),
    BadCsv(
        "ARFF",
        "a.csv",
        _holds(b"% Iris\r\n\r\n@RELATION iris\r\n@ATTRIBUTE a REAL\r\n@DATA\r\n5,a\r\n"),
        ("found an ARFF file", "up to @data"),
    ),
    BadCsv("web page", "a.csv", _holds(b"\n<!DOCTYPE html><p>"), ("found a web page",)),
    BadCsv("JSON", "a.csv", _holds(b'[{"a": 1}]'), ("found JSON",)),
    BadCsv(
        "workbook", "a.zip", _holds(zipped(("[Content_Types].xml", b""), ("xl/a", b""))), ("found an Excel workbook",)
    ),
    BadCsv("CR within a line", "a.csv", _holds(b"label,a\n1\r,2\n"), ("line 2", "carriage return (CR) inside")),
    BadCsv(
        "UTF-16 that is none",
        "a.csv",
        _holds(b"\xff\xfe" + "label,a\n1,2\n".encode("utf-16-le") + b"1"),
        ("expected UTF-16 text", "truncated data"),
    ),
    BadCsv(
        "UTF-16 without its mark", "a.csv", _holds("label,a\n1,2\n".encode("utf-16-le")), ("UTF-16 without its mark",)
    ),
    BadCsv("long value", "a.csv", _holds(f"label,a\n1,{LONG}\n".encode()), ("line 2", "found 'nnn", "…")),
    BadCsv("value longer than any", "a.csv", _holds(f"label,a\n1,{LONG * 4}\n".encode()), ("line 2", "field limit")),
    BadCsv(
        "long names",
        "a.csv",
        _holds(",".join(f"{i}{LONG}" for i in range(9)).encode() + b"\n1,2,3,4,5,6,7,8,9\n"),
        ("found these columns: 0nnn", "…"),
    ),
    BadCsv("long name of a column", "a.csv", _holds(f"label,{LONG}\n1,x\n".encode()), ("line 2, column 2 ('nnn", "…")),
    BadCsv("long name twice", "a.csv", _holds(f"label,{LONG},{LONG}\n1,2,3\n".encode()), ("name of its own", "…")),
    BadCsv("long name asked for", "a.csv", _holds(GOOD), ("--label nnn", "…", "n names no column"), label=LONG),
    BadCsv("long labels", "a.csv", _rows(1100, f"{{}}{LONG[:2000]},1".format, "label,a"), ("found more (0nnn", "…")),
    BadCsv("long names in a zip", "a.zip", _holds(zipped((LONG, b""), ("b", b""))), ("found 2 ('nnn", "…")),
    BadCsv(
        "escapes in name and value",
        "a.csv",
        _holds(b"label,\x1b[31ma\n1,\x1b[2J\n"),
        (r"column 2 ('\x1b[31ma')", r"found '\x1b[2J'"),
    ),
    BadCsv(
        "escapes in names that are listed",
        "a.csv",
        _holds(b"\x1b[31ma,b\x9b,c\n1,2,3\n".replace(b"\x9b", b"\xc2\x9b")),
        (r"\x1b[31ma, b\x9b, c",),
    ),
    BadCsv("no square of pixels", "a.csv", _holds(b"label,pixel0,pixel1\n1,2,3\n"), ("names 2 pixels", "HEIGHTxWIDTH")),
)
