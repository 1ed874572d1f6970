"""From a picture to the numbers that it shows."""

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import DataError
from pipeline.model.classify import Answers
from pipeline.recognise.number import Reading
from pipeline.recognise.pictures.page import Look, look, readings_of
from pipeline.recognise.pictures.segments import Cutting, Segment
from pipeline.types import Bytes


def saved(grey: Bytes) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "PNG")
    return stream.getvalue()


def page(*bars: tuple[int, int], size: tuple[int, int] = (200, 300)) -> Bytes:
    """Return a page with upright bars, 40 high and 8 wide, at (left, top)."""
    grey = np.full(size, 255, np.uint8)
    for left, top in bars:
        grey[top : top + 40, left : left + 8] = 20
    return grey


def read(grey: Bytes, *, single: bool = False) -> tuple[Reading, ...]:
    """Return what a network reads that is sure of everything."""
    seen = look(saved(grey), single=single)
    return readings_of(seen, Answers(np.eye(10)[np.ones(len(seen.segments), np.int64)], None))


def test_rows_and_numbers() -> None:
    found = read(page((20, 30), (50, 30), (80, 30), (200, 30), (230, 30), (40, 120), (70, 122)))
    assert [(each.row, each.apart) for each in found] == [
        *[(0, False)] * 3, (0, True), (0, False), (1, False), (1, False),
    ]  # fmt: skip
    assert [each.group and each.group.box[0] for each in found] == [20, 50, 80, 200, 230, 40, 70]
    assert not any(each.doubtful for each in found)


def test_two_digits_far_apart_are_two_numbers() -> None:
    assert [each.apart for each in read(page((20, 30), (200, 30)))] == [False, True]


def test_one_digit_alone() -> None:
    (found,) = read(page((100, 80)))
    (single,) = read(page((100, 80)), single=True)
    assert found.group == single.group
    np.testing.assert_allclose(found.pixels.astype(int), single.pixels, atol=40)
    assert len(read(page((20, 30), (200, 30)), single=True)) == 1


def test_boxes_are_in_the_pictures_own_pixels() -> None:
    (found,) = read(np.kron(page((100, 80)), np.ones((8, 8), np.uint8)))
    assert found.group
    np.testing.assert_allclose(found.group.box, (800, 640, 864, 960), atol=10)


def test_a_picture_in_mnists_form_is_one_digit_as_it_is() -> None:
    ready = np.zeros((28, 28), np.uint8)
    ready[5:25, 10:12] = ready[5:25, 17:19] = 250
    (found,) = read(ready)
    np.testing.assert_array_equal(found.pixels, ready.reshape(-1))
    assert found.group
    assert found.group.box == (10, 5, 19, 25)


def test_blank_paper() -> None:
    with pytest.raises(DataError, match="the picture: expected a digit, no ink found"):
        look(saved(np.full((50, 40), 200, np.uint8)))


def test_digits_that_were_cut_out_of_other_ink_are_doubtful() -> None:
    parts = [
        Segment(i, i + 1, (20.0 * i, 0.0, 20.0 * i + 15, 40.0), 0.4, 1.0, np.zeros(784, np.uint8)) for i in range(3)
    ]
    seen = Look((Cutting(tuple(parts), (0.0, 0.2, 0.0, 0.0), (0.1, 0.1, 0.1)),), doubtful=False, factor=1)
    likely = np.tile([0.0, 1.0], (3, 1))
    assert [reading.doubtful for reading in readings_of(seen, Answers(likely, None))] == [True, True, False]
