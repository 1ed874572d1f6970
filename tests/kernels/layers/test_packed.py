"""Padded widths, blocks of columns, and matrices there and back."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels.layers.packed import pack, pack_moments, unpack, unpack_moments
from kernels.machine.blocks import (
    ALIGNMENT,
    MOST_PARTS,
    aligned,
    block_start,
    blocks_in,
    from_blocks,
    padded,
    room_for,
    to_blocks,
)
from kernels.machine.simd import LANES
from kernels.params import empty_like, zeros_like
from kernels.types import OptimizerState
from tests.strategies import matrix, network, seeds


@given(st.integers(1, 5000))
def test_blocks_cover_a_padded_width_and_can_be_shared_by_two(columns: int) -> None:
    width = padded(columns)
    assert 0 <= width - columns < LANES
    starts = [block_start(width, block) for block in range(blocks_in(width) + 1)]
    assert (starts[0], starts[-1]) == (0, width)
    lanes = np.diff(starts)
    assert ((lanes > 0) & (lanes % LANES == 0) & (lanes <= MOST_PARTS * LANES)).all()
    assert lanes.max() - lanes.min() <= LANES
    assert blocks_in(width) == 1 or blocks_in(width) % 2 == 0


def test_no_columns_are_no_blocks() -> None:
    assert (padded(0), blocks_in(0)) == (0, 0)


@given(seeds, st.integers(0, 9), st.integers(1, 200), st.integers(0, 3))
def test_a_matrix_comes_back_from_its_blocks(seed: int, rows: int, columns: int, spare: int) -> None:
    values = matrix(seed, rows, columns)
    room = room_for(rows + spare, columns, np.float64)
    to_blocks(values, room, padded(columns))
    back = np.full_like(values, np.nan)
    from_blocks(room, padded(columns), back)
    np.testing.assert_array_equal(back, values)
    assert np.count_nonzero(room) == values.size, "what pads is 0"


@given(seeds, st.lists(st.sampled_from([1, 10, 16, 30, 100, 130]), min_size=2, max_size=4))
def test_a_network_comes_back_as_it_was(seed: int, sizes: list[int]) -> None:
    params = network(seed, tuple(sizes))
    state = OptimizerState(zeros_like(params), empty_like(params))
    for before, after in zip(
        [params, *state], [unpack(pack(params)), *unpack_moments(pack_moments(state))], strict=True
    ):
        for old, new in zip(before, after, strict=True):
            np.testing.assert_array_equal(new.weight, old.weight)
            np.testing.assert_array_equal(new.bias, old.bias)
            assert new.weight.shape == old.weight.shape


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 17, 4096])
def test_room_begins_at_a_line_of_the_cache(dtype: type, count: int) -> None:
    room = aligned(count, np.empty(0, dtype))
    assert room.dtype == dtype
    assert (room.size, room.ctypes.data % ALIGNMENT) == (count, 0)
