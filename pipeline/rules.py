"""What a value must be, and how to say so: options, configuration files and stored files are held to the same rules."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pipeline.words import listed

MAX_COUNT = 2**31 - 1  # of epochs, rows in a batch, …: what compiled code and the seeds can hold
MAX_PIXELS = 1 << 20
"""Of an image to learn from or to read: pictures are reduced to a longer side of 1,024, and to draw in one takes 128
bytes a pixel."""
MAX_SHOWN = 60  # characters of a value in a message


class Rule(NamedTuple):
    """What a value has to satisfy, and how to say so."""

    accepts: Callable[[Any], bool]
    expected: str


def integer(lowest: int, highest: int = MAX_COUNT) -> Rule:
    """Return the rule for a whole number within bounds; `True` is none."""
    return Rule(
        lambda value: type(value) is int and lowest <= value <= highest, f"a whole number from {lowest} to {highest}"
    )


def number(accepts: Callable[[float], bool], expected: str) -> Rule:
    """Return the rule for a finite number that `accepts` likes; `True` is none."""

    def is_number(value: object) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return abs(value) <= sys.float_info.max and accepts(float(value))

    return Rule(is_number, expected)


def one_of(names: tuple[str, ...]) -> Rule:
    """Return the rule for a choice by name."""
    return Rule(lambda value: value in names, "one of " + ", ".join(names))


def of_type(kind: type, expected: str) -> Rule:
    """Return the rule for a value of a type."""
    return Rule(lambda value: isinstance(value, kind), expected)


def optional(rule: Rule) -> Rule:
    """Return the rule for a value that may be missing."""
    return Rule(lambda value: value is None or rule.accepts(value), f"{rule.expected}, or null")


def list_of(rule: Rule, lowest: int, highest: int, expected: str) -> Rule:
    """Return the rule for a list of so many values that each follow a rule."""
    return Rule(
        lambda value: (
            isinstance(value, list) and lowest <= len(value) <= highest and all(rule.accepts(each) for each in value)
        ),
        expected,
    )


_PAIR = list_of(integer(1), 2, 2, "two lengths")
TEXT = of_type(str, "a text")
FLAG = of_type(bool, "true or false")
OBJECT = of_type(dict, "an object")
FINITE = number(lambda _: True, "a finite number")
IMAGE_SHAPE = optional(
    Rule(
        lambda value: _PAIR.accepts(value) and value[0] * value[1] <= MAX_PIXELS,
        f"height and width, of {MAX_PIXELS:,} pixels at most",
    )
)


def texts(lowest: int = 0, highest: int = MAX_COUNT, *, unlike: bool = False) -> Rule:
    """Return the rule for a list of so many texts, no two of which are alike if that is asked for."""
    plain = list_of(TEXT, lowest, highest, "a list of texts")
    if not unlike:
        return plain
    return Rule(
        lambda value: plain.accepts(value) and len(set(value)) == len(value), "a list of texts, no two of them alike"
    )


def check(holds: bool, fault: str) -> None:  # noqa: FBT001 -- a condition is what it takes
    """Raise ValueError unless the condition holds; whoever reads the file completes the fault to a message."""
    if not holds:
        raise ValueError(f"{fault}.")


def check_names(what: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Raise ValueError unless the names are the expected ones."""
    missing, extra = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    check(not missing, f"missing {what}: {listed(missing)}")
    check(not extra, f"unknown {what}: {listed(extra)}")


def check_fields(rules: Mapping[str, Rule], found: Mapping[str, Any], what: str = "fields", prefix: str = "") -> None:
    """Raise ValueError unless each field is there, follows its rule, and there is no other.

    Messages call the fields `what`, and put `prefix` before a name.
    """
    check_names(what, rules, found)
    for name, rule in rules.items():
        check(rule.accepts(found[name]), f"{prefix}{name} must be {rule.expected}; found {shown(found[name])}")


def shown(value: object) -> str:
    """Return a value for a message, its middle left out if it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN // 2]}…{text[-MAX_SHOWN // 2 :]}"
