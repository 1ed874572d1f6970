"""Records, their lines and their bytes agree with the csv module's; lines with `#` are what they look like."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from pipeline.errors import DataError
from pipeline.prepare.csv import records as csv_records
from pipeline.prepare.csv.records import Record, cells, read_head, records
from pipeline.prepare.csv.table import CsvOptions, read_csv

PATH = Path("a.csv")
CELLS = st.text(st.sampled_from('ab",;\n 1'), max_size=5)


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=5), newline=st.sampled_from(("\n", "\r\n")))
def test_records_are_those_of_the_csv_module(rows: list[list[str]], newline: str) -> None:
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator=newline).writerows(rows)
    content = target.getvalue().encode()
    found = list(records(PATH, io.BytesIO(content)))
    assert [cells(PATH, record, ",") for record in found] == rows
    assert b"".join(record.raw for record in found) == content
    assert all(content[record.start :].startswith(record.raw) for record in found)
    assert [record.line for record in found] == [content[: record.start].count(b"\n") + 1 for record in found]


def test_empty_lines_count_but_are_no_records() -> None:
    found = list(records(PATH, io.BytesIO(b"\n1\r\n\r\n2"), line=7, start=100))
    assert found == [Record(8, 101, b"1\r\n"), Record(10, 106, b"2")]


@pytest.mark.parametrize("content", [b"1" * 20, b'"1\n' + b"1\n" * 20])
def test_a_record_without_end(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(csv_records, "MAX_RECORD_BYTES", 10)
    with pytest.raises(DataError, match=r"a\.csv, line 1: expected a line of at most 10 bytes"):
        list(records(PATH, io.BytesIO(content)))


@pytest.mark.parametrize(("raw", "message"), [(b"a,\xff\n", "found byte 0xff"), (b'a,"b\n', "mend its quotes")])
def test_lines_that_cannot_be_split(raw: bytes, message: str) -> None:
    with pytest.raises(DataError, match=f"line 3: .*{message}"):
        cells(PATH, Record(3, 0, raw), ",")


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
