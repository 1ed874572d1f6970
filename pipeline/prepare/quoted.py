"""Foreign text in messages: cut to a length that can be read, and harmless to a terminal."""

from collections.abc import Iterable

MAX_SHOWN = 40
"""Characters of a foreign text that a message quotes."""
MAX_LISTED = 8
"""Names that a message lists."""


def shown(text: str) -> str:
    """Quote a value or a name, shortened; what is no printable character is written as its code."""
    return repr(_cut(text))


def plain(text: str, most: int = MAX_SHOWN) -> str:
    """Return a name without quotes, shortened; what is no printable character is written as its code."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in _cut(text, most))


def listed(names: Iterable[str]) -> str:
    """List names, each one shortened, and the middle left out where they are many."""
    known = tuple(names)
    few = known if len(known) <= MAX_LISTED else (*known[: MAX_LISTED - 1], "…", known[-1])
    return ", ".join(map(plain, few))


def _cut(text: str, most: int = MAX_SHOWN) -> str:
    """Return the beginning of a text that is too long."""
    return text if len(text) <= most else text[:most] + "…"
