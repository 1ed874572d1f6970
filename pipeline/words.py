"""Foreign text on its way to a terminal or a window: names of files and classes, labels, what messages quote.

What is printed passes through here once, in the one place that prints: nothing that came from outside may move the
cursor, change colours, end a line or fill the screen. What is printed for programs, as JSON, is exact.
"""

import unicodedata
from collections.abc import Sequence

LONGEST = 4_000
"""Characters of a line for people: two of the longest paths that there are on most systems hardly fit into it, and what
is longer nobody reads."""
MAX_NAME = 40
"""Characters of a name among others."""
MAX_LISTED = 12
"""Names in a list: all digits, and a few more."""
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that steer instead of showing something: control characters, marks that turn the direction
of writing, lone surrogates (bytes of a file's name that are no text), ends of lines and paragraphs."""
JOINERS = "\u200c\u200d"
"""The exception: Persian, Hindi and families of emoji are not written without them."""


def visible(text: str, keep: str = JOINERS) -> str:
    r"""Return a text whose hidden characters are spelled out, such as `\x1b`; but for those to `keep`."""
    if text.isascii() and text.isprintable():
        return text

    def shown(character: str) -> str:
        is_hidden = unicodedata.category(character) in HIDDEN and character not in keep
        return character.encode("unicode_escape").decode("ascii") if is_hidden else character

    return "".join(map(shown, text))


def line(text: str, longest: int = LONGEST) -> str:
    """Return a text as a single line that can be printed, its middle left out where it is too long."""
    text = visible(text)
    if len(text) > longest:
        mark = f"… ({len(text) - longest:,} more) …" if longest == LONGEST else "…"
        head = longest * 2 // 3  # what is wrong where comes first; what to do about it comes last
        text = text[:head] + mark + text[len(text) - (longest - head) :]
    return text


def listed(names: Sequence[str]) -> str:
    """Return names for a message, none of them long, the middle left out where they are many."""
    short = [line(name, MAX_NAME) for name in names]
    if len(short) > MAX_LISTED:
        short = [*short[: MAX_LISTED - 2], "…", short[-1]]
    return ", ".join(short)
