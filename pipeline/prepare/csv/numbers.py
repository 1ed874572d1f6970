"""What a number is: the one definition, for the first look, for Arrow's reader, which is held to it, and for messages.

A finite decimal number as Python's `float` reads it, but for what `float` allows beyond that: no underscores, no digits
but 0 to 9, and around it only spaces and tabs.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

# Nothing is ever given back (`++`): a value of 100,000 digits and a letter would take minutes.
_NUMBERS = {
    point: re.compile(rf"[ \t]*+[+-]?(?:\d++(?:{mark}\d*+)?|{mark}\d++)(?:[eE][+-]?\d++)?[ \t]*+", re.ASCII)
    for point, mark in ((".", r"\."), (",", ","))
}
_NOT_FINITE = re.compile(r"[ \t]*[+-]?(?:nan(?:\(\w*\))?|inf|infinity)[ \t]*", re.ASCII | re.IGNORECASE)
_MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil", "missing", "-", "--", "."})
_HEXADECIMAL = re.compile(rb"0[xX]")


def is_number(cell: str, decimal: str = ".") -> bool:
    """Tell whether a value is a finite number with the given decimal point, a point or a comma."""
    return _NUMBERS[decimal].fullmatch(cell) is not None


def is_not_finite(cell: str) -> bool:
    """Tell whether a value says NaN or infinity."""
    return _NOT_FINITE.fullmatch(cell) is not None


def is_word(cell: str, decimal: str = ".") -> bool:
    """Tell whether a value is text: neither a number, nor NaN or infinity, nor empty."""
    return bool(cell.strip()) and not is_number(cell, decimal) and not is_not_finite(cell)


def is_missing(cell: str) -> bool:
    """Tell whether a value stands for none, in one of the ways that tools and people write that."""
    return cell.strip().casefold() in _MISSING


def number(cell: str, decimal: str = ".") -> float:
    """Return what a value that is a number says."""
    return float(cell.replace(decimal, "."))


def is_fraction(cell: str, decimal: str = ".") -> bool:
    """Tell whether a value is a number, and no whole one."""
    return is_number(cell, decimal) and not number(cell, decimal).is_integer()


def decimals_only(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks of a file; raise pyarrow.ArrowInvalid at `0x1f`, which Arrow takes for an integer."""
    end = b""
    for chunk in chunks:
        # The search for one byte is much faster than that for two, and nearly always the only one.
        if (b"x" in chunk or b"X" in chunk) and _HEXADECIMAL.search(end + chunk):
            raise pa.ArrowInvalid("a value may be hexadecimal")
        end = chunk[-1:]
        yield chunk
