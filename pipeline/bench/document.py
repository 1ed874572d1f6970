"""A document of `bench --json` from a file, held to what is shown of one; what else it holds is passed over."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from pipeline.errors import DataError
from pipeline.files import read_whole
from pipeline.rules import (
    FINITE,
    FLAG,
    OBJECT,
    TEXT,
    Rule,
    check,
    check_fields,
    integer,
    list_of,
    number,
    one_of,
    optional,
)
from pipeline.types import Json
from pipeline.words import line

MAX_BYTES = 1 << 24
"""Of a document: a thousand times what one has."""
MAX_REASON = 300  # characters of what is wrong with one

COUNT = integer(1)
POSITIVE = number(lambda value: value > 0, "a number above 0")
SPREAD = list_of(POSITIVE, 2, 2, "two numbers above 0")
NETWORK = Rule(
    lambda value: isinstance(value, str) and all(part.isdecimal() for part in value.split("-")) and "-" in value,
    "widths of layers, such as 784-30-10",
)
MAX_LINES = 100_000
LINES = list_of(OBJECT, 0, MAX_LINES, "a list of objects")

DOCUMENT = {
    "machine": OBJECT, "date": TEXT, "data": TEXT, "ceiling": LINES, "rows": LINES, "race": LINES,
    "not_measured": LINES,
}  # fmt: skip
MACHINE = {"cpu": TEXT, "threads": COUNT}
SECONDS = dict.fromkeys(("min", "median", "max"), POSITIVE)
SHARES = {"network": NETWORK, "share": FINITE}
DISTORTION = {"images": COUNT, "images_per_second": POSITIVE, "seconds": OBJECT, "shares": LINES}
LISTS: Mapping[str, Mapping[str, Rule]] = {
    "ceiling": {"name": TEXT, "threads": COUNT, "rate": POSITIVE},
    "not_measured": {"system": TEXT, "reason": TEXT},
    "rows": {
        "system": TEXT, "network": NETWORK, "operation": one_of(("forward", "backward", "epoch", "predict")),
        "batch": COUNT, "images": COUNT, "seconds": OBJECT, "ratio": POSITIVE, "spread": SPREAD,
        "images_per_second": POSITIVE, "gflops": POSITIVE, "share": FINITE, "compile_seconds": optional(FINITE),
        "accuracy": optional(FINITE), "series": optional(one_of(("rows", "width"))),
    },
    "race": {
        "system": TEXT, "network": NETWORK, "batch": COUNT, "epochs": COUNT, "seconds": OBJECT, "accuracy": FINITE,
        "reached": FLAG, "ratio": POSITIVE, "spread": SPREAD,
    },
}  # fmt: skip


def load_document(path: Path) -> Json:
    """Return what an earlier run printed as JSON; raise DataError if it is no such file."""
    try:
        text = read_whole(path, MAX_BYTES).decode()
        document = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        check(isinstance(document, dict), "the document must be an object")
        _check_document(document)
    except OSError as error:
        raise DataError(f"{path}: expected what `bench --json` prints; it can't be read: {error.strerror}.") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(f"{path}: expected what `bench --json` prints; {line(str(error), MAX_REASON)}") from error
    return dict(document)


def _finite(text: str) -> float:
    """Return a number of a document, which must be one that can be printed again."""
    return value if math.isfinite(value := float(text)) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    """Raise at what is no number to JSON, though Python would read it."""
    raise ValueError(f"a number that is not finite, {text}")


def _check_document(document: Json) -> None:
    """Raise a `ValueError` that names the first thing that is missing, or not what it should be."""
    _check(DOCUMENT, document, "")
    _check(MACHINE, document["machine"], "machine.")
    for name, rules in LISTS.items():
        for i, each in enumerate(document[name]):
            _check(rules, each, f"{name}[{i}].")
            if "seconds" in rules:
                _check(SECONDS, each["seconds"], f"{name}[{i}].seconds.")
            if each.get("compile_seconds") is not None:
                check(each["accuracy"] is not None, f"{name}[{i}] must have an accuracy beside compile_seconds")
    if document.get("distortion") is not None:
        _check_distortion(document["distortion"])


def _check_distortion(figures: Any) -> None:  # noqa: ANN401 -- whatever JSON can hold
    """Check what distorting costs, which what was measured before there were filters says less of."""
    check(isinstance(figures, dict), "distortion must be an object")
    _check(DISTORTION, figures, "distortion.")
    _check(SECONDS, figures["seconds"], "distortion.seconds.")
    if (edges := figures.get("edges_seconds")) is not None:
        check(isinstance(edges, dict), "distortion.edges_seconds must be an object")
        _check(SECONDS, edges, "distortion.edges_seconds.")
    for i, share in enumerate(figures["shares"]):
        _check(SHARES, share, f"distortion.shares[{i}].")


def _check(rules: Mapping[str, Rule], found: Json, prefix: str) -> None:
    """Check the fields that there are rules for."""
    known = {name: value for name, value in found.items() if name in rules}
    check_fields(rules, known, f"fields of {prefix.rstrip('.') or 'the document'}", prefix)
