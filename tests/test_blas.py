"""Matrix products on every layout a caller may hand over."""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from kernels.blas import PARALLEL_FLOPS, gemm, layout_of, matmul
from kernels.jit import jit
from kernels.types import Floats
from pipeline.threads import available_threads
from tests.strategies import matrix, seeds, widths


@jit
def compiled_gemm(a: Floats, b: Floats, out: Floats, alpha: float, beta: float) -> None:
    """Call `gemm` from compiled code: from Python, its specification would run instead."""
    gemm(a, b, out, alpha, beta)


dtypes = st.sampled_from([np.float32, np.float64])


def laid_out(values: npt.NDArray[Any], layout: str) -> npt.NDArray[Any]:
    """Return equal values, stored row by row, column by column, or as a window into something larger."""
    if layout == "rows":
        return np.ascontiguousarray(values)
    if layout == "columns":
        return np.asfortranarray(values)
    frame = np.full((values.shape[0] + 3, values.shape[1] + 5), np.nan, values.dtype)
    frame[1:-2, 2:-3] = values
    return frame[1:-2, 2:-3]


layouts = st.sampled_from(["rows", "columns", "window"])


@given(seeds, widths, widths, widths, dtypes, layouts, layouts, st.sampled_from(["rows", "window"]))
def test_gemm_equals_its_definition(
    seed: int,
    m: int,
    k: int,
    n: int,
    dtype: type[np.float32] | type[np.float64],
    layout_a: str,
    layout_b: str,
    layout_out: str,
) -> None:
    a: npt.NDArray[Any] = matrix(seed, m, k).astype(dtype)
    b: npt.NDArray[Any] = matrix(seed + 1, k, n).astype(dtype)
    out = laid_out(matrix(seed + 2, m, n).astype(dtype), layout_out)
    expected = 0.5 * a.astype(np.float64) @ b + 2.0 * out
    compiled_gemm(laid_out(a, layout_a), laid_out(b, layout_b), out, 0.5, 2.0)
    tolerance = 1e-5 if dtype is np.float32 else 1e-13
    np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance * k)


def test_gemm_with_beta_zero_ignores_what_out_held() -> None:
    out = np.full((3, 4), np.nan)
    compiled_gemm(np.ones((3, 2)), np.ones((2, 4)), out, 1.0, 0.0)
    np.testing.assert_array_equal(out, 2)


@pytest.mark.jit
@pytest.mark.parametrize("shape", [(197, 203, 401), (401, 203, 197)], ids=["wide", "tall"])
def test_large_products_are_the_same_to_the_bit_on_any_number_of_threads(shape: tuple[int, int, int]) -> None:
    m, k, n = shape
    assert 2 * m * k * n > PARALLEL_FLOPS, "or this would not test the parallel path"
    a, b = matrix(1, m, k).astype(np.float32), matrix(2, k, n).astype(np.float32)
    results = []
    for threads in range(1, available_threads() + 1):
        numba.set_num_threads(threads)
        out = np.empty((m, n), np.float32)
        matmul(a, b, out, 1.0, 0.0)
        results.append(out)
    np.testing.assert_allclose(results[0], a @ b, rtol=1e-4, atol=1e-4)
    assert all(result.tobytes() == results[0].tobytes() for result in results)


@pytest.mark.parametrize(("layout", "expected"), [("rows", (True, 5)), ("columns", (False, 4)), ("window", (True, 10))])
def test_the_layout_is_told_from_the_strides(layout: str, expected: tuple[bool, int]) -> None:
    assert layout_of(laid_out(np.zeros((4, 5)), layout)) == expected
