"""exp and tanh in float32: within their bounds over the whole range, and in vector registers of any width."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from kernels import reference
from kernels.functions.activations import activation_forward
from kernels.machine.elementary import exp, exp32, tanh, tanh32
from kernels.machine.jit import jit
from kernels.types import ACTIVATIONS, Floats
from tests.strategies import activations, matrix, seeds

ROOT = Path(__file__).parents[3]
STRIDE = 65_521  # a prime: every exponent and sign comes up, with fractions all over their range


@jit
def exp_of(values: Floats, out: Floats) -> None:
    for i in range(values.size):
        out[i] = exp(values[i])


@jit
def tanh_of(values: Floats, out: Floats) -> None:
    for i in range(values.size):
        out[i] = tanh(values[i])


def float32s() -> npt.NDArray[np.float32]:
    """Return numbers from the whole range: both zeros, denormals, infinities and NaN among them."""
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 88.72283, 88.72284, -87.33654], np.float32)
    near = np.linspace(-90, 90, 20_001, dtype=np.float32)
    return np.concatenate([special, near, np.arange(0, 2**32, STRIDE, dtype=np.uint32).view(np.float32)])


def errors(found: npt.NDArray[np.float32], exact: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the errors in units in the last place; below the smallest normal number, in units of that."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        unit = np.maximum(np.spacing(np.abs(exact.astype(np.float32))), np.finfo(np.float32).tiny)
        same = np.isclose(found, exact.astype(np.float32), rtol=0, atol=0, equal_nan=True)
        return np.where(same, 0.0, np.abs(found - exact) / unit)


def check_the_bounds() -> None:
    """Compare both functions with float64's over the whole range."""
    x = float32s()
    out = np.empty_like(x)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        exp_of(x, out)
        assert errors(out, np.exp(x.astype(np.float64))).max() <= 2
        tanh_of(x, out)
        assert errors(out, np.tanh(x.astype(np.float64))).max() <= 3


@pytest.mark.jit
def test_both_stay_within_their_bounds() -> None:
    check_the_bounds()


@pytest.mark.jit
def test_a_processor_with_narrow_registers_and_no_fma_stays_within_them_too(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    code = "from tests.kernels.machine.test_elementary import check_the_bounds; check_the_bounds()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.jit
@pytest.mark.parametrize("function", [exp_of, tanh_of])
def test_a_loop_over_them_is_vectorised(function: Any) -> None:  # noqa: ANN401 -- numba's dispatchers have no type
    compiled = numba.njit(function.py_func)  # anew: what comes from the cache can't be looked into
    compiled(np.zeros(3, np.float32), np.zeros(3, np.float32))
    assert any("x float> @llvm.floor" in code for code in compiled.inspect_llvm().values())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("x", [0.0, -0.0, 1.0, -3.5, 88.0, 100.0, -100.0, np.inf, -np.inf])
def test_the_polynomials_are_plain_python_too(x: float) -> None:
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(exp32(np.float32(x)), np.exp(np.float32(x)), rtol=3e-7, atol=1.2e-38)
    np.testing.assert_allclose(tanh32(np.float32(x)), np.tanh(np.float32(x)), rtol=3e-7)
    assert np.isnan(exp32(np.float32(np.nan)))
    assert np.isnan(tanh32(np.float32(np.nan)))


@given(seeds, activations, st.floats(0, 1e4))
def test_activations_in_float32_equal_their_twins(seed: int, activation: str, size: float) -> None:
    x = (size * matrix(seed, 4, 37)).astype(np.float32)
    values = x.copy()
    activation_forward(values.reshape(-1), ACTIVATIONS[activation])
    np.testing.assert_allclose(values, reference.activate(x.astype(np.float64), activation), rtol=5e-7, atol=1.2e-38)
