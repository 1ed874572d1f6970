"""Batches kept and cut anew: the same rows in the same order, so many at a time."""

import errno
import itertools
import os
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import OutputError
from pipeline.prepare.batches import (
    FLOATS,
    GROUP_BYTES,
    GROUP_ROWS,
    Spool,
    clear,
    group_rows,
    recut,
    spool_in,
    spool_rows,
    spooled_rows,
)


@given(sizes=st.lists(st.integers(0, 9)), rows=st.integers(1, 12))
def test_rows_stay_and_batches_are_as_asked(sizes: list[int], rows: int) -> None:
    bounds = list(itertools.accumulate(sizes, initial=0))
    whole = np.arange(bounds[-1] * 2, dtype=np.float32).reshape(-1, 2)
    pieces = list(recut((whole[a:b] for a, b in itertools.pairwise(bounds)), rows))
    assert [len(piece) for piece in pieces[:-1]] == [rows] * (len(pieces) - 1)
    assert all(0 < len(piece) <= rows for piece in pieces)
    np.testing.assert_array_equal(np.concatenate([np.empty((0, 2), dtype=np.float32), *pieces]), whole)


@given(features=st.integers(1, 1 << 28), itemsize=st.sampled_from((1, 4)))
def test_groups_are_bounded_however_wide_the_rows(features: int, itemsize: int) -> None:
    rows = group_rows(features, itemsize)
    assert 1 <= rows <= GROUP_ROWS
    assert rows == 1 or rows * features * itemsize <= GROUP_BYTES


def test_mnist_passes_in_full_groups() -> None:
    assert group_rows(784, 4) == GROUP_ROWS


def test_a_spool_gives_back_what_was_put_in_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.prepare.batches.GROUP_ROWS", 2)
    rows = np.arange(10, dtype=np.float32).reshape(5, 2)
    with spool_in(tmp_path / "a" / "b") as spool:
        spool_rows(spool, rows.astype(np.uint8))
        clear(spool)
        spool_rows(spool, rows[:3])
        spool_rows(spool, rows[3:])
        found = list(spooled_rows(spool, 2, FLOATS))
    assert [len(batch) for batch in found] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(found), rows)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 -- the names alone


def test_no_space_for_a_spool(tmp_path: Path) -> None:
    full = mock.Mock(write=mock.Mock(side_effect=OSError(errno.ENOSPC, "No space left")))
    with pytest.raises(OutputError, match=f"{tmp_path}: can't be written: No space left"):
        spool_rows(Spool(full, tmp_path), np.zeros((1, 1), np.uint8))


def test_no_place_for_a_spool(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="file: can't be written"), spool_in(tmp_path / "file"):
        pass
