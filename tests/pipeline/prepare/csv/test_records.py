"""Records, their lines and their bytes agree with the csv module's."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from pipeline.errors import DataError
from pipeline.prepare.csv import records as csv_records
from pipeline.prepare.csv.records import Record, cells, records

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
