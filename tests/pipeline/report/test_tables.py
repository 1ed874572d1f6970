"""Tables: every figure is there, whole, on a terminal of 80 columns and without colour."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from rich.console import Console, RenderableType

from pipeline.report.tables import (
    MATRIX_CLASSES,
    MISTAKES,
    augment_table,
    drawn_table,
    duration,
    evaluation_table,
    export_table,
    percent,
    prepare_table,
    show,
    sketch_table,
    training_table,
)
from pipeline.types import Calibration, Metrics


def shown(table: RenderableType, width: int = 80) -> list[list[str]]:
    """Return the words of each line of a table as a terminal shows it, empty lines left out."""
    paper = io.StringIO()
    show(table, Console(file=paper, width=width))
    assert width < 80 or all(len(line) <= width for line in paper.getvalue().splitlines())
    return [line.split() for line in paper.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize("width", [10, 30, 45, 59, 60])
def test_no_number_is_cut_however_narrow_the_terminal(width: int) -> None:
    metrics = counted(10)
    words = {word for line in shown(evaluation_table(metrics, list("0123456789")), width) for word in line}
    for i, row in enumerate(metrics.confusion):
        assert {f"{row.sum():,}", f"{row[i]:,}"} <= words
        assert f"{100 * row[i] / row.sum():.2f}" in words
    assert not any("…" in word for word in words)
    biggest = max(count for i, row in enumerate(metrics.confusion.tolist()) for j, count in enumerate(row) if i != j)
    assert str(biggest) in words


def test_a_matrix_that_is_too_wide_gives_way_to_the_commonest_mistakes() -> None:
    metrics = counted(10)
    for width, matrix in ((100, True), (80, True), (50, False)):
        words = [word for line in shown(evaluation_table(metrics, list("0123456789")), width) for word in line]
        assert ("taken" in words) is matrix
        assert ("commonest" in words) is not matrix


def counted(classes: int, seed: int = 0) -> Metrics:
    """Return made-up counts, with thousands on the diagonal."""
    random = np.random.default_rng(seed)
    confusion = random.integers(0, 9, (classes, classes))
    np.fill_diagonal(confusion, random.integers(1000, 1200, classes))
    return Metrics(int(confusion.sum()), int(np.trace(confusion)), 0.05321, confusion)


@given(st.integers(2, MATRIX_CLASSES), st.integers(0, 99))
def test_every_count_of_the_confusion_is_shown(classes: int, seed: int) -> None:
    metrics = counted(classes, seed)
    lines = shown(evaluation_table(metrics, [str(i) for i in range(classes)]))
    expected = [[str(i), *(str(count) if count else "·" for count in row)] for i, row in enumerate(metrics.confusion)]
    assert lines[-classes:] == expected
    assert lines[-classes - 2] == ["true", *map(str, range(classes))]


def test_accuracy_has_its_interval_and_its_counts() -> None:
    confusion = np.array([[5000, 69], [100, 4831]])
    lines = shown(evaluation_table(Metrics(10_000, 9831, 0.05321, confusion), ["a", "b"]))
    assert " ".join(lines[0]) == "accuracy 98.31 % (9,831 of 10,000; 95 % interval 98.04 % to 98.54 %)"
    assert lines[1:3] == [["wrong", "169"], ["loss", "0.0532"]]
    figures = [line for line in lines if line[0] in {"a", "b"}][:2]
    assert " ".join(figures[0]) == "a 5,069 5,000 98.04 % 98.64 % 98.34 %"
    assert " ".join(figures[1]) == "b 4,931 4,831 98.59 % 97.97 % 98.28 %"


def test_certainty_has_its_error_and_its_temperature() -> None:
    calibration = Calibration(1.23456, 0.0123, ())
    lines = shown(evaluation_table(counted(3)._replace(calibration=calibration), ["a", "b", "c"]))
    assert " ".join(lines[3]) == "calibration 1.23 % expected error (temperature 1.235)"
    lines = shown(evaluation_table(counted(3)._replace(n=8, correct=6, refused=2, others=(5, 4)), ["a", "b", "c"]))
    assert [" ".join(line) for line in lines[3:5]] == [
        "digits refused 25.00 % (2)",
        "others refused 80.00 % (4 of 5 that are no digits)",
    ]


def test_files_of_drawings_have_a_line_each() -> None:
    metrics, none = counted(2), Metrics(0, 0, 0.0, np.zeros((2, 2), np.int64))
    sure = metrics._replace(n=8, correct=6, calibration=Calibration(1.0, 0.0123, ()))
    files = [(Path("[red]/pen.jsonl"), sure, 3), (Path("empty.jsonl"), none, 0)]
    lines = [" ".join(line) for line in shown(evaluation_table(metrics, ["a", "b"], files))]
    assert "pen.jsonl 8 6 75.00 % 1.23 % 3" in lines
    assert "empty.jsonl 0 0 – – 0" in lines  # noqa: RUF001 -- a dash


def test_what_has_no_rows_has_a_dash() -> None:
    metrics = Metrics(3, 3, 0.1, np.array([[3, 0], [0, 0]]))
    assert ["b", "0", "0", "–", "–", "–"] in shown(evaluation_table(metrics, ["a", "b"]))  # noqa: RUF001 -- a dash


def test_many_classes_have_their_commonest_mistakes_listed() -> None:
    metrics = counted(MATRIX_CLASSES + 1)
    metrics.confusion[3, 7] = 999
    lines = shown(evaluation_table(metrics, [f"c{i}" for i in range(MATRIX_CLASSES + 1)]))
    assert lines[-MISTAKES] == ["c3", "c7", "999"]
    assert ["The", "commonest", "mistakes"] in lines


def test_names_are_no_markup_and_may_be_long() -> None:
    metrics = counted(4)
    lines = shown(evaluation_table(metrics, ["[red]", ":smile:", "a" * 200, "$"]))
    names = [line[0] for line in lines]
    assert names.count("[red]") == 2
    assert names.count(":smile:") == 2
    # However long the names, no count is cut.
    diagonal = {str(count) for count in np.diagonal(metrics.confusion)}
    assert diagonal <= {word for line in lines for word in line}


def test_prepared_rows_are_counted() -> None:
    split = {"rows": 60_000, "features": 784, "classes": 10, "sha256": "0123456789abcdef" * 4}
    document = {"out": "[out]", "source": "[CSV] files", "train": split, "test": {**split, "rows": 9}, "seconds": 1.26}
    lines = [" ".join(line) for line in shown(prepare_table(document))]
    assert lines[0] == "From [CSV] files"
    assert "train 60,000 784 10 0123456789abcdef…" in lines
    assert "test 9 784 10 0123456789abcdef…" in lines
    assert lines[-1] == "In [out], after 1.3 s"


@pytest.mark.parametrize(("validated", "text"), [(0.98123, "98.12 %"), (None, "–")])  # noqa: RUF001 -- a dash
def test_a_run_is_summed_up(validated: float | None, text: str) -> None:
    epoch = {"epoch": 12, "loss": 0.01234, "validation_accuracy": validated, "seconds": 1.017}
    document = {
        "model": "artifacts/[model].npz",
        "epochs": [{**epoch, "epoch": 11, "loss": 9.0}, epoch],
        "kept": 12,
        "test": {"n": 10_000, "correct": 9831, "accuracy": 0.9831},
        "seconds": 23.14,
        "compile_seconds": 3.4,
    }
    assert [" ".join(line) for line in shown(training_table(document))] == [
        "epochs 12, 1.02 s the last",
        "loss 0.0123",
        f"validation accuracy {text}",
        "test accuracy 98.31 % (9,831 of 10,000; 95 % interval 98.04 % to 98.54 %)",
        "time 23.1 s, 3.4 s of it to load or compile kernels",
        "model artifacts/[model].npz",
    ]
    stopped_early = [" ".join(line) for line in shown(training_table(document | {"kept": 11}))]
    assert stopped_early[:2] == ["epochs 12, 1.02 s the last; kept epoch 11", "loss 9.0000"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.345, "12.3 s"), (0.9996, "1e+03 ms"), (0.0123, "12.3 ms"), (1.234e-5, "12.3 µs")]
)
def test_times_are_in_a_unit_that_suits_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_shares_are_in_percent() -> None:
    assert (percent(0.98314), percent(1.5, 0), percent(0)) == ("98.31 %", "150 %", "0.00 %")


def test_what_commands_have_written_is_named_with_its_size() -> None:
    strength = {"rotation": 10.0, "elastic": 0.5}
    sheet = {"strength": strength, "images": 60_000, "seconds": 0.25, "sheet": "artifacts/sheet.png"}
    assert [" ".join(line) for line in shown(augment_table(sheet))] == [
        "strengths rotation 10, elastic 0.5",
        "distorted 60,000 in 250 ms, an epoch of the training rows",
        "drawn artifacts/sheet.png",
    ]
    drawn = {"source": "data/drawn.jsonl", "rows": 1200, "out": "artifacts/data"}
    assert shown(drawn_table(drawn))[1] == ["rows", "1,200"]
    sketches = {"sketches": "data/sketches.jsonl", "drawings": 3000, "labels": [1, 7], "kinds": {"digit": 3000}}
    assert shown(sketch_table(sketches))[1] == ["drawings", "3,000,", "of", "1,", "7"]
    copy = {"model": "digits.npz", "bytes": 123_456, "parameters": 50_000, "bits": 8, "temperature": 1.25}
    assert shown(export_table(copy))[1][:3] == ["size", "123,456", "bytes"]
