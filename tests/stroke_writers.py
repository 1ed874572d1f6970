"""Drawings written as others publish them: UNIPEN and InkML, for tests that read them back."""

import itertools
from collections.abc import Sequence
from xml.sax.saxutils import escape

from pipeline.types import Stroke

Labelled = tuple[Sequence[Stroke], str | None]
"""Strokes, y downwards, and what they show."""


def as_unipen(drawings: Sequence[Labelled], *, height: int = 0, count_pen_up: bool = False) -> str:
    """Return a UNIPEN file with a segment for each drawing, all of them before the ink, y upwards from `height`."""
    segments, ink, first = list[str](), list[str](), 0
    for strokes, label in drawings:
        last = first + (2 if count_pen_up else 1) * (len(strokes) - 1)
        told = "" if label is None else ' ? "{}"'.format(label.replace("\\", "\\\\").replace('"', '\\"'))
        segments.append(f".SEGMENT CHARACTER {first}-{last}{told}")
        first = last + (2 if count_pen_up else 1)
        for stroke in strokes:
            points = (f"  {x!r} 7 {height - y!r}" for x, y in stroke.tolist())
            ink += [".PEN_DOWN", *points, ".PEN_UP", ".DT 100"]
    head = [".VERSION 1.0", ".COMMENT made for a test", ".HIERARCHY CHARACTER", ".COORD X T Y"]
    head += [f".Y_DIM {height}"] if height else []
    return "\n".join([*head, *segments, *ink, ""])


def as_inkml(drawings: Sequence[Labelled], *, prefix: str = "") -> str:
    """Return an InkML file with traces, and a group of views for each drawing, as CROHME has them.

    With a prefix, `'` or `"`, all points but the first are told by differences or by second differences.
    """
    traces, groups = list[str](), list[str]()
    for strokes, label in drawings:
        views = list[str]()
        for stroke in strokes:
            views.append(f'<traceView traceDataRef="{len(traces)}"/>')
            traces.append(f'<trace id="{len(traces)}">{_text(stroke.tolist(), prefix)}</trace>')
        truth = "" if label is None else f'<annotation type="truth">{escape(label)}</annotation>'
        groups.append(f"<traceGroup>{truth}{''.join(views)}<annotationXML href='x'/></traceGroup>")
    names = "".join(f'<channel name="{name}" type="decimal"/>' for name in "XY")
    body = "\n".join([f"<traceFormat>{names}</traceFormat>", *traces, *groups])
    return f'<?xml version="1.0"?>\n<ink xmlns="http://www.w3.org/2003/InkML">\n{body}\n</ink>\n'


def _text(points: list[list[float]], prefix: str) -> str:
    """Return the text of a trace."""
    rows = points
    if prefix:
        changes = _changes(points)
        rows = [points[0], *(changes if prefix == "'" else _changes([[0.0, 0.0], *changes]))]
    return ", ".join(" ".join(f"{prefix if i == 1 else ''}{value!r}" for value in row) for i, row in enumerate(rows))


def _changes(rows: list[list[float]]) -> list[list[float]]:
    """Return what each row has more than the one before."""
    return [[b - a for a, b in zip(*pair, strict=True)] for pair in itertools.pairwise(rows)]
