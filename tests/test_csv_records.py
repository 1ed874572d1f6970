"""Records, their lines and their bytes agree with the csv module's; a value is a number when Arrow reads it as one."""

import csv
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import DataError
from pipeline.prepare.csv import records as csv_records
from pipeline.prepare.csv.records import Record, cells, is_not_finite, is_number, is_word, records, shown

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


VALUES = [
    *["5", "+5", "-5", " 5", "5 ", "\t5", "007", "3.0", ".5", "5.", "1e2", "1E+2", "1e-400", "-0.0", "9" * 30],
    *["nan", "NaN", "-nan", "nan(1)", "inf", "+inf", "-Infinity", "infinity"],
    *[
        "1_0",
        "\u0663",
        "1d2",
        "--1",
        "- 1",
        "1e",
        "e1",
        ".",
        "+",
        "\x0b5",
        "\xa05",
        "1f",
        "0x10",
        "0x1p3",
        "null",
        "#N/A",
        "x",
    ],
]


@pytest.mark.parametrize("cell", VALUES)
def test_numbers_are_what_arrow_reads_as_numbers(cell: str) -> None:
    options = pc.ConvertOptions(column_types={"a": pa.float64()}, null_values=[])
    table = io.BytesIO(f"{cell}|\n".encode())
    try:
        names = pc.ReadOptions(column_names=["a", "b"])
        pc.read_csv(table, names, pc.ParseOptions(delimiter="|"), options)
    except pa.ArrowInvalid:
        is_read = False
    else:
        is_read = True
    assert (is_number(cell) or is_not_finite(cell)) is is_read
    assert not (is_number(cell) and is_not_finite(cell))
    assert is_word(cell) is not is_read


def test_nothing_is_neither_word_nor_number() -> None:
    assert not is_word(" ")
    assert not is_number(" ")


def test_long_values_are_shortened_in_messages() -> None:
    assert shown("x" * 40) == repr("x" * 40)
    assert shown("x" * 41) == repr("x" * 40 + "…")
