"""InkML as elements in memory, read so that a stranger's file can do no harm: no entities, nothing from outside.

References
----------
S. M. Watt, T. Underhill (editors): Ink Markup Language (InkML). W3C Recommendation, 20 September 2011.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from pipeline.errors import DataError
from pipeline.files import read_whole
from pipeline.recognise.strokes.entries import MAX_FILE

MAX_DEPTH = 64
"""Elements in elements: groups of groups of traces are rarely more than eight."""
MAX_ELEMENTS = 1_000_000
XML = "http://www.w3.org/XML/1998/namespace}"


class Element(NamedTuple):
    """An element of InkML; those of other vocabularies are left out with all that they hold."""

    name: str  # without its namespace
    attributes: dict[str, str]  # `xml:id` is called `id`
    line: int
    children: list["Element"]
    pieces: list[str]  # of the text that stands directly in it

    @property
    def text(self) -> str:
        """The text that stands directly in it."""
        return "".join(self.pieces)


def within(element: Element) -> Iterator[Element]:
    """Yield an element and all that it holds, in the order of the file."""
    yield element
    for child in element.children:
        yield from within(child)


def ink_of(path: Path) -> Element:
    """Return the element `ink` of a file.

    Raises OSError if it can't be read; DataError if it is no InkML, or more than can be believed.
    """
    builder = _Builder(path)
    try:
        builder.parser.Parse(read_whole(path, MAX_FILE), True)  # noqa: FBT003 -- this is all
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise DataError(f"{path}, line {error.lineno}: expected InkML, found what is no XML: {reason}.") from error
    except (LookupError, ValueError) as error:  # of encodings that Python doesn't know, or XML can't have
        raise DataError(f"{path}: expected InkML, found letters that can't be read: {error}.") from error
    return builder.root[0]


class _Builder:
    """Collects elements as the parser of the standard library comes across them."""

    def __init__(self, path: Path) -> None:
        """Set up a parser that refuses what InkML has no use for."""
        self.path = path
        self.root: list[Element] = []
        self.open: list[Element] = []
        self.foreign = 0  # elements of other vocabularies that are open
        self.count = 0
        self.namespace = ""
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.refuse_definitions
        self.parser.SkippedEntityHandler = self.refuse_entity

    def fault(self, expected: str, found: str) -> DataError:
        """Return what is wrong where the parser is."""
        return DataError(f"{self.path}, line {self.parser.CurrentLineNumber}: expected {expected}, found {found}.")

    def refuse_entity(self, name: str, *_: object) -> None:
        """Refuse an entity of a definition that is not read: what it stands for would be missing."""
        raise self.fault("InkML without entities of its own", f"&{name[:40]}; -- write out what it stands for")

    def refuse_definitions(self, _name: str, _system: object, _public: object, has_own: int) -> None:
        """Refuse definitions: a few of them can stand for more text than there is memory. Others are not fetched."""
        if has_own:
            raise self.fault(
                "InkML without definitions of its own", "some in <!DOCTYPE>; write out what they stand for"
            )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.open) + self.foreign >= MAX_DEPTH:
            raise self.fault(f"at most {MAX_ELEMENTS:,} elements, at most {MAX_DEPTH} in one another", "more")
        namespace, _, name = tag.rpartition("}")
        if not self.root:
            if name != "ink":
                raise self.fault("InkML, <ink>", f"<{name[:40]}>")
            self.namespace = namespace
        if self.foreign or namespace != self.namespace or name == "annotationXML":
            self.foreign += 1
            return
        named = {key.removeprefix(XML): value for key, value in attributes.items()}
        element = Element(name, named, self.parser.CurrentLineNumber, [], [])
        (self.open[-1].children if self.open else self.root).append(element)
        self.open.append(element)

    def end(self, _tag: str) -> None:
        """Take in the end of an element."""
        if self.foreign:
            self.foreign -= 1
        else:
            self.open.pop()

    def text(self, text: str) -> None:
        """Take in text."""
        if not self.foreign:
            self.open[-1].pieces.append(text)
