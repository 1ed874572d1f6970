"""Which channels the traces of an InkML file have, and in which units: formats, and the contexts that name them.

A trace has the format of the context that it, or the group that it stands in, refers to; else that of the last context
or format before it at the top of the file; else the only format of the file; else X and Y.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import DataError
from pipeline.recognise.strokes.entries import number_in, refuse
from pipeline.recognise.strokes.inkml_elements import Element, within

LENGTHS = {
    "m": 1000.0,
    "cm": 10.0,
    "mm": 1.0,
    "in": 25.4,
    "inch": 25.4,
    "pt": 25.4 / 72,
    "pc": 25.4 / 6,
    "himetric": 0.01,
}
"""Units of length, in millimetres."""
REFERENCES = "traceFormatRef", "inkSourceRef", "contextRef"
MAX_CHAIN = 8
"""Contexts that refer to one another."""


class Format(NamedTuple):
    """Where a point of a trace has its coordinates, and what turns them into y downwards in the unit of x."""

    x: int = 0
    y: int = 1
    channels: int = 2
    x_scale: float = 1.0
    y_scale: float = 1.0


Found = Format | DataError
"""A format, or what is wrong with it; only traces that have it are told."""


def formats_of(ink: Element, named: Mapping[str, Element], path: Path) -> dict[int, Found]:
    """Return the format of each trace, by the identity of its element; `named` has the elements by their ids."""
    sources = {id(child): each for each in within(ink) if each.name == "inkSource" for child in each.children}
    forms = {id(form): _format(form, sources.get(id(form)), path) for form in within(ink) if form.name == "traceFormat"}
    contexts = {id(each): _form_of(each, named) for each in within(ink) if each.name == "context"}
    found = dict[int, Found]()

    def walk(element: Element, current: Found, *, at_top: bool) -> None:
        for child in element.children:
            if at_top and child.name == "traceFormat":
                current = forms[id(child)]
            elif at_top and child.name == "context":
                form = contexts[id(child)]
                current = forms[id(form)] if form else current
            elif child.name in {"trace", "traceGroup", "definitions"}:
                context = named.get(child.attributes.get("contextRef", "").removeprefix("#"))
                form = contexts.get(id(context))
                found[id(child)] = own = forms[id(form)] if form else current
                walk(child, own, at_top=False)

    walk(ink, next(iter(forms.values())) if len(forms) == 1 else Format(), at_top=True)
    return found


def _form_of(context: Element, named: Mapping[str, Element]) -> Element | None:
    """Return the `traceFormat` that a context has or refers to, itself or by its source of ink; None for none."""
    for _ in range(MAX_CHAIN):
        parts = [context, *(child for child in context.children if child.name == "inkSource")]
        inside = [form for part in parts for form in part.children if form.name == "traceFormat"]
        ids = [context.attributes.get(each, "").removeprefix("#") for each in REFERENCES]
        referred = [named[each] for each in ids if each in named]
        if inside or not referred:
            return inside[0] if inside else None
        context = referred[0]
        if context.name == "traceFormat":
            return context
    return None


def _format(form: Element, source: Element | None, path: Path) -> Found:
    """Return what a `traceFormat` says, with the properties of the source of ink that it stands in."""
    where = f"{path}, line {form.line}"
    channels = [child for child in form.children if child.name == "channel"]
    names = [channel.attributes.get("name", "").upper() for channel in channels]
    try:
        if names.count("X") != 1 or names.count("Y") != 1:
            refuse(where, "a channel X and a channel Y", names)
        x, y = names.index("X"), names.index("Y")
        units = [_unit(channels[i], source, path) for i in (x, y)]
        stretch = units[1] / units[0] if units[0] and units[1] else 1.0  # where one is told, it holds for both
    except DataError as error:
        return error
    signs = [-1.0 if channels[i].attributes.get("orientation") == "-ve" else 1.0 for i in (x, y)]
    return Format(x, y, len(names), signs[0], signs[1] * stretch)


def _unit(channel: Element, source: Element | None, path: Path) -> float | None:
    """Return the unit of a channel in millimetres, or None if it is not told."""
    if length := LENGTHS.get(channel.attributes.get("units", "").lower()):
        return length
    name = channel.attributes["name"].upper()
    for each in within(source) if source else ():
        said = each.attributes
        if (
            each.name != "channelProperty"
            or said.get("name") != "resolution"
            or said.get("channel", "").upper() != name
        ):
            continue
        expected = f"the resolution of {name} to be a number above 0"
        amount = number_in(said.get("value", ""), f"{path}, line {each.line}", expected)
        if not 0 < amount < float("inf"):
            refuse(f"{path}, line {each.line}", expected, said["value"])
        length = LENGTHS.get(said.get("units", "").lower().replace(" ", "").removeprefix("1/"), 1.0)
        return length / amount
    return None
