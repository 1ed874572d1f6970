"""A document of `bench --json` from a file, held to what is shown of one; what else it holds is passed over."""

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from pipeline.errors import DataError
from pipeline.files import read_whole
from pipeline.rules import FINITE, FLAG, TEXT, Rule, check, integer, list_of, number, one_of, optional, shown
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
SECONDS = dict.fromkeys(("min", "median", "max"), POSITIVE)
DOCUMENT = {
    "machine": {"cpu": TEXT, "threads": COUNT}, "date": TEXT, "data": TEXT,
    "ceiling": [{"name": TEXT, "threads": COUNT, "rate": POSITIVE}],
    "not_measured": [{"system": TEXT, "reason": TEXT}],
    "rows": [{
        "system": TEXT, "network": NETWORK, "operation": one_of(("forward", "backward", "epoch", "predict")),
        "batch": COUNT, "images": COUNT, "seconds": SECONDS, "ratio": POSITIVE, "spread": SPREAD,
        "images_per_second": POSITIVE, "gflops": POSITIVE, "share": FINITE, "compile_seconds": optional(FINITE),
        "accuracy": optional(FINITE), "series": optional(one_of(("rows", "width"))),
    }],
    "race": [{
        "system": TEXT, "network": NETWORK, "batch": COUNT, "epochs": COUNT, "seconds": SECONDS, "accuracy": FINITE,
        "reached": FLAG, "ratio": POSITIVE, "spread": SPREAD,
    }],
    "distortion": {
        "images": COUNT, "images_per_second": POSITIVE, "seconds": SECONDS, "edges_seconds": SECONDS,
        "shares": [{"network": NETWORK, "share": FINITE}],
    },
}  # fmt: skip
"""A rule, the fields of an object, or those of each object in a list."""
MISSING = {"distortion", "edges_seconds"}
"""What a document may lack: it was not measured, or not yet when the document was made."""


def load_document(path: Path) -> Json:
    """Return what an earlier run printed as JSON; raise DataError if it is no such file."""
    try:
        text = read_whole(path, MAX_BYTES).decode()
        document = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        _check(DOCUMENT, document, "the document")
        for i, row in enumerate(document["rows"]):
            measured = row["compile_seconds"] is None or row["accuracy"] is not None
            check(measured, f"rows[{i}] must have an accuracy beside compile_seconds")
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


def _check(rule: Any, found: Any, place: str) -> None:  # noqa: ANN401 -- as `DOCUMENT` has it, and whatever JSON can hold
    """Raise a `ValueError` that names the first thing that is missing, or not what it should be."""
    if isinstance(rule, Rule):
        check(rule.accepts(found), f"{place} must be {rule.expected}; found {shown(found)}")
    elif isinstance(rule, list):
        check(isinstance(found, list) and len(found) <= MAX_LINES, f"{place} must be a list of objects")
        for i, each in enumerate(found):
            _check(rule[0], each, f"{place}[{i}]")
    else:
        check(isinstance(found, dict), f"{place} must be an object")
        for name, part in rule.items():
            if found.get(name) is not None or name not in MISSING:
                check(name in found, f"{place} must have {name}")
                _check(part, found[name], name if rule is DOCUMENT else f"{place}.{name}")
