"""Steps on single vectors: against the twin over many steps, and with gradients that end."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels import reference
from kernels.functions.optimizers import Step, StepConstants, step_constants_from_python, update
from kernels.machine.jit import jit
from kernels.machine.simd import LANES, load
from kernels.types import OPTIMIZERS, Floats
from tests.strategies import matrix, optimizers, seeds

SMALLEST = float(np.finfo(np.float32).smallest_normal)


@jit
def one_step(constants: StepConstants, grad: Floats, value: Floats, first: Floats, second: Floats) -> None:
    """Take a step on a vector."""
    update(constants, load(grad, 0, 1), value, first, second, 0)


def rule_for(optimizer: str, number: int, like: Floats) -> StepConstants:
    return step_constants_from_python(Step(OPTIMIZERS[optimizer], number, 0.01, 0.9, 0.1), like)


@given(seeds, optimizers, st.integers(1, 20))
def test_steps_equal_the_twins(seed: int, optimizer: str, steps: int) -> None:
    value: Floats = matrix(seed, LANES)
    first, second = np.zeros(LANES), np.zeros(LANES)
    expected, memory = value.astype(np.float64), reference.Moments(np.zeros(LANES), np.zeros(LANES))
    for number in range(1, steps + 1):
        grad = matrix(seed + number, LANES).astype(np.float64)
        one_step(rule_for(optimizer, number, value), grad, value, first, second)
        expected, memory = reference.update(expected, grad, memory, optimizer, number, 0.01, 0.9, 0.1)
    np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov", "adamw"])
def test_what_is_remembered_fades_to_nothing(optimizer: str) -> None:
    """Numbers too small for a full exponent take a processor many times as long."""
    value = np.ones(LANES, np.float32)
    first, second = np.full(LANES, 1e-3, np.float32), np.full(LANES, 1e-6, np.float32)
    for number in range(1, 1001):
        # Down to the very range itself, too: its square has left it long before.
        grad = np.full(LANES, 1e-3 * 0.9**number, np.float32)
        one_step(rule_for(optimizer, number, value), grad, value, first, second)
        remembered = np.abs(np.concatenate([first, second]))
        assert ((remembered == 0) | (remembered >= SMALLEST)).all(), number
    assert (first == 0).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_undefined_gradient_is_no_zero(optimizer: str) -> None:
    value, memory = np.ones(LANES, np.float32), np.zeros((2, LANES), np.float32)
    one_step(rule_for(optimizer, 1, value), np.full(LANES, np.nan, np.float32), value, *memory)
    assert np.isnan(value).all()
