"""What is timed is the same work for both systems, and the figures add up."""

from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.bench import contest, kernels
from pipeline.bench.data import BLACK, work_for
from pipeline.bench.document import load_document
from pipeline.bench.kernels import calls, growth_rows, kernel_rows
from pipeline.bench.machine import Ceiling, cpu_name, machine, memory_ceiling, sgemm_ceiling
from pipeline.bench.networks import NETWORKS, Setup, name_of
from pipeline.bench.rows import Task, bench_json, label_of, row_of
from pipeline.bench.run import Request, bench
from pipeline.bench.system import SYSTEMS, Entry
from pipeline.bench.timing import Seconds, summary, time_in_turns
from pipeline.errors import ArtifactError, DataError
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.threads import using_threads
from tests.bench_data import CEILING, RELU, SIGMOID, small_work
from tests.pipeline.prepare.store.test_arrays import TRAIN, stored
from tests.tables import table_of

TINY = (Setup((784, 3, 10), 15), Setup((784, 4, 2, 10), 30, "relu", "adamw", 1e-3))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let measurements take no longer than they must."""
    monkeypatch.setattr("pipeline.bench.machine.MATRIX", 64)
    monkeypatch.setattr("pipeline.bench.machine.STREAM", 1 << 12)
    monkeypatch.setattr("pipeline.bench.timing.SETTLE", 0)
    monkeypatch.setattr("pipeline.bench.timing.SHORTEST", 1e-6)
    monkeypatch.setattr(contest, "REST", 0)


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of prepared images with 28x28 pixels, and stand beside it."""
    monkeypatch.chdir(tmp_path)
    return made(tmp_path / "data", 784)


def made(folder: Path, pixels: int) -> Path:
    """Prepare random rows in ten classes."""
    rows = np.random.default_rng(0).integers(0, 256, (60, pixels + 1))
    rows[:, 0] = np.arange(60) % 10
    np.savetxt(folder.with_suffix(".csv"), rows, fmt="%d", delimiter=",")
    prepare(PrepareRequest(out=folder, train=folder.with_suffix(".csv")))
    return folder


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("setup", [*NETWORKS[:2], RELU, SIGMOID], ids=lambda setup: "-".join(map(str, setup.sizes)))
def test_both_systems_do_the_same_work(setup: Setup) -> None:
    with using_threads(1):
        _, _, epoch, predict = calls(setup, small_work(pixels=setup.sizes[0]))
        ours, theirs = epoch.scrawl(), epoch.numpy()
        np.testing.assert_array_equal(predict.scrawl(), predict.numpy())
    for layer, twin in zip(ours, theirs, strict=True):  # type: ignore[call-overload] # likewise
        np.testing.assert_allclose(layer.weight, twin[0], rtol=1e-3, atol=1e-4)


@pytest.mark.plain  # likewise
@pytest.mark.usefixtures("quick")
def test_every_network_gets_every_operation() -> None:
    with using_threads(1):
        rows = list(kernel_rows((SIGMOID, RELU), small_work(), CEILING, 1))
    assert len({label_of(row) for row in rows}) == len(rows) == 2 * 4 * 2
    assert {row.batch for row in rows if row.operation == "predict"} == {300}
    assert {row.batch for row in rows if row.operation != "predict"} == {8, 16}


def test_a_row_adds_up() -> None:
    task = Task(Setup((784, 30, 20, 10), 15), "forward", 15)
    row = row_of("numpy", task, [2.0, 4.0, 8.0], [1.0, 1.0, 4.0], CEILING)
    assert (row.network, row.operation, row.batch, row.images) == ("784-30-20-10", "forward", 15, 15)
    assert row.seconds == Seconds(2.0, 4.0, 8.0)
    assert (row.ratio, row.spread) == (0.25, (0.25, 0.5))
    assert row.images_per_second == 15 / 4
    assert row.gflops == pytest.approx(15 * 2 * (784 * 30 + 30 * 20 + 20 * 10) / 4 / 1e9)
    assert row.share == pytest.approx(row.gflops / 100)


