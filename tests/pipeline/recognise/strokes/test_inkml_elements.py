"""InkML as elements: what is taken in, and what a stranger's file can not do."""

from pathlib import Path
from xml.parsers import expat

import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes import inkml_elements
from pipeline.recognise.strokes.inkml_elements import ink_of, within


def names_in(folder: Path, content: str | bytes) -> list[tuple[str, int]]:
    (folder / "a.inkml").write_bytes(content.encode() if isinstance(content, str) else content)
    return [(each.name, each.line) for each in within(ink_of(folder / "a.inkml"))]


def test_elements_have_names_lines_ids_and_text(tmp_path: Path) -> None:
    content = """<?xml version="1.0" encoding="ISO-8859-1"?>
    <i:ink xmlns:i="http://www.w3.org/2003/InkML" xmlns:o="other">
    <i:annotation type="truth">a<!-- b --><![CDATA[<]]>&amp;&#x35;\xe9<o:b>no<i:trace/></o:b>c</i:annotation>
    <o:trace/><trace/><i:annotationXML><i:trace/></i:annotationXML>
    <i:trace xml:id="t1">1 2</i:trace></i:ink>"""
    assert names_in(tmp_path, content.encode("latin-1")) == [("ink", 2), ("annotation", 3), ("trace", 5)]
    _, annotation, trace = within(ink_of(tmp_path / "a.inkml"))
    assert annotation.text == "a<&5éc"
    assert trace.attributes == {"id": "t1"}
    for encoding in ("utf-16", "utf-8-sig"):
        assert names_in(tmp_path, "<ink><trace/></ink>".encode(encoding)) == [("ink", 1), ("trace", 1)]


BOMB = "".join(f"<!ENTITY e{i} '{f'&e{i - 1};' * 10}'>" for i in range(1, 30))
HOSTILE = [
    (f'<!DOCTYPE ink [<!ENTITY e0 "ha">{BOMB}]>\n<ink>&e29;</ink>', "line 1: expected InkML without definitions"),
    ('<!DOCTYPE ink [<!ENTITY x SYSTEM "file:///etc/passwd">]><ink>&x;</ink>', "without definitions of its own"),
    ('<!DOCTYPE ink [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><ink/>', "without definitions of its own"),
    (f"<!DOCTYPE ink [<!ATTLIST trace a CDATA '{'x' * 999}'>]><ink/>", "found some in <!DOCTYPE>; write out"),
    ('<!DOCTYPE ink SYSTEM "ink.dtd">\n<ink>&x;</ink>', "line 2: expected InkML without entities .* found &x;"),
    ("<ink>&x;</ink>", "line 1: expected InkML, found what is no XML: undefined entity"),
    ("<g>" * 3 + "</g>" * 3, "line 1: expected InkML, <ink>, found <g>"),
    ("<html xmlns='x'/>", "expected InkML, <ink>, found <html>"),
    ("<ink>\n<trace></ink>", "line 2: expected InkML, found what is no XML: mismatched tag"),
    ("<ink>" + "<g>" * 64 + "</g>" * 64 + "</ink>", "line 1: expected at most 1,000,000 elements, at most 64 in one"),
    ("<ink><annotationXML>" + "<g>" * 63 + "</g>" * 63 + "</annotationXML></ink>", "at most 64 in one another, found"),
    ("", "expected InkML, found what is no XML: no element found"),
    (b"<ink>\xff</ink>", r"found what is no XML: not well-formed \(invalid token\)"),
    ("<?xml version='1.0' encoding='none-such'?><ink/>", "a.inkml: expected InkML, found letters that can't be read"),
    ("<?xml version='1.0' encoding='shift-jis'?><ink/>", "a.inkml: expected InkML, found letters that can't be read"),
]


@pytest.mark.parametrize(("content", "message"), HOSTILE)
def test_what_is_hostile_or_no_inkml_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        names_in(tmp_path, content)


def test_definitions_elsewhere_are_neither_needed_nor_fetched(tmp_path: Path) -> None:
    (tmp_path / "ink.dtd").write_text("<!ENTITY x 'y'> no definition at all")
    content = f'<!DOCTYPE ink SYSTEM "{tmp_path / "ink.dtd"}"><ink><trace/></ink>'
    assert names_in(tmp_path, content) == [("ink", 1), ("trace", 1)]


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names_in(tmp_path, "<ink>" + "<g>" * 63 + "</g>" * 63 + "</ink>")[-1] == ("g", 1)
    monkeypatch.setattr(inkml_elements, "MAX_ELEMENTS", 2)
    with pytest.raises(DataError, match="line 2: expected at most 2 elements"):
        names_in(tmp_path, "<ink><g/>\n<g/></ink>")
    monkeypatch.setattr(inkml_elements, "MAX_FILE", 5)
    with pytest.raises(OSError, match="expected at most 5 bytes, found 6"):
        names_in(tmp_path, "<ink/>")


def test_the_library_has_its_own_guard_too() -> None:
    assert expat.version_info >= (2, 4, 1), "older ones expand entities without end"
