"""InkML files: traces of a pen, and groups of them with what they show.

A drawing is a group with an annotation of type `truth`, as CROHME and others write it, that holds no other such group;
or a group without, that holds no group at all; or, in a file without groups, all ink that there is.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.errors import DataError
from pipeline.recognise.strokes.entries import MAX_POINTS, Entry, gathered
from pipeline.recognise.strokes.inkml_elements import Element, ink_of, within
from pipeline.recognise.strokes.inkml_formats import Found, formats_of
from pipeline.recognise.strokes.inkml_traces import stroke_of
from pipeline.types import Stroke

TRUTH = {"truth", "label"}
"""Types of the annotations that say what is drawn."""
LABELLED_AS = '<annotation type="truth">7</annotation>'


def read_inkml(path: Path) -> Iterator[Entry | DataError]:
    """Yield the drawings of an InkML file, in order, or what is wrong with them.

    Raises OSError if it can't be read; DataError if it is no InkML.
    """
    ink = ink_of(path)
    named = dict[str, Element]()
    for element in within(ink):
        if "id" in element.attributes:
            named.setdefault(element.attributes["id"], element)
    formats = formats_of(ink, named, path)
    for group in _drawings(ink):
        where = str(path) if group is ink else f"{path}, line {group.line}"
        try:
            strokes = _strokes(group, named, formats, path)
            yield Entry(gathered(strokes, where), _truth(group), where, LABELLED_AS)
        except DataError as error:
            yield error


def _is_group(element: Element) -> bool:
    """Tell whether an element stands for several traces."""
    return element.name == "traceGroup" or (
        element.name == "traceView" and "traceDataRef" not in element.attributes and bool(element.children)
    )


def _truth(group: Element) -> str | None:
    """Return what a group shows, if it says so."""
    for child in group.children:
        if child.name == "annotation" and child.attributes.get("type", "").lower() in TRUTH:
            return child.text.strip()
    return None


def _drawings(group: Element) -> list[Element]:
    """Return the groups within a group, or the group itself, that are drawings."""
    inner = [each for child in group.children if _is_group(child) for each in _drawings(child)]
    is_one = not inner or (_truth(group) is not None and all(_truth(each) is None for each in inner))
    return [group] if is_one else inner


def _strokes(
    group: Element, named: Mapping[str, Element], formats: Mapping[int, Found], path: Path
) -> Iterator[Stroke]:
    """Yield the strokes of a group, each of them once.

    Raises DataError if one can't be read, or is not there.
    """
    seen = set[int]()
    for count, trace in enumerate(_traces(group, named, path), start=1):
        if count > MAX_POINTS:  # named again and again: nothing that was drawn has so many
            raise DataError(f"{path}, line {group.line}: expected at most {MAX_POINTS} traces in a group, found more.")
        if id(trace) not in seen and trace.attributes.get("type") != "penUp":
            seen.add(id(trace))
            where = f"{path}, line {trace.line}"
            found = formats[id(trace)]
            if isinstance(found, DataError):
                raise found
            yield stroke_of(trace.text, found, where)


def _traces(group: Element, named: Mapping[str, Element], path: Path) -> Iterator[Element]:
    """Yield the traces of a group: those that stand in it, and those that it refers to."""
    for child in group.children:
        if child.name == "trace":
            yield child
        elif child.name == "traceView" and "traceDataRef" in child.attributes:
            yield from _referred(child, named, path)
        elif _is_group(child):
            yield from _traces(child, named, path)


def _referred(view: Element, named: Mapping[str, Element], path: Path) -> Iterator[Element]:
    """Yield the traces that a view refers to.

    Only those that stand in a group are taken from it, not those that it refers to in turn: else a few groups could
    stand for more traces than anyone can count.
    """
    name = view.attributes["traceDataRef"].removeprefix("#")
    target, where = named.get(name), f"{path}, line {view.line}"
    if target is None or target.name not in {"trace", "traceGroup"}:
        raise DataError(f"{where}: expected the id of a trace or of a group in this file, found {name[:40]!r}.")
    if {"from", "to"} & view.attributes.keys():
        raise DataError(f"{where}: expected a whole trace, found a part of one; divide the trace in the file.")
    yield from (element for element in within(target) if element.name == "trace")
