"""What is timed is the same work for both systems, and the figures add up."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from kernels.types import Layer
from pipeline.bench import numpy_network
from pipeline.bench.machine import Ceiling, cpu_name, machine, memory_ceiling, sgemm_ceiling
from pipeline.bench.run import NETWORKS, Row, as_plain, bench, bench_json, label_of, measured, tasks
from pipeline.bench.timing import Contender, Seconds, summary, time_in_turns
from pipeline.bench.work import BLACK, synthetic_work, work_for
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.threads import using_threads
from tests import twins
from tests.strategies import labelled_rows, network, seeds

WORK = synthetic_work(300)
CEILING = Ceiling("sgemm", 1, 100.0, Seconds(1, 1, 1))


@settings(max_examples=10)
@given(seeds)
def test_the_numpy_network_equals_the_twin(seed: int) -> None:
    params = network(seed, (20, 9, 7, 4))
    features, labels = labelled_rows(seed, 33, 20, 4)
    batches = np.split(np.arange(33), range(8, 33, 8))
    result = numpy_network.train_epoch(as_plain(params), (features, labels), batches, 0.3)
    rows = [(features[chosen] / 255.0, labels[chosen]) for chosen in batches]
    expected, _ = twins.train(twins.plain(params), rows, [0.3] * len(rows), "sigmoid", "cross-entropy", "sgd", 0, 0)
    for layer, twin in zip(result, expected, strict=True):
        np.testing.assert_allclose(layer[0], twin[0], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(layer[1], twin[1], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("sizes", "batch"), NETWORKS)
def test_both_systems_do_the_same_work(sizes: tuple[int, ...], batch: int) -> None:
    with using_threads(1):
        _, _, epoch, predict = tasks(sizes, batch, WORK)
        ours, theirs = epoch.scrawl(), epoch.numpy()
        np.testing.assert_array_equal(predict.scrawl(), predict.numpy())
    for layer, twin in zip(ours.params, theirs, strict=True):  # type: ignore[attr-defined,call-overload] # of object
        assert isinstance(layer, Layer)
        np.testing.assert_allclose(layer.weight, twin[0], rtol=1e-3, atol=1e-4)


def test_a_row_adds_up() -> None:
    task = tasks((784, 30, 20, 10), 15, WORK)[0]
    with using_threads(1):
        ours, theirs = measured((784, 30, 20, 10), 15, task, CEILING, runs=2)
    assert (ours.system, theirs.system, theirs.ratio) == ("scrawl", "numpy", 1.0)
    assert ours.ratio == ours.seconds.median / theirs.seconds.median
    assert ours.images_per_second == pytest.approx(15 / ours.seconds.median)
    assert ours.gflops == pytest.approx(15 * 2 * (784 * 30 + 30 * 20 + 20 * 10) / ours.seconds.median / 1e9)
    assert ours.share == pytest.approx(ours.gflops / 100)
    assert ours.seconds.min <= ours.seconds.median <= ours.seconds.max


def test_operations_are_counted_layer_by_layer() -> None:
    assert numpy_network.flops_forward((4, 3, 2)) == 2 * (12 + 6)
    assert numpy_network.flops_backward((4, 3, 2)) == 2 * (12 + 6) + 2 * 6, "the pixels' derivative is not wanted"


def test_the_document_names_machine_ceilings_and_rows() -> None:
    row = Row("scrawl", "784-100-10", "epoch", 32, Seconds(1.0, 2.0, 3.0), 10.0, 5.0, 0.1, 0.5)
    document = bench_json([CEILING, row], 2, "digits")
    assert document["ceiling"] == [{**CEILING._asdict(), "seconds": {"min": 1, "median": 1, "max": 1}}]
    assert document["rows"] == [{**row._asdict(), "seconds": {"min": 1.0, "median": 2.0, "max": 3.0}}]
    assert {"cpu", "cores", "threads", "python", "numpy", "numba", "blas"} <= set(machine(2))
    assert label_of(row) == "784-100-10, epoch: scrawl"
    assert label_of(CEILING) == "sgemm on 1 thread(s)"


def test_contenders_take_turns() -> None:
    calls: list[str] = []
    contenders = {name: Contender(lambda name=name: calls.append(name), 1) for name in "ab"}  # type: ignore[misc] # a default argument binds the name
    times = time_in_turns(contenders, runs=3)
    assert set(times) == {"a", "b"}
    changes = sum(first != second for first, second in pairwise(calls))
    assert changes == 2 * 4 - 1, "both are tried out, then there are three rounds of both"


def test_the_median_is_the_middle() -> None:
    assert summary([3.0, 1.0, 9.0]) == Seconds(1.0, 3.0, 9.0)


@pytest.mark.parametrize("measure", [sgemm_ceiling, memory_ceiling])
def test_ceilings_are_measured(measure: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.bench.machine.MATRIX", 64)
    monkeypatch.setattr("pipeline.bench.machine.STREAM", 1 << 12)
    ceiling = measure(2, 1)  # type: ignore[operator] # either of the two
    assert ceiling.threads == 2
    assert ceiling.rate > 0


def test_made_up_images_are_as_sparse_as_digits(tmp_path: Path) -> None:
    work, source = work_for(tmp_path / "none", 1000)
    assert abs((work.features == 0).mean() - BLACK) < 0.01
    assert sorted(work.order) == list(range(1000))
    assert source.startswith("made-up images")


@pytest.mark.parametrize(("pixels", "expected"), [(784, "rows.csv"), (64, "made-up images")])
def test_prepared_digits_serve_if_they_suit(tmp_path: Path, pixels: int, expected: str) -> None:
    rows = np.random.default_rng(0).integers(0, 256, (60, pixels + 1))
    rows[:, 0] = np.arange(60) % 10
    np.savetxt(tmp_path / "rows.csv", rows, fmt="%d", delimiter=",")
    prepare(PrepareRequest(out=tmp_path / "data", train=tmp_path / "rows.csv"))
    work, source = work_for(tmp_path / "data", 1000)
    assert expected in source
    assert work.features.shape == (1000, 784)
    if pixels == 784:
        assert {bytes(row) for row in work.features} <= {bytes(row.astype(np.uint8)) for row in rows[:, 1:]}


def test_the_processor_is_named(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("processor: 0\nmodel name\t: Fast One\n")
    assert cpu_name(info) == "Fast One"
    info.write_text("processor: 0\n")
    assert cpu_name(info) == cpu_name(tmp_path / "none") != ""


def test_ceilings_come_first_and_every_network_gets_every_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.bench.machine.MATRIX", 64)
    monkeypatch.setattr("pipeline.bench.machine.STREAM", 1 << 12)
    monkeypatch.setattr("pipeline.bench.timing.SETTLE", 0)
    monkeypatch.setattr("pipeline.bench.timing.SHORTEST", 1e-6)
    monkeypatch.setattr("pipeline.bench.run.NETWORKS", (((784, 3, 10), 15), ((784, 2, 10), 30)))
    results = list(bench(synthetic_work(40), 1, 1))
    labels = [label_of(result) for result in results]
    assert labels[:2] == ["sgemm on 1 thread(s)", "memory on 1 thread(s)"]
    assert len(set(labels)) == len(labels) == 2 + 2 * 4 * 2
