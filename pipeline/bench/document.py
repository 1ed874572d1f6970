"""What a document of `bench --json` holds, so that one from a file can be shown; what else it holds is passed over."""

from collections.abc import Mapping
from typing import Any

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


def check_document(document: Json) -> None:
    """Check that all that is shown of a document is there, and is what it should be.

    Raises
    ------
    ValueError
        Naming the first thing that is not.
    """
    _check(DOCUMENT, document, "")
    _check(MACHINE, document["machine"], "machine.")
    for name, rules in LISTS.items():
        for i, line in enumerate(document[name]):
            _check(rules, line, f"{name}[{i}].")
            if "seconds" in rules:
                _check(SECONDS, line["seconds"], f"{name}[{i}].seconds.")
            if line.get("compile_seconds") is not None:
                check(line["accuracy"] is not None, f"{name}[{i}] must have an accuracy beside compile_seconds")
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
