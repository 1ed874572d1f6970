"""Tables of letters and signs: every outline can be drawn, and none is of what somebody writes for a digit."""

import numpy as np
import pytest

from pipeline.recognise.sketches.letters import CAPITALS, FOREIGN, SMALL
from pipeline.recognise.sketches.outlines import outlines_of
from pipeline.recognise.sketches.signs import SIGNS


@pytest.mark.parametrize("table", [CAPITALS, SMALL, FOREIGN, SIGNS])
def test_every_outline_is_lines_in_a_box_of_a_letters_size(table: dict[str, tuple[str, ...]]) -> None:
    for name, texts in table.items():
        for text in texts:
            strokes = outlines_of(text)
            assert all(len(stroke.points) > 1 for stroke in strokes), name
            points = np.concatenate([stroke.points for stroke in strokes])
            assert 0.5 < np.ptp(points, axis=0).max() <= 1.45, name
            assert all((np.diff(stroke.points, axis=0) != 0).any(axis=1).all() for stroke in strokes), name
        assert len(set(texts)) == len(texts), name


def test_letters_that_are_digits_to_somebody_are_left_out() -> None:
    assert not {*CAPITALS, *SMALL} & set("0123456789bBDgIloOqsSzZ")
    assert all(name.isupper() for name in CAPITALS)
    assert all(name.islower() for name in SMALL)
