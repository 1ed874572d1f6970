"""Formats of traces: which channel is which, in which unit, and which format holds where."""

from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes.inkml_elements import ink_of, within
from pipeline.recognise.strokes.inkml_formats import Format, Found, formats_of


def formats_in(folder: Path, body: str) -> list[Found]:
    (folder / "a.inkml").write_text(f"<ink>{body}</ink>")
    ink = ink_of(folder / "a.inkml")
    named = {each.attributes["id"]: each for each in within(ink) if "id" in each.attributes}
    formats = formats_of(ink, named, Path("a.inkml"))
    return [formats[id(each)] for each in within(ink) if each.name == "trace"]


def form(names: str, identity: str = "", **attributes: str) -> str:
    """Return a traceFormat; attributes are those of single channels."""
    channels = "".join(f"<channel name='{name}' {attributes.get(name, '')}/>" for name in names)
    named = f" id='{identity}'" if identity else ""
    return f"<traceFormat{named}>{channels}</traceFormat>"


XY, YX, XTY = Format(), Format(1, 0, 2), Format(0, 2, 3)
IN_GROUPS = (
    f"<definitions><context id='c'>{form('YX')}</context><trace contextRef='#c'/></definitions>{form('XTY')}"
    "<trace/><traceGroup contextRef='c'><trace/><trace contextRef='#none'/></traceGroup>"
)
REFERRED = (
    f"<definitions>{form('YX', 'f')}<inkSource id='s'>{form('XTY')}</inkSource><context id='a' traceFormatRef='#f'/>"
    "<context id='b' inkSourceRef='#s'/><context id='d' contextRef='#b'/><context id='e' contextRef='#e'/>"
    f"<context id='g'><inkSource>{form('YX')}</inkSource></context></definitions>"
) + "".join(f"<trace contextRef='#{name}'/>" for name in "abdegf")
FILES: list[tuple[str, list[Format]]] = [
    ("<trace/>", [XY]),
    (f"{form('YX')}<trace/>", [YX]),
    (f"<trace/>{form('yx')}", [YX]),
    (f"<definitions><inkSource>{form('YX')}</inkSource></definitions><trace/>", [YX]),
    (f"<trace/>{form('YX')}<trace/>{form('XTY')}<trace/>", [XY, YX, XTY]),
    (f"<definitions>{form('YX')}{form('XTY')}</definitions><trace/>", [XY]),
    (f"<context>{form('YX')}</context><traceGroup><trace/></traceGroup><context/>{form('XTY')}<trace/>", [YX, XTY]),
    (f"<context>{form('YX')}</context><context/><trace/><context>{form('XTY')}</context>", [YX]),
    (IN_GROUPS, [YX, XTY, YX, YX]),
    (REFERRED, [YX, XTY, XTY, XY, YX, XY]),
]


@pytest.mark.parametrize(("body", "expected"), FILES)
def test_which_format_a_trace_has(tmp_path: Path, body: str, expected: list[Format]) -> None:
    assert formats_in(tmp_path, body) == expected


SCALES = [
    ({}, "", 1, 1),
    ({"Y": "orientation='-ve'"}, "", 1, -1),
    ({"X": "orientation='-ve' units='mm'", "Y": "orientation='+ve' units='cm'"}, "", -1, 10),
    ({"X": "units='mm'"}, "", 1, 1),
    ({"X": "units='dev'", "Y": "units='dev'"}, "100 1/cm 50 1/cm", 1, 2),
    ({}, "100 1/cm 254 1/in", 1, 1),
    ({"X": "units='mm'"}, "99 1/mm 10 1/mm", 1, 0.1),
    ({}, "2 1/smoot 1 1/smoot", 1, 2),
]


@pytest.mark.parametrize(("attributes", "resolutions", "x", "y"), SCALES)
def test_x_and_y_come_in_one_unit(
    tmp_path: Path, attributes: dict[str, str], resolutions: str, x: float, y: float
) -> None:
    words = resolutions.split()
    said = "".join(
        f"<channelProperty channel='{name}' name='{what}' value='{value}' units='{unit}'/>"
        for name, value, unit in zip("XY", words[::2], words[1::2], strict=False)
        for what in ("threshold", "resolution")
    )
    source = f"<inkSource>{form('XY', **attributes)}<channelProperties>{said}</channelProperties></inkSource>"
    (found,) = formats_in(tmp_path, f"<definitions>{source}</definitions><trace/>")
    assert isinstance(found, Format)
    assert (found.x_scale, found.y_scale) == pytest.approx((x, y))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (form("XT"), 'line 1: expected a channel X and a channel Y, found ["X", "T"].'),
        (form("XYX"), "line 1: expected a channel X and a channel Y"),
        ("<traceFormat><channel/></traceFormat>", 'line 1: expected a channel X and a channel Y, found [""].'),
    ],
)
def test_a_format_without_places_is_told(tmp_path: Path, body: str, message: str) -> None:
    (error,) = formats_in(tmp_path, f"{body}<trace/>")
    assert isinstance(error, DataError)
    assert str(error).startswith(f"a.inkml, {message}")


@pytest.mark.parametrize("value", ["0", "-1", "fine", "1e999", ""])
def test_a_resolution_is_a_number_above_0(tmp_path: Path, value: str) -> None:
    source = f"<inkSource>{form('XY')}\n<channelProperty channel='Y' name='resolution' value='{value}'/></inkSource>"
    (error,) = formats_in(tmp_path, f"{source}<trace/>")
    assert isinstance(error, DataError)
    shown = f'a.inkml, line 2: expected the resolution of Y to be a number above 0, found "{value}".'
    assert str(error) == shown
