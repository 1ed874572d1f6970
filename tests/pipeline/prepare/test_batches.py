"""Batches cut anew: the same rows in the same order, so many at a time."""

import itertools

import numpy as np
from hypothesis import given, strategies as st

from pipeline.prepare.batches import GROUP_BYTES, GROUP_ROWS, group_rows, recut, recut_arrays
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


@given(sizes=st.lists(st.integers(0, 9)), rows=st.integers(1, 12))
def test_arrays_of_any_length_keep_their_rows_and_their_order(sizes: list[int], rows: int) -> None:
    bounds = list(itertools.accumulate(sizes, initial=0))
    whole = np.arange(bounds[-1] * 2, dtype=np.float32).reshape(-1, 2)
    pieces = [piece for (piece,) in recut_arrays(((whole[a:b],) for a, b in itertools.pairwise(bounds)), rows)]
    assert [len(piece) for piece in pieces[:-1]] == [rows] * (len(pieces) - 1)
    assert all(0 < len(piece) <= rows for piece in pieces)
    np.testing.assert_array_equal(np.concatenate([np.empty((0, 2), dtype=np.float32), *pieces]), whole)


def test_no_rows_are_no_batches() -> None:
    assert list(recut([], 5)) == []


@given(features=st.integers(1, 1 << 28), itemsize=st.sampled_from((1, 4)))
def test_groups_are_bounded_however_wide_the_rows(features: int, itemsize: int) -> None:
    rows = group_rows(features, itemsize)
    assert 1 <= rows <= GROUP_ROWS
    assert rows == 1 or rows * features * itemsize <= GROUP_BYTES


def test_mnist_passes_in_full_groups() -> None:
    assert group_rows(784, 4) == GROUP_ROWS
