"""The text of a trace: points parted by commas, each with a value for every channel.

A value stands for itself, or says how a channel has changed since the point before (after `'`), or how this change has
changed (after `"`). A prefix holds for the channel until another comes, `!` leading back to values that stand for
themselves. `*` means that the channel has not changed.
"""

import re
from typing import NamedTuple

from pipeline.recognise.strokes.entries import COORDINATE, as_stroke, refuse
from pipeline.recognise.strokes.inkml_formats import Format
from pipeline.types import Stroke

VALUE = re.compile(
    r"\s*(?P<prefix>['\"!]?)\s*(?:(?P<number>[+-]?\s*(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<hex>-?#[0-9A-Fa-f]{1,16})|(?P<mark>[*?TF]))\s*"
)
ORDERS = {"!": 0, "'": 1, '"': 2}
LONGEST = 40
"""Characters of a point that messages show."""


class Channel(NamedTuple):
    """Where a channel is, and how it is being told."""

    order: int = 0  # 0 for values that stand for themselves, 1 for changes, 2 for changes of changes
    value: float = 0.0
    change: float = 0.0  # since the point before


def stroke_of(text: str, form: Format, where: str) -> Stroke:
    """Return the points that the text of a trace tells, y downwards and in the unit of x.

    Raises DataError if it tells none.
    """
    x, y = Channel(), Channel()
    points = list[tuple[float, float]]()
    for number, point in enumerate(text.strip().removesuffix(",").split(","), start=1):
        place = f"{where}, point {number}"
        values = _values(point, place)
        if len(values) <= max(form.x, form.y):
            refuse(place, f"{form.channels} values", point.strip()[:LONGEST])
        x = _moved(x, values[form.x], f"{place}, x", is_first=number == 1)
        y = _moved(y, values[form.y], f"{place}, y", is_first=number == 1)
        points.append((x.value, y.value))
    return as_stroke(points, (form.x_scale, form.y_scale), where)


def _values(point: str, where: str) -> list[re.Match[str]]:
    """Return the values of a point."""
    values, start = list[re.Match[str]](), 0
    while start < len(point):
        found = VALUE.match(point, start)
        if not found:
            refuse(where, "numbers", point[start:].strip()[:LONGEST])
        values.append(found)
        start = found.end()
    return values


def _moved(channel: Channel, value: re.Match[str], where: str, *, is_first: bool) -> Channel:
    """Return a channel after one more value."""
    order = ORDERS.get(value["prefix"], channel.order)
    if value["mark"] == "*" and not is_first:
        return Channel(order, channel.value, 0.0)
    if value["mark"] or (is_first and order):
        refuse(where, COORDINATE, value[0].strip())
    number = _number(value)
    if not order:
        return Channel(order, number, 0.0 if is_first else number - channel.value)
    change = number if order == 1 else channel.change + number
    return Channel(order, channel.value + change, change)


def _number(value: re.Match[str]) -> float:
    """Return a value as a number."""
    if value["hex"]:
        return float(int(value["hex"].replace("#", ""), 16))
    return float("".join(value["number"].split()))
