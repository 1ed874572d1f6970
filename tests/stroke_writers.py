"""Drawings written as others publish them: UNIPEN, for tests that read them back."""

from collections.abc import Sequence

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
