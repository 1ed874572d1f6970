"""Pictures as people take them: whatever else is in them, the digit is found, and nothing where there is none.

A few of each kind; `python -m tests.photograph_counts` counts as many as one likes.
"""

from functools import cache

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.prepare.sources.sample import find_sample, read_sample
from pipeline.recognise.pictures import rows as written
from pipeline.recognise.pictures.binarize import find_ink
from pipeline.recognise.pictures.decode import read_grey
from pipeline.recognise.pictures.normalize import read_picture
from tests.photographs import BLANKS, DIGITS, PAGES
from tests.scene import Array, Bytes, ink_of, png
from tests.tables import rows_of

FEW = 2
STRETCHED = "16 by 16, bilevel"


@cache
def digits() -> Bytes:
    """Return real digits, 500 of each class."""
    path = find_sample()
    assert path
    return rows_of(read_sample(path))[0]


def ink(number: int) -> Array:
    """Return a real digit; the last figure of its number is its class."""
    return ink_of(digits()[number % 10 * 500 + number])


@pytest.mark.parametrize("number", range(FEW))
@pytest.mark.parametrize("kind", DIGITS)
def test_the_digit_is_found(kind: str, number: int) -> None:
    drawn = ink(7 * number + len(kind))
    plain = read_picture(png(np.rint(255 * drawn).astype(np.uint8))).pixels
    found, doubtful, _ = read_picture(DIGITS[kind](np.random.default_rng([0, number, *kind.encode()]), drawn))
    assert np.corrcoef(found, plain)[0, 1] > (0.5 if kind == STRETCHED else 0.85)
    assert not doubtful or kind == "out of focus"


@pytest.mark.parametrize("number", range(FEW))
@pytest.mark.parametrize("kind", BLANKS)
def test_a_blank_is_refused(kind: str, number: int) -> None:
    with pytest.raises(DataError, match="no ink found"):
        read_picture(BLANKS[kind](np.random.default_rng([0, number, *kind.encode()]), None))


@pytest.mark.parametrize("kind", PAGES)
def test_rows_of_numbers_are_found(kind: str) -> None:
    inks = [[ink(number) for number in range(first, first + 3)] for first in (2, 5, 8)]
    found = find_ink(read_grey(PAGES[kind](np.random.default_rng([1, *kind.encode()]), inks)).grey, single=False)
    assert found
    assert len(written.rows_of(found)) == (3 if kind.startswith("page") else 1)


def test_no_digit_that_was_cropped_to_its_ink_is_refused() -> None:
    """Black and white, 16 by 16, as bold or thin as they come: all paper is between the strokes."""
    for number in range(40):
        drawn = ink_of(digits()[number % 10 * 500 + number], (0.3, 0.5, 0.65)[number % 3])
        assert read_picture(DIGITS[STRETCHED](np.random.default_rng(number), drawn)).pixels.any()
