"""Lines that begin with `#` are comments, a header or rows, whichever they look like."""

from pathlib import Path

import pytest

from pipeline.prepare.csv.head import read_head
from pipeline.prepare.csv.table import CsvOptions, read_csv

ROWS = "0,1,2.5\n1,3,4\n0,5,6\n"


@pytest.mark.parametrize(
    ("top", "features", "classes", "notes"),
    [
        ("# made by Bob's \"hands\n#\n\nlabel,a,b\n", ("a", "b"), "01", ["comments (lines: 2)"]),
        ("\ufeff#x\r\nlabel,a,b\r\n", ("a", "b"), "01", ["comments (lines: 1)"]),
        ("# a, b, and c\nlabel,a,b\n", ("a", "b"), "01", ["comments (lines: 1)"]),
        ("# label,a,b\n", ("a", "b"), "01", ["line 1, begins with # and is taken for the header"]),
        ("# by NumPy\n#label,a,b\n", ("a", "b"), "01", ["comments (lines: 1)", "line 2, begins with #"]),
        ("#,label,b\n", ("#", "b"), "135", []),
        ("#,0,1\n#,2,3\n", ("2", "3"), "#01", ["which column is the label"]),
        ("# 7, 8, 9\n", ("2", "3"), "01", ["comments (lines: 1)", "which column is the label"]),
        ("sep=,\r\nlabel,a,b\r\n", ("a", "b"), "01", ["comments (lines: 1)"]),
        ("# by hand\n", ("2", "3"), "01", ["comments (lines: 1)", "which column is the label"]),
    ],
)
def test_lines_that_begin_with_a_hash(
    tmp_path: Path, top: str, features: tuple[str, ...], classes: str, notes: list[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((top + ROWS).encode())
    table = read_csv(path, CsvOptions())
    assert table.feature_names == features
    assert table.class_names == tuple(classes)
    assert table.labels.size == 3 + top.count("#,") - (features[0] == "#")
    assert len(table.notes) == len(notes)
    for note, fragment in zip(table.notes, notes, strict=True):
        assert fragment in note
    assert sum(map(len, table.batches())) == table.labels.size


def test_a_header_behind_a_hash_above_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"# label;a;b\n1,0;2,5;3,5\n0,0;2,5;3,5\n")
    table = read_csv(path, CsvOptions())
    assert (table.feature_names, table.class_names) == (("a", "b"), ("0", "1"))


def test_where_comments_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf# x\r\n\r\n#y\n1,2\n")
    head = read_head(path)
    assert [(comment.line, comment.start, comment.raw) for comment in head.comments] == [
        (1, 3, b"# x\r\n"),
        (3, 10, b"#y\n"),
    ]
    assert [(record.line, record.start, record.raw) for record in head.records] == [(4, 13, b"1,2\n")]
