"""What is wrong with a value that is no number, and what to do about it."""

import re

from pipeline.prepare.csv.dialect import is_thousands
from pipeline.prepare.csv.numbers import is_missing, is_not_finite, is_number
from pipeline.rules import shown

_UNIT = re.compile(r"\s*([%$€£¥]?)\s*([^%$€£¥]*?)\s*([%$€£¥]?)\s*")
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
    if is_missing(cell):
        return ", which says that the value is missing; fill it in or remove the line"
    other = "," if decimal == "." else "."
    if decimal == "." and is_thousands(cell):
        return "; write it without a comma between thousands, or, if that is a decimal comma, with a point in its stead"
    if is_number(cell, other):
        return f"; write it with {decimal!r} as the decimal point, for which it is taken by the first rows"
    if _HEXADECIMAL.fullmatch(cell):
        return ", a hexadecimal number; write it as a decimal one"
    unit = _UNIT.fullmatch(cell)
    if unit and (unit[1] or unit[3]) and (is_number(unit[2], decimal) or is_thousands(unit[2])):
        return f"; write the bare number, without {unit[1] or unit[3]}"
    return "; write a number (1 and 0 for yes and no, say), or remove the column if it holds words"
