"""A setting that numba can't take is refused by name, at every entrance."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import environment
from pipeline.environment import check_environment
from pipeline.errors import ConfigError

ROOT = Path(__file__).parents[2]


HARMLESS = {"NUMBA_CACHE_DIR": "kernels", "NUMBA_DISABLE_JIT": "1"}
CLI, GUI = ["cli.py", "predict", "none.png"], ["-m", "gui"]


@pytest.mark.parametrize(
    ("entrance", "setting"),
    [
        (CLI, "NUMBA_NUM_THREADS=0"),
        (CLI, "NUMBA_THREADING_LAYER=none"),
        (CLI, "NUMBA_OPT=banana"),
        (GUI, "NUMBA_NUM_THREADS=0"),
    ],
    ids=["threads", "layer", "level", "at the board"],
)
def test_what_numba_refuses_is_named(entrance: list[str], setting: str) -> None:
    name, value = setting.split("=")
    done = subprocess.run(
        [sys.executable, *entrance],
        cwd=ROOT, env={**os.environ, name: value}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert setting in line
    assert "numba can't start: " in line
    assert "Unset" in line


@pytest.mark.parametrize(
    "error", [ValueError("no such layer"), RuntimeError("no threads"), RuntimeWarning("no number")]
)
def test_whatever_numba_says_is_told_with_the_settings(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> int:
        raise error

    monkeypatch.setattr(environment, "available_threads", failing)
    with pytest.raises(ConfigError, match=f"^NUMBA_A=1, NUMBA_B=2 in the environment: .*: {error}\\."):
        check_environment({"NUMBA_B": "2", "NUMBA_A": "1", "HOME": "/", "NUMBA_CACHE_DIR": "1"})


def test_one_that_numba_names_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "available_threads", lambda: 1_000_000_000)
    with pytest.raises(ConfigError, match=r"^NUMBA_NUM_THREADS=1000000000 in .* 1 to 1024; found 1000000000\."):
        check_environment({"NUMBA_NUM_THREADS": "1000000000", "NUMBA_OPT": "2"})
    with pytest.raises(ConfigError, match=r"^NUMBA_CPU_FEATURES=avx2 in .* such as \+avx2,-fma\."):
        check_environment({"NUMBA_CPU_FEATURES": "avx2", "NUMBA_OPT": "2"})


@pytest.mark.parametrize("settings", [{}, HARMLESS, {"NUMBA_CPU_FEATURES": "", "NUMBA_OPT": "2"}])
def test_what_numba_takes_is_taken(settings: dict[str, str]) -> None:
    check_environment(settings)


def test_what_harms_nobody_costs_no_import() -> None:
    """The board's window comes before numba, which takes half a second."""
    code = (
        f"from pipeline.environment import *; check_environment({HARMLESS}); import sys; print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_long_value_does_not_fill_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "available_threads", lambda: 1_000_000_000)
    with pytest.raises(ConfigError) as caught:
        check_environment({"NUMBA_CPU_NAME": "x " * 10_000})
    assert len(str(caught.value)) < 600
