"""Batches cut anew: the same rows in the same order, so many at a time."""

import numpy as np
from hypothesis import given, strategies as st

from pipeline.prepare.batches import GROUP_BYTES, GROUP_ROWS, group_rows, recut
from tests.tables import rows_of, table_of


@given(rows=st.integers(1, 60), cut=st.integers(1, 70), step=st.integers(1, 70))
def test_rows_stay_and_batches_are_as_asked(rows: int, cut: int, step: int) -> None:
    table = table_of(
        np.arange(3 * rows, dtype=np.float32).reshape(rows, 3), np.arange(rows, dtype=np.uint8), (), None, cut
    )
    batches = list(recut(table.batches(), step))
    sizes = [batch.labels.size for batch in batches]
    assert sizes == [step] * (rows // step) + [rows % step] * (rows % step > 0)
    again = table._replace(batches=lambda: iter(batches))
    for ours, theirs in zip(rows_of(again), rows_of(table), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_no_rows_are_no_batches() -> None:
    assert list(recut([], 5)) == []


@given(features=st.integers(1, 1 << 28), itemsize=st.sampled_from((1, 4)))
def test_groups_are_bounded_however_wide_the_rows(features: int, itemsize: int) -> None:
    rows = group_rows(features, itemsize)
    assert 1 <= rows <= GROUP_ROWS
    assert rows == 1 or rows * features * itemsize <= GROUP_BYTES


def test_mnist_passes_in_full_groups() -> None:
    assert group_rows(784, 4) == GROUP_ROWS
