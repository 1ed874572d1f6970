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


def run(code: str, folder: Path) -> str:
    """Return what a process prints that compiles the kernels above."""
    (folder / "some.py").write_text(KERNELS, encoding="utf-8")
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    done = subprocess.run(
        [sys.executable, "-c", f"from some import *\n{code}"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.jit
def test_only_what_python_calls_becomes_machine_code(tmp_path: Path) -> None:
    code = "print(whole(3), [name for name in built if name in globals()])"
    assert run(code, tmp_path) == "9.0 ['whole']\n"
    assert run(code, tmp_path) == "9.0 ['whole']\n", "from the cache, with what it calls, and threads"


@pytest.mark.jit
def test_a_kernel_that_others_call_can_be_called_from_python_too(tmp_path: Path) -> None:
    code = "print(whole(2), room(2), step(2.0)); out = np.zeros(2); fill(out); print(out)"
    for _ in range(2):
        assert run(code, tmp_path) == "5.0 [0. 0.] 3.0\n[1. 2.]\n"


@pytest.mark.jit
def test_an_error_in_a_kernel_that_has_no_machine_code_of_its_own_arrives(tmp_path: Path) -> None:
    code = "try:\n    whole(10)\nexcept ValueError as error:\n    print(error)"
    for _ in range(2):
        assert run(code, tmp_path) == "too large\n"
