"""Blocks of code in the project's documents."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block.

    Attributes
    ----------
    language : str
    text : str
    line : int
        Where it begins in the document, from 1.
    """

    language: str
    text: str
    line: int


def blocks_of(document: str) -> list[Block]:
    """Return the fenced blocks of a document, by its path from the top."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [Block(found[1], found[2], text.count("\n", 0, found.start()) + 1) for found in _FENCED.finditer(text)]
