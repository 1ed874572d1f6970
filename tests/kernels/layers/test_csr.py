"""Rows without their zeros: what is left out comes back, and in the same order."""

import numpy as np
import numpy.typing as npt
from hypothesis import given, strategies as st

from kernels.layers.csr import CsrBatch, csr_of, empty_csr, longest, prefetch_rows, to_csr, transpose, unfold
from kernels.layers.first_layer import DENSEST, features_in, has_many_zeros, stored
from tests.strategies import labelled_rows, seeds, sparse_rows

heights = st.integers(1, 12)
columns = st.integers(1, 70)


def full(matrix: CsrBatch, rows: int, width: int) -> npt.NDArray[np.float64]:
    """Return a matrix with its zeros."""
    out = np.zeros((rows, width))
    for i in range(rows):
        entries = slice(int(matrix.indptr[i]), int(matrix.indptr[i + 1]))
        assert (np.diff(matrix.indices[entries]) > 0).all(), "in order, and none twice"
        out[i, matrix.indices[entries]] = matrix.data[entries]
    return out


@given(seeds, heights, columns, st.integers(0, 9))
def test_chosen_rows_come_back_scaled_and_turned(seed: int, rows: int, width: int, chosen: int) -> None:
    features, _ = sparse_rows(seed, rows, width, 2)
    compressed = csr_of(features)
    picks = np.random.default_rng(seed).integers(0, rows, chosen)
    prefetch_rows(compressed, picks)  # changes nothing
    capacity = chosen * longest(compressed, picks)
    like = np.empty(0, np.float32)
    entries, pixels = empty_csr(chosen, capacity, like), empty_csr(width, capacity, like)
    unfold(compressed, picks, np.full(width, 1 / 256, np.float32), entries)
    transpose(entries, chosen, width, pixels)
    np.testing.assert_array_equal(full(entries, chosen, width), features[picks] / 256.0)
    np.testing.assert_array_equal(full(pixels, width, chosen), features[picks].T / 256.0)


@given(seeds, heights, columns, st.sampled_from([0, 7]))
def test_zeros_are_left_out_after_scaling(seed: int, rows: int, width: int, offset: int) -> None:
    features, _ = sparse_rows(seed, rows, width, 2)
    begin = rows // 3
    shift, scale = np.full(width, offset, np.float32), np.full(width, 1 / 64, np.float32)
    entries = empty_csr(rows, rows * width, np.empty(0))
    to_csr(features.reshape(-1), features.shape[1], begin, rows, shift, scale, entries)
    expected = (features[begin:].astype(float) - offset) / 64
    np.testing.assert_array_equal(full(entries, rows - begin, width), expected)
    assert int(entries.indptr[rows - begin]) == np.count_nonzero(expected)


def test_only_rows_of_many_zeros_that_stay_zeros_are_compressed() -> None:
    sparse, dense = sparse_rows(1, 50, 40, 2)[0], labelled_rows(1, 50, 40, 2)[0]
    none, same, differing = np.zeros(40, np.float32), np.ones(40, np.float32), np.linspace(1, 2, 40, dtype=np.float32)
    assert np.count_nonzero(sparse) < DENSEST * sparse.size < np.count_nonzero(dense)
    assert has_many_zeros(sparse, none, same)
    assert not has_many_zeros(dense, none, same)
    assert not has_many_zeros(sparse, same, same), "0 would no longer be 0"
    assert not has_many_zeros(sparse, none, differing), "entries have one scale"
    assert not has_many_zeros(sparse.astype(np.float32), none, same), "entries are bytes"
    assert features_in(stored(sparse, none, same)) == features_in(stored(dense, none, same)) == 40
    assert stored(dense, none, same) is dense
