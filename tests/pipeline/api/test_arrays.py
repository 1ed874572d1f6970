"""What comes in from Python is checked as what comes in from a file."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.api.arrays import checked_dataset, checked_rows
from pipeline.errors import DataError
from pipeline.types import Artifact
from tests.digits import blobs

ROWS = blobs(rows=20).features
WHITE = 255


@pytest.fixture(scope="module")
def white(images: Artifact) -> float:
    """Return the brightest pixel that the model has learned from."""
    return 1 / float(images.scaling.scale.max())


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        ROWS.reshape(-1, 4, 4),
        ROWS.astype(np.int64),
        ROWS.astype(np.float64),
        ROWS.astype(np.float16),
        ROWS.tolist(),
        np.asfortranarray(ROWS),
        np.repeat(ROWS, 2, axis=0)[::2],
        np.broadcast_to(ROWS, (1, *ROWS.shape))[0],
    ],
    ids=["bytes", "images", "integers", "floats", "halves", "lists", "by column", "strided", "read-only"],
)
def test_all_ways_to_hold_the_same_rows_are_one(images: Artifact, rows: npt.ArrayLike) -> None:
    found = checked_rows(images, rows, None)
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous
    assert np.array_equal(found, ROWS)


@pytest.mark.parametrize("one", [ROWS[0], ROWS[0].reshape(4, 4)], ids=["row", "image"])
def test_a_single_one_counts_as_one_row(images: Artifact, one: npt.ArrayLike) -> None:
    assert np.array_equal(checked_rows(images, one, None), ROWS[:1])


def test_pixels_from_0_to_1_are_scaled_if_that_is_said(images: Artifact, white: float) -> None:
    scaled = (ROWS / np.float32(white)).astype(np.float32).clip(0, 1)
    assert np.array_equal(checked_rows(images, scaled, 1), ROWS.clip(0, round(white)))
    assert checked_rows(images, np.full((1, 16), 0.3), np.float32(1)).dtype == np.float32


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (ROWS / 255, "numbers from 0"),
        (ROWS / 16, "to 15."),
        (ROWS.astype(int) * 256, "numbers from"),
        (ROWS / 128 - 1.0, "numbers from -"),
    ],
    ids=["0 to 1", "0 to 16", "16 bits", "standardised"],
)
def test_pixels_on_another_scale_are_refused(images: Artifact, rows: npt.ArrayLike, found: str) -> None:
    with pytest.raises(DataError, match=rf"expected grey levels from 0 .*{found}.*brightest="):
        checked_rows(images, rows, None)


def test_what_is_said_of_white_must_be_true(images: Artifact) -> None:
    with pytest.raises(DataError, match=r"from 0 .paper. to 1 .ink."):
        checked_rows(images, ROWS, 1)


@pytest.mark.parametrize("brightest", [0, -1, float("nan"), float("inf"), True, "1"])
def test_white_is_a_number_above_0(images: Artifact, brightest: Any) -> None:  # noqa: ANN401 -- nonsense of all kinds
    with pytest.raises(DataError, match="brightest: expected a number above 0"):
        checked_rows(images, ROWS, brightest)


def test_blank_images_and_none_at_all_are_rows(images: Artifact) -> None:
    assert checked_rows(images, np.zeros((2, 4, 4)), None).shape == (2, 16)
    assert checked_rows(images, np.zeros((0, 4, 4)), None).shape == (0, 16)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS[:, :15], r"expected an array (n, 16) or images (n, 4, 4); found one of shape (20, 15)"),
        (ROWS.reshape(-1, 2, 8), "found one of shape (20, 2, 8)"),
        (np.float64(3), "found one of shape ()"),
        ([], "found one of shape (0,)"),
        ([[1, 2], [3]], "expected rows of one length"),
        (ROWS.astype(object), "found values of type object"),
        (ROWS.astype(str), "found values of type <U"),
        (ROWS + 1j, "found values of type complex128"),
        (np.where(np.eye(20, 16) > 0, np.nan, ROWS), "expected finite numbers that float32 holds; found nan at [0, 0]"),
        (ROWS * 1e300, "found "),
        (np.ma.masked_equal(ROWS, 3), "found a masked one"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_no_such_row_is_refused(images: Artifact, rows: npt.ArrayLike, message: str) -> None:
    with pytest.raises(DataError, match=rf"rows: .*{re.escape(message)}"):
        checked_rows(images, rows, None)


def test_rows_of_a_table_may_be_any_numbers(table: Artifact) -> None:
    rows = ROWS - 0.5
    assert np.array_equal(checked_rows(table, rows, None), rows.astype(np.float32))
    assert checked_rows(table, ROWS > 100, None).dtype == np.uint8
    with pytest.raises(DataError, match="brightest: expected a model that reads images"):
        checked_rows(table, rows, 1)
    with pytest.raises(DataError, match=r"expected an array \(n, 16\); found one of shape \(20, 4, 4\)"):
        checked_rows(table, rows.reshape(-1, 4, 4), None)


LABELS = np.arange(20) % 3


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (LABELS, ("0", "1", "2")),
        (LABELS * 10.0 - 10, ("-10", "0", "10")),
        ([("b", "a", "c")[label] for label in LABELS], ("a", "b", "c")),
        (LABELS > 0, ("False", "True")),
        (np.array([str(label) for label in LABELS], object), ("0", "1", "2")),
        (np.array([str(label) for label in LABELS], np.dtypes.StringDType()), ("0", "1", "2")),
    ],
)
def test_labels_become_classes_in_order(labels: npt.ArrayLike, names: tuple[str, ...]) -> None:
    dataset = checked_dataset(ROWS, labels, None)
    assert dataset.class_names == names
    assert dataset.labels.dtype == np.uint8
    written = [str(int(label) if isinstance(label, float) else label) for label in np.asarray(labels).tolist()]
    assert [names[i] for i in dataset.labels] == written


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS[:19], r"expected one for each of 20 rows; found an array of shape (19,)"),
        (np.eye(20), r"found an array of shape (20, 20)"),
        (LABELS / 2, "Scrawl tells classes apart"),
        (np.where(LABELS > 0, 1, np.nan), "found none at [0]"),
        ([None, *"ab" * 9, "a"], "found none at [0]"),
        ([*"ab" * 9, "a", " "], "found none at [19]"),
        (LABELS.astype("S"), "type |S"),
    ],
)
def test_labels_that_are_no_classes_are_refused(labels: npt.ArrayLike, message: str) -> None:
    with pytest.raises(DataError, match=rf"labels: .*{re.escape(message)}"):
        checked_dataset(ROWS, labels, None)


def test_more_classes_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(DataError, match="at most 1024 classes; found 2000 values"):
        checked_dataset(np.zeros((2000, 2)), np.arange(2000), None)


@pytest.mark.parametrize(
    ("features", "given", "shape"),
    [
        (np.ones((20, 4, 4)), None, (4, 4)),
        (np.ones((20, 4, 4)), (4, 4), (4, 4)),
        (np.ones((20, 16)), (2, 8), (2, 8)),
        (np.ones((20, 16)), None, None),
        (np.ones((20, 64)), None, (8, 8)),
        (np.full((20, 64), 0.5), None, None),
    ],
)
def test_what_are_images(features: npt.ArrayLike, given: Any, shape: Any) -> None:  # noqa: ANN401 -- shapes
    assert checked_dataset(features, LABELS, given).image_shape == shape


@pytest.mark.parametrize(
    ("features", "given", "message"),
    [
        (np.ones((20, 16)), (4, 5), "image_shape: expected that of the rows; found (4, 5)"),
        (np.ones((20, 16)), (16,), "image_shape"),
        (np.ones((20, 16)), (-4, -4), "image_shape"),
        (np.ones((20, 4, 4)), (2, 8), "image_shape"),
        (np.ones((20, 2, 2, 3)), None, "features: expected an array (n, d), or images"),
        (np.ones(20), None, "features: expected an array (n, d), or images"),
        (np.ones((0, 16)), None, "features: expected an array (n, d), or images"),
        (np.ones((20, 16)) * np.inf, None, "features: expected finite numbers"),
        (np.broadcast_to(np.uint8(1), (20, 1025, 1024)), None, "features: expected images of at most 1,048,576 pixels"),
    ],
)
def test_features_that_are_none_are_refused(features: npt.ArrayLike, given: Any, message: str) -> None:  # noqa: ANN401 -- shapes
    with pytest.raises(DataError, match=re.escape(message)):
        checked_dataset(features, LABELS, given)
