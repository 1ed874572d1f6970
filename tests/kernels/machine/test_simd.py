"""The vector type: compiled, every operation does what its definition in plain Python says."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels.machine.jit import jit
from kernels.machine.simd import (
    LANES,
    Array,
    add,
    broadcast,
    broadcast_like,
    compress,
    convert,
    count_nonzero,
    divide,
    flush_small,
    fma,
    fma_outer,
    iota,
    load,
    load_like,
    load_rows,
    maximum,
    multiply,
    prefetch,
    repeat,
    sqrt,
    store,
    store_rows,
    subtract,
    transpose,
)
from kernels.machine.vectors import has_wide_registers
from tests.strategies import matrix, seeds

ROOT = Path(__file__).parents[3]
dtypes = st.sampled_from([np.float32, np.float64])
offsets = st.integers(0, 5)


@jit
def arithmetic(a: Array, b: Array, at: int, out: Array) -> None:
    """Use every operation on two vectors of two parts; what is wanted stands in `expected`."""
    x, y = load(a, at, 2), load(b, at, 2)
    store(out, 0, add(x, y))
    store(out, 32, multiply(x, y))
    store(out, 64, divide(x, y))
    store(out, 96, sqrt(multiply(x, x)))
    store(out, 128, fma(x, y, load_like(a, 0, x)))
    store(out, 160, broadcast(a[at], 2))
    store(out, 192, broadcast_like(0.1, y))
    store(out, 224, repeat(load(b, at, 1), 2))
    store(out, 256, subtract(x, y))
    store(out, 288, maximum(x, y))
    store(out, 288, flush_small(x, 0.5))
    prefetch(a, at)


def expected(a: Array, b: Array, at: int) -> list[Array]:
    """Return what `arithmetic` is to write."""
    x, y = a[at : at + 32], b[at : at + 32]
    tenth = np.full(32, 0.1, a.dtype)
    large = np.where(np.abs(x) < 0.5, 0, x)
    return [x + y, x * y, x / y, np.abs(x), x * y + a[:32], np.full(32, x[0]), tenth, np.tile(y[:16], 2), x - y, large]


@given(seeds, offsets, dtypes)
def test_arithmetic_equals_plain_arrays(seed: int, at: int, dtype: type[np.float32] | type[np.float64]) -> None:
    a: Array = matrix(seed, 40).astype(dtype)
    b: Array = matrix(seed + 1, 40).astype(dtype)
    out: Array = np.full(320, np.nan, dtype)
    arithmetic(a, b, at, out)
    # A fused multiply-add does not round in between: where its terms cancel, that shows.
    tolerance = 4 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(out, np.concatenate(expected(a, b, at)), rtol=tolerance, atol=4 * tolerance)


@jit
def outer(a: Array, at: int, stride: int, b: Array, out: Array, out_stride: int) -> None:
    """Add an outer product to a tile of three rows of ones, and write it row by row."""
    tile = repeat(broadcast(b.dtype.type(1), 2), 3)
    store_rows(out, at, out_stride, fma_outer(a, at, stride, load(b, at, 2), tile), 2)


@given(seeds, offsets, st.integers(1, 4), st.integers(32, 40), dtypes)
def test_a_tile_takes_an_outer_product(
    seed: int, at: int, stride: int, out_stride: int, dtype: type[np.float32] | type[np.float64]
) -> None:
    a: Array = matrix(seed, 20).astype(dtype)
    b: Array = matrix(seed + 1, 40).astype(dtype)
    out: Array = np.full(150, np.nan, dtype)
    outer(a, at, stride, b, out, out_stride)
    rows = np.array([out[at + i * out_stride : at + i * out_stride + 32] for i in range(3)])
    tolerance = 4 * float(np.finfo(dtype).eps)
    wanted = 1 + np.outer(a[at : at + 2 * stride + 1 : stride], b[at : at + 32])
    np.testing.assert_allclose(rows, wanted, rtol=tolerance, atol=8 * tolerance)
    assert np.isnan(out[:at]).all(), "nothing else is written"


@jit
def transposed(a: Array, at: int, stride: int, out: Array) -> None:
    """Transpose 16 rows of 16 numbers."""
    store_rows(out, 0, LANES, transpose(load_rows(a, at, stride)), 1)


@given(seeds, offsets, st.integers(16, 20), dtypes)
def test_a_square_is_transposed(seed: int, at: int, stride: int, dtype: type[np.float32] | type[np.float64]) -> None:
    a: Array = matrix(seed, 400).astype(dtype)
    out: Array = np.full(256, np.nan, dtype)
    transposed(a, at, stride, out)
    rows = np.array([a[at + i * stride : at + i * stride + LANES] for i in range(LANES)])
    np.testing.assert_array_equal(out.reshape(LANES, LANES), rows.T)


@jit
def sifted(a: Array, at: int, values: Array, places: Array) -> int:
    """Write the numbers that are not 0 and their places, and return how many they are."""
    numbers = load(a, at, 1)
    store(values, 0, compress(numbers, numbers))
    store(places, 0, compress(iota(places, at), numbers))
    return count_nonzero(numbers)


@given(seeds, offsets, st.floats(0, 1), dtypes)
def test_what_is_not_zero_moves_together(
    seed: int, at: int, density: float, dtype: type[np.float32] | type[np.float64]
) -> None:
    a: Array = np.where(np.random.default_rng(seed).random(40) < density, matrix(seed, 40), 0).astype(dtype)
    values, places = np.full(LANES, np.nan, dtype), np.full(LANES, -1, np.int32)
    found = sifted(a, at, values, places)
    wanted = at + np.flatnonzero(a[at : at + LANES])
    np.testing.assert_array_equal(places[:found], wanted)
    np.testing.assert_array_equal(values[:found], a[wanted])
    assert found == wanted.size


@jit
def converted(source: Array, at: int, out: Array) -> None:
    """Convert 16 numbers."""
    store(out, 0, convert(load(source, at, 1), out))


@given(
    seeds,
    offsets,
    st.sampled_from(
        [
            (np.uint8, np.float32),
            (np.uint8, np.float64),
            (np.uint16, np.int32),
            (np.float32, np.float32),
            (np.float32, np.float64),
            (np.float64, np.float32),
        ]
    ),
)
def test_numbers_become_others(seed: int, at: int, types: tuple[type[Any], type[Any]]) -> None:
    kind, target = types
    source: Array = np.random.default_rng(seed).integers(0, 256, 30).astype(kind)
    out = np.zeros(LANES, target)
    converted(source, at, out)
    np.testing.assert_array_equal(out, source[at : at + LANES].astype(target))


@pytest.mark.long
@pytest.mark.jit
@pytest.mark.parametrize("processor", ["x86-64", *["haswell"] * has_wide_registers()])
def test_narrower_registers_do_as_well(tmp_path: Path, processor: str) -> None:
    """Kernels for older processors, which have no vectors of 16 numbers, or no instruction for `a b + c`.

    A processor without the former is one like Haswell itself, which all other tests try.
    """
    environment = {
        **os.environ, "NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(tmp_path),
        "NUMBA_NUM_THREADS": "1",
    }  # fmt: skip
    tests = [
        "tests/kernels/machine/test_simd.py::test_arithmetic_equals_plain_arrays",
        "tests/kernels/machine/test_simd.py::test_a_square_is_transposed",
        "tests/kernels/machine/test_simd.py::test_what_is_not_zero_moves_together",
        "tests/kernels/layers/test_dense.py::test_layers_equal_their_twins",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
