"""Whatever a file holds, a message that quotes it stays short and harmless."""

import pytest
from hypothesis import given, strategies as st

from pipeline.prepare.quoted import MAX_LISTED, MAX_SHOWN, listed, plain, shown


def test_long_texts_are_cut() -> None:
    assert shown("x" * 40) == repr("x" * 40)
    assert shown("x" * 41) == repr("x" * 40 + "…")
    assert plain("x" * 41) == "x" * 40 + "…"


@pytest.mark.parametrize(
    ("text", "expected"), [("it's", "it's"), ("a\x1b[31m", "a\\x1b[31m"), ("a\nb", "a\\nb"), ("größe", "größe")]
)
def test_only_printable_characters_are_left(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_many_names_are_cut() -> None:
    assert listed("abcdefgh") == "a, b, c, d, e, f, g, h"
    assert listed("abcdefghi") == "a, b, c, d, e, f, g, …, i"


@given(st.lists(st.text(max_size=3) | st.text(min_size=100), max_size=20))
def test_a_list_is_short_and_printable(names: list[str]) -> None:
    text = listed(names)
    assert text.isprintable()
    assert len(text) <= MAX_LISTED * (10 * (MAX_SHOWN + 1) + 2)
