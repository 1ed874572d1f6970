"""Colours that everybody can read."""

import pytest

from gui.window import style


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, as WCAG 2.1 defines it."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("ground", ["PAPER", "GROUND"])
@pytest.mark.parametrize("text", ["INK", "TEXT", "MUTED", "ACCENT", "UNSURE", "FAULT"])
def test_text_stands_out(text: str, ground: str) -> None:
    light, dark = luminance(getattr(style, ground)), luminance(getattr(style, text))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