def test_the_document_names_machine_ceilings_and_rows() -> None:
    row = row_of("scrawl", Task(SIGMOID, "epoch", 60), [2.0], [2.0], CEILING)
    document = bench_json([CEILING, row], 2, "digits")
    assert document["ceiling"] == [{**CEILING._asdict(), "seconds": {"min": 1, "median": 1, "max": 1}}]
    assert document["rows"] == [{**row._asdict(), "seconds": {"min": 2.0, "median": 2.0, "max": 2.0}}]
    assert (document["race"], document["not_measured"]) == ([], [])
    assert document["date"].endswith("+00:00")
    assert {"cpu", "cores", "threads", "python", "numpy", "numba", "blas"} <= set(machine(2))
    assert label_of(row) == "20-9-10, epoch of 60: scrawl"
    assert label_of(CEILING) == "sgemm on 1 thread(s)"


def test_contenders_take_turns() -> None:
    made_calls: list[str] = []
    times = time_in_turns({name: partial(made_calls.append, name) for name in "ab"}, runs=3)
    assert [len(times[name]) for name in "ab"] == [3, 3]
    changes = sum(first != second for first, second in pairwise(made_calls))
    assert changes == 2 * 4 - 1, "both are tried out, then there are three rounds of both"


def test_a_long_call_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.bench.timing.SHORTEST", 0)
    made_calls: list[None] = []
    time_in_turns({"long": lambda: made_calls.append(None)}, runs=3)
    assert len(made_calls) == 2 + 3, "once to compile, once to see how long it takes, and three runs"


def test_the_median_is_the_middle() -> None:
    assert summary([3.0, 1.0, 9.0]) == Seconds(1.0, 3.0, 9.0)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("measure", [sgemm_ceiling, memory_ceiling])
def test_ceilings_are_measured(measure: object) -> None:
    ceiling: Ceiling = measure(2, 1)  # type: ignore[operator] # either of the two
    assert ceiling.threads == 2
    assert ceiling.rate > 0


def test_made_up_images_are_as_sparse_as_digits(in_tmp_path: Path) -> None:
    work, source = work_for(None, 1000)
    assert not list(in_tmp_path.iterdir())
    assert abs((work.features == 0).mean() - BLACK) < 0.01
    assert sorted(work.order) == list(range(1000))
    assert source.startswith("made-up images")
    assert (work.test_features.shape, work.test_labels.shape) == ((10_000, 784), (10_000,))
    assert np.bincount(work.labels, minlength=10).min() > 10, "every class occurs"


@pytest.mark.jit  # slow without it
def test_prepared_digits_serve(prepared: Path) -> None:
    work, source = work_for(prepared, 1000)
    assert "data.csv" in source
    assert work.features.shape == (1000, 784)
    assert work.test_features.shape == (10, 784)
    assert len({bytes(row) for row in work.features}) == 50


def test_other_data_serve_only_if_nobody_asked_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "artifacts").mkdir()
    made(Path("artifacts/data"), 64)
    assert work_for(None, 1000)[1].startswith("made-up images")
    with pytest.raises(ArtifactError, match=r"artifacts/data: expected images of 784 uint8 pixels .* found rows of 64"):
        work_for(Path("artifacts/data"), 1000)


def test_a_class_beyond_the_tenth_does_not_serve_though_only_a_test_row_is_of_it(tmp_path: Path) -> None:
    names = tuple(map(str, range(13)))
    odd = table_of(np.zeros((10, 784), np.uint8), np.arange(3, 13, dtype=np.uint8), names, (28, 28))
    with pytest.raises(ArtifactError, match=r"in at most 10 classes, found rows of 784 uint8 in 13 classes"):
        work_for(stored(tmp_path, TRAIN._replace(class_names=names), odd), 1000)


@pytest.mark.parametrize("asked", [None, "artifacts/data", "atrifacts"])
def test_a_folder_without_data_is_an_error(in_tmp_path: Path, asked: str | None) -> None:
    (in_tmp_path / "artifacts" / "data").mkdir(parents=True)
    with pytest.raises(ArtifactError, match=f"no prepared data in {asked or 'artifacts/data'}"):
        work_for(Path(asked) if asked else None, 1000)


