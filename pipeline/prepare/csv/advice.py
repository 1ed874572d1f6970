"""What is wrong with a value that is no number, and what to do about it."""

import re
import unicodedata

from pipeline.prepare.csv.dialect import is_thousands
from pipeline.prepare.csv.numbers import is_missing, is_not_finite, is_number
from pipeline.rules import shown

SIGNS = "%$€£¥"
THOUSANDS = "a comma between thousands, or, if that is a decimal comma"
_HEXADECIMAL = re.compile(r"\s*[+-]?0[xX][0-9a-fA-F]+\s*", re.ASCII)


def unlike_a_number(cell: str, decimal: str) -> str | None:
    """Return what was expected of a value, what it is and what to do, as the end of a sentence; None for a number."""
    if is_number(cell, decimal):
        return None
    if not cell.strip():
        return "expected a number, found an empty value; fill it in or remove the line."
    if is_not_finite(cell):
        return f"expected a finite number, found {shown(cell)}; fill in a number or remove the line."
    return f"expected a number, found {shown(cell)}{_cause(cell, decimal)}."


def _cause(cell: str, decimal: str) -> str:
    """Return why a value may be no number, and the way out."""
    other = "," if decimal == "." else "."
    unit = _unit(cell, decimal)
    known = (
        (is_missing(cell), ", which says that the value is missing; fill it in or remove the line"),
        (decimal == "." and is_thousands(cell), f"; write it without {THOUSANDS}, with a point in its stead"),
        (is_number(cell, other), f"; write it with {decimal!r} as the decimal point, for which the first rows take it"),
        (
            is_number(_typed(cell), decimal),
            "; write it with a keyboard's digits, minus and spaces, which these are not",
        ),
        (_HEXADECIMAL.fullmatch(cell), ", a hexadecimal number; write it as a decimal one"),
        (unit, f"; write the bare number, without {unit}"),
    )
    words = "; write a number (1 and 0 for yes and no, say), or remove the column if it holds words"
    return next((advice for is_so, advice in known if is_so), words)


def _unit(cell: str, decimal: str) -> str:
    """Return the sign before or behind a number; none if there is no such thing."""
    text = cell.strip()
    sign = next((sign for sign in SIGNS if sign in {text[:1], text[-1:]}), "")
    bare = text.removeprefix(sign).removesuffix(sign).strip()
    return sign if is_number(bare, decimal) or is_thousands(bare) else ""


def _typed(cell: str) -> str:
    """Return a value with ASCII characters in the place of those that look like them."""
    usual = unicodedata.normalize("NFKC", cell).replace("\N{MINUS SIGN}", "-")
    return "".join(str(unicodedata.decimal(character, character)) for character in usual)
