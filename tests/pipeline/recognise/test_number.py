"""Numbers of several digits: each is read as it would be read alone."""

import numpy as np
import pytest

from pipeline.errors import ConfigError
from pipeline.model.classify import Answers, recogniser
from pipeline.recognise.number import (
    image_shape_of,
    in_training_range,
    is_sure,
    number_of,
    read_number,
    read_pixels,
)
from pipeline.recognise.strokes.rasterize import render
from pipeline.rows import Features
from pipeline.types import Artifact, Drawing
from tests.digits import blobs, trained
from tests.strokes import drawn


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    dataset = blobs(rows=60)
    dataset.features[0, 0] = 255
    return trained(dataset)


def test_each_digit_is_read_as_if_it_were_alone(artifact: Artifact) -> None:
    lines = [line for i, digit in enumerate("407") for line in drawn(digit, events=6, height=140, at=(160 * i, 0))]
    drawing = Drawing(tuple(np.array(line, np.float32) for line in lines))
    recognise = recogniser(artifact)
    readings = read_number(drawing, artifact, recognise)
    assert [reading.group and reading.group.strokes for reading in readings] == [(0, 1), (2,), (3,)]
    for reading in readings:
        assert reading.group is not None
        alone = Drawing(tuple(drawing.strokes[i] for i in reading.group.strokes))
        pixels = render(alone, (4, 4))
        assert pixels is not None
        np.testing.assert_array_equal(reading.pixels, pixels, strict=True)
        (expected,) = recognise(in_training_range(pixels[np.newaxis], artifact)).probabilities
        np.testing.assert_allclose(reading.probabilities, expected, rtol=1e-5)
        (again,) = read_pixels(pixels, artifact, recognise)
        assert again.group is None
        np.testing.assert_array_equal(again.probabilities, expected)


def test_a_drawing_is_taken_for_one_digit_where_that_is_asked(artifact: Artifact) -> None:
    lines = [np.array(line, np.float32) for line in ([[60, 20], [60, 80]], [[20, 20], [20, 80]])]
    drawing, recognise = Drawing((*lines, np.empty((0, 2), np.float32))), recogniser(artifact)
    assert len(read_number(drawing, artifact, recognise)) == 2
    (reading,) = read_number(drawing, artifact, recognise, single=True)
    assert reading.group is not None
    assert reading.group[:2] == ((0, 1), (20, 20, 60, 80))
    np.testing.assert_array_equal(reading.pixels, render(drawing, (4, 4)))


def test_numbers_below_one_another_come_from_above_each_in_a_row_of_its_own(artifact: Artifact) -> None:
    lines = [line for y, x in ((200, 160), (0, 0), (200, 0)) for line in drawn("0", events=6, height=140, at=(x, y))]
    drawing = Drawing(tuple(np.array(line, np.float32) for line in lines))
    readings = read_number(drawing, artifact, recogniser(artifact))
    assert [(reading.row, reading.group and reading.group.strokes) for reading in readings] == [
        (0, (1,)), (1, (2,)), (1, (0,)),
    ]  # fmt: skip
    assert number_of(readings, "abc", " / ") == "a / bc"


@pytest.mark.parametrize(("scores", "count"), [((0.99, 0.01), 1), ((0.01, 0.99), 2)])
def test_where_the_network_knows_what_is_no_digit_ink_is_divided_by_that_too(
    artifact: Artifact, scores: tuple[float, float], count: int
) -> None:
    lines = drawn("4", events=12, height=140, at=(0, 0))
    drawing = Drawing(tuple(np.array(line, np.float32) for line in lines))
    whole = render(drawing, (4, 4))

    def recognise(features: Features, _start: int = 0, _rows: int | None = None, /) -> Answers:
        are_whole = (np.asarray(features).round() == whole).all(axis=1)
        return Answers(np.tile([0.0, 1.0, 0.0], (len(features), 1)), np.where(are_whole, *scores))

    assert len(read_number(drawing, artifact, recognise)) == count


@pytest.mark.parametrize("single", [False, True])
def test_nothing_is_drawn(artifact: Artifact, single: bool) -> None:  # noqa: FBT001 -- both ways
    assert read_number(Drawing(()), artifact, recogniser(artifact), single=single) == ()


def test_an_answer_below_four_fifths_is_not_sure() -> None:
    assert is_sure(np.array([0.1, 0.8, 0.1]))
    assert not is_sure(np.array([0.11, 0.79, 0.1]))
    assert not is_sure(np.array([0.0, 1.0, 0.0]), doubtful=True)
    assert is_sure(np.array([0.0, 1.0, 0.0]), score=0.5)
    assert not is_sure(np.array([0.0, 1.0, 0.0]), score=0.49)


def test_a_network_of_other_rows_reads_no_drawings(artifact: Artifact) -> None:
    assert image_shape_of(artifact) == (4, 4)
    with pytest.raises(ConfigError, match="expected a model that reads images, found one of rows of 16 features"):
        read_number(Drawing(()), artifact._replace(image_shape=None), recogniser(artifact))
