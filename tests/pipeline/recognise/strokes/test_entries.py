"""What all stroke files are held to."""

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes import entries
from pipeline.recognise.strokes.entries import as_stroke, gathered, number_in, refuse

ONE = np.zeros((1, 2), np.float32)


def test_a_drawing_has_strokes_and_not_too_many_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_POINTS", 2)
    assert len(gathered(iter([ONE, ONE]), "here").strokes) == 2
    with pytest.raises(DataError, match=r"^here: expected at most 2 points, found more; thin them out"):
        gathered([ONE, ONE, ONE], "here")
    with pytest.raises(DataError, match=r"^here: expected strokes, found none"):
        gathered([], "here")


def test_points_are_scaled_and_fit_into_a_stroke() -> None:
    found = as_stroke([(1, 2), (3, 4)], (1.0, -0.5), "here")
    np.testing.assert_array_equal(found, np.array([[1, -1], [3, -2]], np.float32), strict=True)
    assert as_stroke([], (1.0, 1.0), "here").shape == (0, 2)
    for point, scale in (((1e39, 0), 1.0), ((1e308, 0), 10.0), ((float("nan"), 0), 1.0), ((0, 0), float("inf"))):
        with pytest.raises(DataError, match=r"^here: expected a finite number of at most 3\.4e\+38, found"):
            as_stroke([point], (scale, 1.0), "here")


@pytest.mark.parametrize("text", ["", "1_0", "nan", "inf", "0x1", "1e", ".", "--1", "\u0663", "1,5"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(DataError, match=r"^here: expected a number, found"):
        number_in(text, "here", "a number")


def test_numbers() -> None:
    texts = ["1", "-1.", "+.5", "1e3", "2.5E-1"]
    assert [number_in(text, "here", "a number") for text in texts] == [1, -1, 0.5, 1000, 0.25]


def test_what_is_found_is_shown_in_short() -> None:
    with pytest.raises(DataError, match=r'^here: expected it, found "x{36}…\.$'):
        refuse("here", "it", "x" * 50)
