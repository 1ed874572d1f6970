"""A table divided in training and test rows: all of them, each once, features and labels still together."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import DataError
from pipeline.prepare.sources.source import split_table
from tests.tables import rows_of, table_of


@given(
    labels=st.lists(st.integers(0, 2), min_size=6, max_size=60),
    fraction=st.floats(0.1, 0.9),
    seed=st.integers(0, 9),
    cut=st.integers(1, 30),
)
def test_every_row_is_on_one_side(labels: list[int], fraction: float, seed: int, cut: int) -> None:
    whole = np.array([*labels, 0, 0, 0, 0, 0, 0], np.uint8)
    table = table_of(np.arange(whole.size, dtype=np.float32)[:, None], whole, batch_rows=cut)
    train, test = split_table(table, fraction, seed)
    places = []
    for part in (train, test):
        features, found = rows_of(part)
        np.testing.assert_array_equal(found, part.labels)
        np.testing.assert_array_equal(whole[features[:, 0].astype(int)], found)
        assert np.all(np.diff(features[:, 0]) > 0)
        places += features[:, 0].tolist()
    assert sorted(places) == list(range(whole.size))
    assert set(train.labels) == set(whole)


def test_shares_and_seeds() -> None:
    labels = np.repeat(np.arange(3, dtype=np.uint8), (100, 50, 1))
    table = table_of(np.arange(151, dtype=np.float32)[:, None], labels)
    drawn = [split_table(table, 1 / 5, seed)[1] for seed in (0, 0, 1)]
    assert [np.bincount(test.labels, minlength=3).tolist() for test in drawn] == [[20, 10, 0]] * 3
    features = [rows_of(test)[0].tolist() for test in drawn]
    assert features[0] == features[1] != features[2]


@pytest.mark.parametrize(("labels", "fraction"), [([0, 1, 2, 3], 1 / 6), ([0, 0, 1, 1], 0.0)])
def test_nothing_to_hold_out(labels: list[int], fraction: float) -> None:
    table = table_of(np.zeros((4, 2), np.uint8), np.array(labels, np.uint8))
    with pytest.raises(DataError, match=r"table: expected a class of two rows or more, .* found single rows only"):
        split_table(table, fraction, 0)


def test_small_classes_give_one_row_each() -> None:
    table = table_of(np.zeros((5, 2), np.uint8), np.array([0, 0, 1, 1, 2], np.uint8))
    train, test = split_table(table, 1 / 6, 0)
    assert sorted(test.labels) == [0, 1]
    assert sorted(train.labels) == [0, 1, 2]