def test_the_processor_is_named(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("processor: 0\nmodel name\t: Fast One\n")
    assert cpu_name(info) == "Fast One"
    info.write_text("processor: 0\n")
    assert cpu_name(info) == cpu_name(tmp_path / "none") != ""


@pytest.mark.jit  # slow without it
@pytest.mark.usefixtures("quick")
def test_growth_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "WIDTHS", (2, 4))
    with using_threads(1):
        rows = list(growth_rows((SIGMOID, RELU), small_work(rows=64), CEILING, 1))
    grown = [(row.series, row.network, row.images) for row in rows]
    assert grown[:4] == [("rows", "20-9-10", images) for images in (8, 16, 32, 64)]
    assert grown[-2:] == [("width", "20-2-10", 64), ("width", "20-4-10", 64)]
    assert {(row.system, row.operation) for row in rows} == {("scrawl", "epoch")}


@pytest.mark.plain  # what is measured is compared in other tests
@pytest.mark.usefixtures("quick")
def test_without_parts_the_kernels_are_measured(in_tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.bench.data.MADE_UP_TEST", 10)
    said: list[str] = []
    document = bench(Request(None, 30, 1, threads=1), said.append, setups=TINY[:1])
    assert not list(in_tmp_path.iterdir())
    assert said[:2] == ["measured sgemm on 1 thread(s)", "measured memory on 1 thread(s)"]
    assert len(said) == len(set(said)) == 2 + 4 * 2 + 1
    assert {row["system"] for row in document["rows"]} == {"scrawl", "numpy"}
    distortion = document["distortion"]
    assert distortion["edges_seconds"]["median"] > 0
    assert distortion["images_per_second"] == pytest.approx(30 / distortion["seconds"]["median"])
    assert [line["network"] for line in distortion["shares"]] == [name_of(TINY[0])]
    epochs = [row for row in document["rows"] if (row["system"], row["operation"]) == ("scrawl", "epoch")]
    for line, row in zip(distortion["shares"], epochs, strict=True):
        both = distortion["seconds"]["median"] + row["seconds"]["median"]
        assert line["share"] * both == pytest.approx(distortion["seconds"]["median"])


@pytest.mark.plain  # likewise
@pytest.mark.usefixtures("quick")
def test_parts_can_be_combined(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "WIDTHS", (2,))
    systems = {name: SYSTEMS[name] for name in ("scrawl", "numpy")}
    systems["odd"] = Entry("tests.systems.missing", ("left-pad",))
    systems["predicting"] = Entry("tests.systems.predicting", ("numpy",), trains=False)
    request = Request(prepared, 16, 1, threads=1, peers=True, race=True, growth=True)
    document = bench(request, lambda _: None, systems, TINY[:1], (TINY[0], 1))
    assert [row["series"] for row in document["rows"]].count("rows") == 4
    assert {row["operation"] for row in document["rows"] if row["series"] is None} == {"epoch", "predict"}
    assert [line["system"] for line in document["race"]] == ["scrawl", "numpy"]
    assert [line["system"] for line in document["not_measured"]] == ["odd"], "named once"
    assert set(document["machine"]["systems"]) == {"numba", "numpy"}
    assert document["distortion"] is None, "a part that nobody asked for"


def test_there_is_no_race_without_digits(in_tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no prepared data"):
        bench(Request(None, 1000, 1, race=True), print)
    assert not list(in_tmp_path.iterdir())
    (in_tmp_path / "artifacts").mkdir()
    made(Path("artifacts/data"), 64)
    with pytest.raises(ArtifactError, match="expected images of 784"):
        bench(Request(None, 1000, 1, race=True), print)


@pytest.mark.parametrize("text", ["", "[]", '{"rows": []}', None])
def test_figures_of_an_earlier_run_are_looked_at(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "bench.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataError, match="expected what `bench --json` prints"):
        load_document(path)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_figures_that_could_not_be_printed_again_are_refused(tmp_path: Path, number: str) -> None:
    path = tmp_path / "bench.json"
    path.write_text(f'{{"machine": [1.5, {number}]}}', encoding="utf-8")
    with pytest.raises(DataError, match=f"a number that is not finite, {number}"):
        load_document(path)
