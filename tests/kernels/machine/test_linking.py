"""Machine code is made for what Python calls, and for nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

KERNELS = """
import numba
import numpy as np
from numba.core.codegen import CPUCodeLibrary
from kernels.machine.jit import jit, jit_bare, jit_inline, jit_parallel

built = []
finish = CPUCodeLibrary._finalize_final_module
CPUCodeLibrary._finalize_final_module = lambda self: (built.append(self.name.split(".")[-1]), finish(self))[1]

@jit_inline
def step(x: float) -> float:
    return x + 1

@jit_bare
def fill(out: np.ndarray) -> None:
    for i in range(out.size):
        out[i] = step(i)

@jit
def room(size: int) -> np.ndarray:
    if size > 9:
        raise ValueError("too large")
    return np.zeros(size)

@jit_parallel
def shared(out: np.ndarray) -> None:
    for i in numba.prange(out.size):
        out[i] = step(out[i])

@jit
def whole(size: int) -> float:
    out = room(size)
    fill(out)
    shared(out)
    return out.sum()
"""


CALLS = """
from some import *
print(whole(3), [name for name in built if name in globals()])
print(room(2), step(2.0))
out = np.zeros(2)
fill(out)
print(out)
try:
    whole(10)
except ValueError as error:
    print(error)
"""
SAID = ["9.0 ['whole']", "[0. 0.] 3.0", "[1. 2.]", "too large"]


@pytest.mark.jit
def test_only_what_python_calls_becomes_machine_code_and_the_rest_can_be_called_still(tmp_path: Path) -> None:
    """Compiled, and from the cache, where what a kernel calls, its threads and its errors are to be found again."""
    (tmp_path / "some.py").write_text(KERNELS, encoding="utf-8")
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", CALLS], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.stdout.splitlines() == SAID, done.stderr
