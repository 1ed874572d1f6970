"""Timings are shown whole on a terminal of 80 columns."""

import pytest

from pipeline.bench.networks import NETWORKS
from pipeline.bench.rows import Task, bench_json, row_of
from pipeline.bench.tables import bench_markdown, bench_table, compact, latency_table, ratio_text
from pipeline.types import Json
from tests import bench_document
from tests.pipeline.report.test_tables import shown


def lines_of(document: Json) -> list[str]:
    return [" ".join(line) for line in shown(bench_table(document))]


def test_the_waits_at_the_board_are_shown() -> None:
    waits = {"first_paint_s": 0.2, "first_answer_s": 1.5, "strokes": 500, "p50_ms": 2.5, "p99_ms": 8.0, "max_ms": 1500}
    lines = [" ".join(line) for line in shown(latency_table(waits))]
    assert lines[1:3] == [
        "first stroke, drawn at once, to its answer 1.5 s",
        "stroke to answer, median of 500 2.5 ms",
    ]
    assert "first paint" in lines[0]
    assert "first paint" in next(" ".join(line) for line in shown(latency_table(waits | {"first_paint_s": None})))


def test_every_figure_is_shown() -> None:
    lines = lines_of(bench_document.whole())
    assert lines[:3] == [
        "CPU, 2 threads; medians; rows: MNIST",
        "sgemm, 1 thread 154 GFLOP/s",
        "memory, 2 threads 20 GB/s",
    ]
    assert "784-30-20-10, batch 15 (share: of sgemm; ratio: Scrawl's time over its)" in lines
    assert lines.count("epoch 60,000") == lines.count("predict 10,000") == lines.count("predict 1") == 4
    assert "scrawl 75 ms 800k 79.1 51 % 1 1 to 1" in lines
    assert "jax 675 ms 88.9k 8.79 6 % 1/9 1/9 to 1/9" in lines
    assert "onnxruntime 13.8 µs 72.7k 3.54 2 % 1/11 1/11 to 1/11" in lines
    assert "first epoch, compiling: scrawl 3.46 s, numpy 3.46 s, scikit-learn 3.46 s, torch" in lines
    assert any(line.startswith("accuracy after it: scrawl 94.12 %, numpy 94.12 %") for line in lines)
    assert lines[-1] == "not measured: theano: not installed (pip install theano): [No] module"


def test_growth_and_race_are_shown() -> None:
    lines = lines_of(bench_document.whole())
    assert "784-30-20-10 7,500 7.5 ms 1M 98.9 64 % –" in lines  # noqa: RUF001 -- what is shown where there is no figure
    assert "784-100-10 15,000 15 ms 1M 320 207 % 2.00 times" in lines
    assert "784-4096-10 60,000 4.1 s 14.6k 192 124 % 64.00 times" in lines
    assert "Process start to 98 % of the test images: 784-512-10, batch 128, 8 epochs" in lines
    assert "scrawl 4 s 3 s 5 s 98.21 % 1 1/1.11 to 1.1" in lines
    assert "numpy 5 s 4 s 6 s 97.99 %, too low 1/1.25 1/2.22 to 1.1" in lines


def test_kernels_alone_have_no_first_epochs() -> None:
    row = row_of("scrawl", Task(NETWORKS[0], "backward", 15), [1e-4], [1e-4], bench_document.LIMITS[0])
    lines = lines_of(bench_json([row], 1, "MNIST"))
    assert lines[-2:] == ["backward 15", "scrawl 100 µs 150k 7.54 5 % 1 1 to 1"]


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.1639, "1/6.1"), (1.0, "1"), (0.997, "0.997"), (1.4999, "1.5"), (0.005, "1/200")]
)
def test_ratios_are_fractions(ratio: float, text: str) -> None:
    assert ratio_text(ratio) == text


@pytest.mark.parametrize(
    ("number", "text"), [(12.3456, "12.3"), (352_499, "352k"), (1.26e6, "1.26M"), (2.5e9, "2.5G"), (999, "999")]
)
def test_large_numbers_are_short(number: float, text: str) -> None:
    assert compact(number) == text


def test_documents_get_a_line_for_each_network_and_a_column_for_each_system() -> None:
    lines = bench_markdown(bench_document.whole()).splitlines()
    heads = [line for line in lines if line.startswith(("| An epoch of 60,000", "| 10,000 images", "| One image"))]
    assert [head.count("onnxruntime") for head in heads] == [0, 1, 1]
    assert sum(line.startswith("| 784-30-20-10") for line in lines) == 4, "epochs, two predictions, growth"
    assert sum(line.startswith("| 784-30-20-10, 15 |") for line in lines) == 1, "a mini-batch matters to an epoch"
    assert any("675 ms (1/9)" in line for line in lines)


def test_documents_get_growth_and_the_race_where_they_were_measured() -> None:
    document = bench_document.whole()
    lines = bench_markdown(document).splitlines()
    assert lines[0].startswith("(CPU, 2 threads, 20")
    assert "| An epoch of | 7,500 rows | 15,000 rows | 30,000 rows | 60,000 rows |" in lines
    assert "| A hidden layer of | 16 units | 64 units | 4096 units |" in lines
    assert "| an epoch | 16 ms | 64 ms | 4.1 s |" in lines
    assert "| numpy | 5 s (1/1.25) | 97.99 % |" in lines
    assert len(bench_markdown(document | {"rows": [], "race": []}).splitlines()) == 1


def test_what_was_not_measured_leaves_a_gap() -> None:
    document = bench_document.whole()
    document["rows"] = [row for row in document["rows"] if (row["system"], row["network"]) != ("jax", "784-30-20-10")]
    line = next(line for line in bench_markdown(document).splitlines() if line.startswith("| 784-30-20-10, 15"))
    assert line.endswith("| – |")  # noqa: RUF001 -- what is shown where there is no figure


def test_what_distortions_cost_is_shown() -> None:
    figures = {
        "images": 60_000,
        "seconds": {"min": 0.3, "median": 0.33, "max": 0.4},
        "images_per_second": 181_818,
        "shares": [{"network": "784-512-10", "share": 0.5}],
    }
    document = bench_document.whole()
    lines = lines_of(document | {"distortion": figures})
    assert lines[lines.index("60,000 images distorted") + 1 :][:2] == [
        "all strengths as in training 330 ms, 182k images/s",
        "share of an epoch of 784-512-10 50 %",
    ]
    figures["edges_seconds"] = {"min": 0.1, "median": 0.2, "max": 0.3}
    assert "their edges found 200 ms" in lines_of(document | {"distortion": figures})
    without = {name: value for name, value in document.items() if name != "distortion"}
    assert "distorted" not in " ".join(lines_of(without)), "an older run has none"
