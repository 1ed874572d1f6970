"""Tables in all dialects, damaged at random: what is read must be what Python reads, and all else refused in words.

The tests draw some; `python -m tests.csv_fuzz 5000` draws as many as it is told.
"""

import codecs
import csv
import io
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.errors import ScrawlError
from pipeline.prepare.csv.labels import canonical
from pipeline.prepare.csv.layout import sniff
from pipeline.prepare.csv.table import CsvOptions, read_csv
from pipeline.prepare.table import Table
from pipeline.words import visible

MAX_MESSAGE = 3000
HOSTILE = (
    *[b",", b";", b"\t", b"|", b" ", b"\n", b"\r\n", b"\r", b'"', b'""', b"#", b"\xef\xbb\xbf", b"\xff\xfe", b"\0"],
    *[b"nan", b"inf", b"1e400", b"1e39", b"0x1f", b"0X1F", b"1_000", b"--1", b"+5", b".5", b"5.", b"5,5", b"1,100"],
    *[b"?", b"NA", b"-", b"3%", b"label", b"Id", b"\xc3\xa4", b"\xe4", b"\xd9\xa3", b"0", b"255", b"256", b"9" * 400],
    *[
        b"# comment\n",
        b"@relation x\n",
        b"<html>",
        b"Unnamed: 0",
        b"1 2",
        b"\x1b[31m",
        b"\x9b",
        b"\xc2\xa05",
        b"x" * 200_000,
    ],
)
DIALECTS = ((",", "."), (",", "."), (";", "."), (";", ","), ("\t", ","), ("|", "."), (" ", "."))


def _values(draw: random.Random) -> Callable[[int], object]:
    """Return what makes the values of a column from the numbers of the rows."""
    first, spread = draw.randint(0, 1), draw.choice([1, 99])
    kinds: list[Callable[[int], object]] = [
        lambda i: i + first,
        lambda _: draw.randint(0, 255),
        lambda _: round(draw.gauss(0, spread), 3),
    ]
    return draw.choice(kinds)


def _labels(draw: random.Random) -> Callable[[int], object]:
    """Return what makes labels from the numbers of the rows."""
    kinds: list[Callable[[int], object]] = [lambda i: i % 3, lambda i: "abc"[i % 3], lambda i: f"{i % 2}.0"]
    return draw.choice(kinds)


def table(draw: random.Random) -> bytes:
    """Return a table: of numbers with a label, in any dialect."""
    delimiter, decimal = draw.choice(DIALECTS)
    columns, rows, newline = draw.randint(1, 5), draw.choice([1, 2, 9, 20, 70, 90]), draw.choice(["\n", "\r\n"])
    values, label, place = [_values(draw) for _ in range(columns)], _labels(draw), draw.choice([0, columns])
    lines = [[str(value(i)).replace(".", decimal) for value in values] for i in range(rows)]
    names = [draw.choice(["a", "Id", "pixel", "0x", "größe"]) + str(j) for j in range(columns)]
    for i, line in enumerate(lines):
        line.insert(place, str(label(i)).replace(".", decimal))
    names.insert(place, draw.choice(["label", "label", "kind"]))
    quote = draw.choice(["", "", '"'])
    body = [[f"{quote}{cell}{quote}" for cell in line] for line in [names] * draw.randint(0, 1) + lines]
    text = draw.choice(["", "", "# made by hand\n", "#"]) + newline.join(map(delimiter.join, body)) + newline
    if draw.randrange(9) == 0:
        return codecs.BOM_UTF16_LE + text.encode("utf-16-le")
    return draw.choice([b"", b"", codecs.BOM_UTF8]) + text.encode()


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Return a table with some of its bytes replaced, cut out, doubled, or hostile ones put in."""
    for _ in range(draw.choice([0, 1, 1, 2, 4])):
        start, end = sorted(draw.choices(range(len(content) + 1), k=2))
        end = draw.choice([start, start, min(end, start + 3), end])
        middle = draw.choice([draw.choice(HOSTILE), draw.choice(HOSTILE), b"", content[start:end] * 2])
        content = content[:start] + middle + content[end:]
    return content


def as_python_reads(path: Path, read: Table) -> tuple[list[list[float]], list[str]]:
    """Return the features and labels of a table as the csv module and `float` read them."""
    content = path.read_bytes()
    is_utf16 = content[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    layout = sniff(path)
    text = content.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")
    below = "\n".join(text.split("\n")[layout.line - 1 :]).lstrip("\ufeff")
    rows = [row for row in csv.reader(io.StringIO(below, newline=""), delimiter=layout.delimiter) if row]
    places = [layout.names.index(name) for name in read.feature_names]
    features = [[float(row[place].replace(layout.decimal, ".")) for place in places] for row in rows]
    return features, [canonical(row[layout.names.index(read.label)], layout.decimal) for row in rows]


def check(path: Path) -> bool:
    """Read a table and compare it with what Python reads; return whether it was read, and not refused."""
    try:
        read = read_csv(path, CsvOptions())
        batches = list(read.batches())
    except ScrawlError as error:
        message = str(error)
        assert visible(message) == message
        assert len(message) < MAX_MESSAGE + len(str(path)), message
        return False
    features, labels = as_python_reads(path, read)
    np.testing.assert_array_equal(np.concatenate(batches).astype(np.float32), np.array(features, dtype=np.float32))
    assert [read.class_names[label] for label in read.labels] == labels
    assert [visible(note) for note in read.notes] == [*read.notes]
    return True


def campaign(count: int, first: int = 0) -> int:
    """Check so many damaged tables, and return how many of them could be read."""
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        for seed in range(first, first + count):
            draw = random.Random(seed)  # noqa: S311 -- no secret
            path.write_bytes(damaged(table(draw), draw))
            try:
                done += check(path)
            except Exception as error:
                error.add_note(f"seed {seed}: {path.read_bytes()[:2000]!r}")
                raise
    return done


if __name__ == "__main__":
    print(campaign(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))  # noqa: T201
