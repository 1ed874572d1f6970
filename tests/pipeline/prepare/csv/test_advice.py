"""Each value that is no number is named for what it is."""

import pytest

from pipeline.prepare.csv.advice import unlike_a_number


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
