"""Delimiter and decimal point are those that make numbers of the values; where there is doubt, none is assumed."""

import io
from pathlib import Path

import pytest

from pipeline.prepare.csv.dialect import find_decimal, find_delimiter, is_thousands
from pipeline.prepare.csv.records import cells, records

PATH = Path("a.csv")


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal"),
    [
        ("label,a\n1,2.5\n", ",", "."),
        ("label;a\n1;2.5\n", ";", "."),
        ("label\ta\n1\t2\n", "\t", "."),
        ("label|a\n1|2.5\n", "|", "."),
        ("label a\n1 2.5\n", " ", "."),
        ("1 2.5\n3 4\n", " ", "."),
        ("0;0,5;0,25\n1;0,75;0,5\n", ";", ","),
        ("0,5;0,25;1,5\n0,25;1,75;2,5\n", ";", ","),
        ("label;a\n1;5,0\n", ";", ","),
        ("label\ta\n1\t5,0\n2\t7\n", "\t", ","),
        ("label|a\n1|,5\n", "|", ","),
        ('label,a\n1,"5,0"\n', ",", ","),
        ("label;a;b\n1;5,0;5.0\n", ";", "."),
        ("label;a\n1;1,100\n", ";", "."),
        ("label;a;b\n1;1,100;0,5\n", ";", ","),
        ("label;a\n1;5\n", ";", "."),
        ("0,5 0,3\n1,5 0,2\n", ",", "."),
        ("sepal length (cm),kind of flower\n5.1,a cat\n", ",", "."),
        ("a b,c d\ne f,g h\n", ",", "."),
        ("a b,c\n", ",", "."),
        ("1,2,a;b\n3,4,c;d\n", ",", "."),
        ("1, 2, 3\n4, 5, 6\n", ",", "."),
        pytest.param("a;b,c\n" + "x" * 200_000 + ";1\n", ",", ".", id="a value that is too long"),
        ("label\n1\n", ",", "."),
        ("all my irises\na,b\n1,2\n", ",", "."),
        ("irises\na;b\n1;2,5\n", ";", ","),
    ],
)
def test_delimiter_and_decimal_point(text: str, delimiter: str, decimal: str) -> None:
    found = tuple(records(PATH, io.BytesIO(text.encode())))
    assert find_delimiter(found) == delimiter
    assert find_decimal(
        delimiter, [cells(PATH, record, delimiter) for record in found[:3] if len(record.raw) < 99]
    ) == (decimal)


@pytest.mark.parametrize(
    ("cell", "expected"), [("1,100", True), ("-12,345,678 ", True), ("0,500", False), ("1,10", False)]
)
def test_thousands(cell: str, *, expected: bool) -> None:
    assert is_thousands(cell) is expected
