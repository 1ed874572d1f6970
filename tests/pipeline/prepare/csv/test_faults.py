"""The second look finds a fault where it was put, however the lines before it look."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from pipeline.prepare.csv.faults import Rules, find_fault, limits, unlike_a_number
from pipeline.prepare.csv.layout import sniff

ANY = Rules(is_image=False, class_names=None)


@given(
    ends=st.lists(st.sampled_from(("\n", "\r\n", "\n\n", "\r\n\r\n\r\n")), min_size=2, max_size=9),
    where=st.data(),
    bom=st.booleans(),
    has_header=st.booleans(),
)
def test_line_and_column_are_right(
    tmp_path_factory: pytest.TempPathFactory, ends: list[str], where: st.DataObject, *, bom: bool, has_header: bool
) -> None:
    faulty, column = where.draw(st.integers(1, len(ends) - 1)), where.draw(st.integers(1, 3))
    rows = [["a\nb", "1", "2", "3"] for _ in ends]
    rows[faulty][column] = "?"
    lines = ['"' + '","'.join(row) + '"' + end for row, end in zip(rows, ends, strict=True)]
    text = ("label,u,v,w\n" if has_header else "") + "".join(lines)
    # A row counts for the line where it begins, and its values are one further down: its label holds a line end.
    expected = text[: text.index("?")].count("\n")
    path = tmp_path_factory.mktemp("faulty") / "a.csv"
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + text.encode())
    layout = sniff(path)._replace(label=0, features=(1, 2, 3))
    for first in range(faulty + 1):
        error = find_fault(path, layout, ANY, first)
        assert error is not None
        assert f"line {expected}, column {column + 1}" in str(error)
    assert find_fault(path, layout, ANY, faulty + 1) is None
    assert find_fault(path, layout, ANY, 0, rows=faulty) is None


def test_limits() -> None:
    assert limits(Rules(is_image=True, class_names=None)) == (0.0, 255.0)
    low, high = limits(ANY)
    assert -low == high == pytest.approx(3.4028235e38)


def test_a_good_row_of_a_file_without_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2.5\n")
    assert find_fault(path, sniff(path), ANY, 0) is None


@pytest.mark.parametrize("cell", ["5", " -5.0 ", "1e5"])
def test_numbers(cell: str) -> None:
    assert unlike_a_number(cell, ".") is None
    assert unlike_a_number(cell.replace(".", ","), ",") is None


@pytest.mark.parametrize(
    ("cell", "decimal", "advice"),
    [
        ("", ".", "found an empty value; fill it in"),
        (" \t", ".", "found an empty value; fill it in"),
        ("nan", ".", "expected a finite number, found 'nan'"),
        ("N/A", ".", "found 'N/A', which says that the value is missing"),
        ("?", ",", "found '?', which says that the value is missing"),
        ("5,5", ".", "write it with '.' as the decimal point"),
        ("5.5", ",", "write it with ',' as the decimal point"),
        ("1,100", ".", "without a comma between thousands"),
        ("1.100", ",", "write it with ',' as the decimal point"),
        ("0xFF", ".", "a hexadecimal number; write it as a decimal one"),
        ("5 %", ".", "write the bare number, without %"),
        ("€ 5", ".", "write the bare number, without €"),
        ("$1,100", ".", "write the bare number, without $"),
        ("5\xa0", ".", "a keyboard's digits, minus and spaces"),
        ("\N{MINUS SIGN}5,5", ",", "a keyboard's digits"),
        ("\N{ARABIC-INDIC DIGIT THREE}.5", ".", "a keyboard's digits"),
        ("\N{VULGAR FRACTION ONE HALF}", ".", "remove the column if it holds words"),
        ("$five", ".", "remove the column if it holds words"),
        ("5 kg", ".", "remove the column if it holds words"),
        ("male", ".", "remove the column if it holds words"),
    ],
)
def test_what_else_there_is(cell: str, decimal: str, advice: str) -> None:
    assert advice in str(unlike_a_number(cell, decimal))


LONG = {
    "digits": "9" * 99_999 + "x",
    "spaces": " " * 99_999 + "x",
    "spaces behind a sign": "$" + " " * 99_999 + "x",
    "thousands": ",999" * 33_333 + "x",
    "signs": "x%" * 50_000,
    "exponent": "0" * 99_999 + "e",
}


@pytest.mark.parametrize("name", LONG)
def test_the_longest_values_take_no_longer(name: str) -> None:
    for decimal in ".,":
        assert "remove the column if it holds words" in str(unlike_a_number(LONG[name], decimal))
