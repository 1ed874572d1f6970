"""InkML files, as they are published."""

from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes import inkml
from pipeline.recognise.strokes.entries import Entry
from pipeline.recognise.strokes.inkml import read_inkml

FORMULA = """\
<ink xmlns="http://www.w3.org/2003/InkML">
<traceFormat><channel name="X" type="decimal"/><channel name="Y" type="decimal"/></traceFormat>
<annotation type="truth">$7 + 1$</annotation>
<annotation type="UI">made for a test</annotation>
<annotationXML type="truth" encoding="Content-MathML"><math xmlns="http://www.w3.org/1998/Math/MathML"/></annotationXML>
<trace id="0">
10 10, 60 10, 30 90
</trace>
<trace id="1">80 50, 120 50</trace>
<trace id="2">100 30, 100 70</trace>
<trace id="3">150 10, 150 90</trace>
<trace id="4">999 999</trace>
<traceGroup xml:id="5">
 <annotation type="truth">Segmentation</annotation>
 <traceGroup xml:id="6">
  <annotation type="truth">7</annotation><traceView traceDataRef="0"/><annotationXML href="7_1"/>
 </traceGroup>
 <traceGroup xml:id="7">
  <annotation type="truth">+</annotation><traceView traceDataRef="1"/><traceView traceDataRef="2"/>
 </traceGroup>
 <traceGroup xml:id="8">
  <annotation type="truth"> 1 </annotation><traceView traceDataRef="3"/>
 </traceGroup>
</traceGroup>
</ink>
"""
TABLET = """\
<inkml:ink xmlns:inkml="http://www.w3.org/2003/InkML">
<inkml:definitions><inkml:context xml:id="ctx"><inkml:inkSource xml:id="src"><inkml:traceFormat>
<inkml:channel name="X" type="integer" units="cm"/><inkml:channel name="Y" type="integer" units="cm"/>
<inkml:channel name="F" type="integer" units="dev"/></inkml:traceFormat></inkml:inkSource></inkml:context>
</inkml:definitions>
<inkml:traceGroup>
<inkml:trace xml:id="st0" contextRef="#ctx" brushRef="#br0">100 200 30,'5'6'0,"1"1"2,0 0 0</inkml:trace>
<inkml:trace type="penUp">1 1 1</inkml:trace>
</inkml:traceGroup>
<inkml:traceGroup><inkml:annotation type="truth">12</inkml:annotation>
<inkml:traceGroup><inkml:trace xml:id="one">1 1 9</inkml:trace></inkml:traceGroup>
<inkml:traceGroup xml:id="two"><inkml:trace>2 2 9</inkml:trace></inkml:traceGroup>
</inkml:traceGroup>
<inkml:traceView><inkml:annotation type="Label">21</inkml:annotation>
<inkml:traceView traceDataRef="#two"/><inkml:traceView traceDataRef="#one"/><inkml:traceView traceDataRef="#two"/>
</inkml:traceView>
</inkml:ink>
"""


def read(folder: Path, text: str) -> list[Entry | DataError]:
    (folder / "a.inkml").write_text(text)
    return list(read_inkml(folder / "a.inkml"))


def drawings_in(folder: Path, text: str) -> list[tuple[list[list[list[float]]], str | None, str]]:
    place = str(folder / "a.inkml")
    return [
        ([stroke.tolist() for stroke in entry.drawing.strokes], entry.label, entry.where.removeprefix(place))
        for entry in read(folder, text)
        if isinstance(entry, Entry)
    ]


def test_the_symbols_of_a_formula(tmp_path: Path) -> None:
    assert drawings_in(tmp_path, FORMULA) == [
        ([[[10, 10], [60, 10], [30, 90]]], "7", ", line 15"),
        ([[[80, 50], [120, 50]], [[100, 30], [100, 70]]], "+", ", line 18"),
        ([[[150, 10], [150, 90]]], "1", ", line 21"),
    ]


def test_groups_views_prefixes_and_contexts(tmp_path: Path) -> None:
    assert drawings_in(tmp_path, TABLET) == [
        ([[[100, 200], [105, 206], [111, 213], [117, 220]]], None, ", line 6"),
        ([[[1, 1]], [[2, 2]]], "12", ", line 10"),
        ([[[2, 2]], [[1, 1]]], "21", ", line 14"),
    ]


def test_a_file_without_groups_is_one_drawing(tmp_path: Path) -> None:
    ink = "<ink><definitions><trace id='x'>5 5</trace></definitions><trace>1 2</trace>{}<trace>3 4</trace></ink>"
    assert drawings_in(tmp_path, ink.format("")) == [([[[1, 2]], [[3, 4]]], None, "")]
    truth = "<annotation>9</annotation><annotation type='truth'>4</annotation><traceView traceDataRef='x'/>"
    assert drawings_in(tmp_path, ink.format(truth)) == [([[[1, 2]], [[5, 5]], [[3, 4]]], "4", "")]


FAULTS = [
    ("", ": expected strokes, found none"),
    ("<trace>1 2</trace>\n<traceGroup/>", ", line 2: expected strokes, found none"),
    ("<trace>1 2</trace>\n<trace>1 2, 3</trace>", ', line 2, point 2: expected 2 values, found "3"'),
    ("\n<traceView traceDataRef='9'/>", ", line 2: expected the id of a trace or of a group in this file, found '9'"),
    ("<brush id='b'/><traceView traceDataRef='#b'/>", ", line 1: expected the id of a trace or of a group"),
    ("<trace id='a'>1 2</trace><traceView traceDataRef='a' to='1'/>", ", line 1: expected a whole trace, found a part"),
    ("<traceFormat/><trace>1 2</trace>", ", line 1: expected a channel X and a channel Y, found []"),
]


@pytest.mark.parametrize(("body", "message"), FAULTS)
def test_what_is_no_drawing_says_where_and_why(tmp_path: Path, body: str, message: str) -> None:
    (error,) = read(tmp_path, f"<ink>{body}</ink>")
    assert isinstance(error, DataError)
    assert str(error).startswith(f"{tmp_path / 'a.inkml'}{message}")


def test_a_bad_group_does_not_hide_those_after_it(tmp_path: Path) -> None:
    groups = "<traceGroup><trace>x</trace></traceGroup><traceGroup><trace>1 2</trace></traceGroup>"
    error, entry = read(tmp_path, f"<ink>{groups}</ink>")
    assert isinstance(error, DataError)
    assert isinstance(entry, Entry)


def test_traces_that_are_named_again_and_again_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inkml, "MAX_POINTS", 3)
    views = "<traceView traceDataRef='t'/>" * 3
    (entry,) = read(tmp_path, f"<ink><definitions><trace id='t'>1 2</trace></definitions>{views}</ink>")
    assert isinstance(entry, Entry)
    (error,) = read(tmp_path, f"<ink><trace id='t'>1 2</trace>{views}</ink>")
    assert str(error).endswith("a.inkml, line 1: expected at most 3 traces in a group, found more.")
