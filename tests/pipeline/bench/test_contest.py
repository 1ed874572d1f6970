"""Systems in processes of their own: compared first, timed in turns, and named if they can't be measured."""

import time
from pathlib import Path

import pytest

from pipeline.bench import contest as module, processes
from pipeline.bench.agreement import Disagreement
from pipeline.bench.contest import Program, contest
from pipeline.bench.networks import Setup
from pipeline.bench.processes import environment
from pipeline.bench.rows import Row
from pipeline.bench.system import SYSTEMS, Entry
from pipeline.errors import ScrawlError
from pipeline.types import Json
from tests.bench_data import CEILING, RELU, SIGMOID, small_work

WORK = small_work()
# Scrawl's kernels take seconds to load: where it does not matter who computes, NumPy stands in for them.
STAND_IN = {"scrawl": SYSTEMS["numpy"], "numpy": SYSTEMS["numpy"]}


def odd(name: str) -> Entry:
    return Entry(f"tests.systems.{name}", ("left-pad",))


@pytest.fixture(autouse=True)
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REST", 0)


def held(
    systems: dict[str, Entry], runs: int = 1, setups: tuple[Setup, ...] = (SIGMOID, RELU)
) -> tuple[list[Row], list[Json], list[str]]:
    """Return the rows of a contest, who is missing, and what was said."""
    said: list[str] = []
    rows, missing = contest(Program(systems, setups, runs), WORK, CEILING, said.append)
    return rows, missing, said


@pytest.mark.jit  # slow without it
def test_every_system_agrees_or_is_not_installed() -> None:
    rows, missing, _ = held(SYSTEMS, setups=(SIGMOID,))
    measured = {row.system for row in rows}
    assert {"scrawl", "numpy", "scikit-learn"} <= measured, "scikit-learn comes with mlxtend"
    assert measured | {line["system"] for line in missing} == set(SYSTEMS)
    assert all(line["reason"].startswith("not installed (pip install") for line in missing)


@pytest.mark.plain
def test_rounds_make_rows() -> None:
    rows, missing, _ = held(STAND_IN | {"predicting": odd("predicting")}, runs=3)
    assert not missing
    kinds = {(row.system, row.network, row.operation, row.images, row.batch) for row in rows}
    assert len(kinds) == len(rows) == 2 * (2 + 3 + 3), "two epochs, three predictions of many, and of one"
    assert ("predicting", "20-9-10", "predict", 300, 300) in kinds
    assert ("numpy", "20-9-7-10", "epoch", 60, 16) in kinds
    for row in rows:
        assert row.spread[0] <= row.spread[1]
        assert (row.compile_seconds is None) == (row.accuracy is None) == (row.operation == "predict")
        assert (row.ratio == 1.0) or row.system != "scrawl"


@pytest.mark.plain
def test_who_can_not_be_measured_is_named() -> None:
    odd_ones = {name: odd(name) for name in ("missing", "failing", "dying")}
    rows, missing, said = held(STAND_IN | odd_ones)
    reasons = {line["system"]: line["reason"] for line in missing}
    assert reasons["missing"] == "not installed (pip install left-pad): No module named 'nonexistent_library'"
    assert reasons["failing"] == "failed: ValueError: no such activation"
    assert reasons["dying"] == "its process died with exit code 7: out of luck"
    assert {row.system for row in rows} == {"scrawl", "numpy"}
    assert sum(line.startswith("not measured: ") for line in said) == 3


@pytest.mark.plain
def test_a_wrong_gradient_is_refused() -> None:
    with pytest.raises(Disagreement, match=r"wrong does not compute .* 20-9-10: layer 2's bias gradient is 0.001 of"):
        held(STAND_IN | {"wrong": odd("wrong")})


@pytest.mark.plain
def test_there_is_no_contest_without_scrawl() -> None:
    with pytest.raises(ScrawlError, match="scrawl can't be measured: not installed"):
        held(STAND_IN | {"scrawl": odd("missing")})


@pytest.mark.plain
def test_who_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    started = time.perf_counter()
    with processes.started({"stubborn": odd("stubborn")}, WORK, tmp_path, 1) as running:
        process = running["stubborn"].process
    assert process.exitcode
    assert time.perf_counter() - started < 30


def test_every_library_is_told_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("XLA_FLAGS", "--own")
    one, two = environment(1), environment(2)
    assert (one["OMP_NUM_THREADS"], two["OPENBLAS_NUM_THREADS"], two["NPROC"]) == ("1", "2", "2")
    assert one["XLA_FLAGS"] == "--own --xla_cpu_multi_thread_eigen=false"
    assert two["XLA_FLAGS"] == "--own --xla_cpu_multi_thread_eigen=true"
    assert one["PYTHONPATH"].endswith("elsewhere")
