"""The commands as a user types them: what they print, where, and how they end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cli import main
from pipeline.bench.machine import Ceiling
from pipeline.bench.rows import bench_json
from pipeline.bench.run import Request
from pipeline.bench.timing import Seconds
from pipeline.train.narrate import Stopped
from pipeline.train.request import occupied
from pipeline.types import Json
from tests.digits import blobs

ROOT = Path(__file__).parents[1]
TRAIN = ["train", "--filters", "0", "--hidden", "8", "--epochs", "2", "--batch-size", "16", "--seed", "1"]


@pytest.fixture
def folder(in_tmp_path: Path) -> Path:
    """Return an empty working folder with a CSV of 4x4 images in three classes."""
    dataset = blobs(rows=120)
    rows = np.column_stack([dataset.labels, dataset.features])
    header = ",".join(["label", *(f"pixel{i}" for i in range(16))])
    np.savetxt(in_tmp_path / "rows.csv", rows, fmt="%d", delimiter=",", header=header, comments="")
    return in_tmp_path


def result_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> Json:
    """Run a command that has to succeed, and return the one JSON document that it printed."""
    capsys.readouterr()
    code = main([*arguments, "--json"])
    output, errors = capsys.readouterr()
    assert code == 0, errors
    document: Json = json.loads(output)
    return document


def failure_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command that has to fail; return its exit code and what it says."""
    capsys.readouterr()
    code = main(list(arguments))
    output, errors = capsys.readouterr()
    assert code != 0
    assert output == ""
    assert "Traceback" not in errors
    return code, errors


def told(errors: str) -> list[str]:
    """Return the lines on stderr but for that which says which model answers."""
    return [line for line in errors.splitlines() if not line.startswith("model: ")]


@pytest.fixture
def prepared(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    result_of(capsys, "prepare", "--train", "rows.csv")
    return folder


@pytest.fixture
def trained(prepared: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    result_of(capsys, *TRAIN)
    return prepared


def test_prepare_says_what_it_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = result_of(capsys, "prepare", "--train", "rows.csv")
    assert document["out"] == "artifacts/data"
    assert "rows.csv" in document["source"]
    assert (document["train"]["rows"], document["test"]["rows"]) == (99, 21)
    assert (document["train"]["features"], document["train"]["classes"]) == (16, 3)
    assert len(document["train"]["sha256"]) == 64
    assert document["seconds"] > 0
    made = {path.name for path in (folder / "artifacts" / "data").glob("[!.]*")}
    assert made == {"train.parquet", "test.parquet", "arrays.npz", "manifest.json"}


def test_train_leaves_its_files_and_reports(prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = result_of(capsys, *TRAIN)
    assert document["model"] == "artifacts/model/model.npz"
    assert [epoch["epoch"] for epoch in document["epochs"]] == [1, 2]
    assert set(document["epochs"][0]) == {"epoch", "loss", "validation_accuracy", "seconds"}
    test = document["test"]
    assert test["n"] == 21
    assert test["accuracy"] == test["correct"] / 21
    assert document["seconds"] >= document["compile_seconds"] >= 0
    made = {path.name for path in (prepared / "artifacts" / "model").glob("[!.]*")}
    assert made == {"model.npz", "checkpoint.npz", "history.parquet", "config.json", "curves.png"}


def test_sweep_searches_and_says_what_it_found(
    prepared: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (prepared / "sweep.toml").write_text("filters = 0\ndistortion = 0\nepochs = 1\nbatch_size = [8, 16, 32]\n")
    sweep = ["sweep", "--config", "sweep.toml"]
    document = result_of(capsys, *sweep, "--trials", "2")
    assert (document["out"], len(document["trials"])) == ("artifacts/sweep", 2)
    code, errors = failure_of(capsys, *sweep)
    assert (code, "--resume" in errors, "--overwrite" in errors) == (2, True, True)
    assert main([*sweep, "--trials", "3", "--resume", "--storage", "sqlite:///none.db"]) == 1
    assert "there is no sweep to go on with" in capsys.readouterr().err
    assert main([*sweep, "--trials", "3", "--resume"]) == 0
    output, errors = capsys.readouterr()
    assert "The best 3 of 3 trials (3 complete)" in output
    assert errors.startswith("trial 2 (3 of 3): ")
    monkeypatch.setattr("pipeline.sweep.run.run_sweep", lambda *_: Stopped(signal.SIGTERM))
    assert main(sweep) == 143


def test_an_existing_run_is_not_overwritten_unless_asked(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = trained / "artifacts" / "model" / "model.npz"
    before = model.read_bytes()
    code, errors = failure_of(capsys, *TRAIN, "--seed", "2")
    assert code == 2
    assert "--resume" in errors
    assert "--overwrite" in errors
    assert model.read_bytes() == before
    result_of(capsys, *TRAIN, "--seed", "2", "--overwrite")
    assert model.read_bytes() != before


@pytest.mark.parametrize("way", ["--resume", "--overwrite"])
def test_two_runs_in_one_folder_are_refused(trained: Path, capsys: pytest.CaptureFixture[str], way: str) -> None:
    before = (trained / "artifacts" / "model" / "checkpoint.npz").read_bytes()
    with occupied(Path("artifacts/model")):
        code, errors = failure_of(capsys, "train", way)
    assert (code, "artifacts/model: another process is training in this folder" in errors) == (2, True)
    assert (trained / "artifacts" / "model" / "checkpoint.npz").read_bytes() == before


def test_resuming_a_finished_run_changes_nothing(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = trained / "artifacts" / "model" / "model.npz"
    before = model.read_bytes()
    assert len(result_of(capsys, "train", "--resume")["epochs"]) == 2
    assert model.read_bytes() == before


def test_resuming_with_other_options_or_other_data_is_refused(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, errors = failure_of(capsys, "train", "--resume", "--epochs", "3")
    assert (code, "began with epochs 2 (now 3)" in errors) == (2, True)
    code, errors = failure_of(capsys, "train", "--resume", "--preset", "original")
    assert (code, "began with hidden (8,) (now (30, 20))" in errors) == (2, True)
    result_of(capsys, "prepare", "--train", "rows.csv", "--seed", "5")
    code, errors = failure_of(capsys, "train", "--resume")
    assert (code, "began with other data" in errors) == (1, True)
    assert (trained / "artifacts" / "model" / "model.npz").exists()


def test_there_is_nothing_to_resume_in_an_empty_folder(prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, errors = failure_of(capsys, "train", "--resume")
    assert (code, "no run to go on with" in errors) == (1, True)
    assert not (prepared / "artifacts" / "model").exists()


def test_early_stopping_says_which_epoch_it_kept(prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--patience", "1", "--epochs", "50", "--learning-rate", "0.5", "--schedule", "constant"]
    assert main([*TRAIN, *options]) == 0
    assert "by its validation loss" in capsys.readouterr().err
    assert (prepared / "artifacts" / "model" / "model.npz").exists()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # without the JIT, NumPy warns of what is tested here
def test_divergence_keeps_the_run_that_was_there(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = trained / "artifacts" / "model" / "model.npz"
    before = model.read_bytes()
    code, errors = failure_of(
        capsys, *TRAIN, "--overwrite", "--optimizer", "sgd", "--schedule", "constant", "--learning-rate", "1e38"
    )
    assert (code, "no longer a finite number" in errors) == (1, True)
    assert model.read_bytes() == before


@pytest.mark.usefixtures("trained")
def test_evaluate_counts(capsys: pytest.CaptureFixture[str]) -> None:
    document = result_of(capsys, "evaluate")
    assert document["files"] == []
    assert {"n", "correct", "accuracy", "loss", "confusion", "seconds", "ece", "temperature"} < set(document)
    bins = document["reliability"]
    error = sum(each["n"] * abs(each["accuracy"] - each["confidence"]) for each in bins) / document["n"]
    assert document["ece"] == pytest.approx(error)
    low, high = document["interval"]
    assert 0 <= low <= document["accuracy"] <= high <= 1
    assert [figure["name"] for figure in document["classes"]] == ["0", "1", "2"]
    assert document["n"] == sum(map(sum, document["confusion"])) == 21
    assert document["correct"] == sum(document["confusion"][i][i] for i in range(3))
    assert result_of(capsys, "evaluate", "--split", "train")["n"] == 99
    assert main(["evaluate"]) == 0
    output = capsys.readouterr().out
    assert "21" in output
    assert f"(temperature {document['temperature']:.3f})" in output


def test_every_command_says_which_model_answers(prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (prepared / "one.jsonl").write_text('{"strokes": [[[0, 0], [5, 9], [9, 20]]]}')
    bundled = prepared / "artifacts" / "pretrained" / "digits.npz"
    bundled.parent.mkdir()
    commands = ["evaluate"], ["predict", "one.jsonl"], ["export", "--out", "copy.npz", "--overwrite"]

    def answering() -> set[str]:
        told = set()
        for command in commands:
            assert main(command) == 0
            told.add(capsys.readouterr().err)
        return told

    demonstration = [*TRAIN, "--overwrite", "--no-remember", "--out", "artifacts/quick"]
    share = result_of(capsys, *demonstration)["test"]
    (prepared / "artifacts" / "quick" / "model.npz").rename(bundled)
    counted = f"({100 * share['accuracy']:.2f} % of 21 test rows)\n"
    result_of(capsys, *demonstration)
    assert answering() == {f"model: the bundled one, artifacts/pretrained/digits.npz {counted}"}
    result_of(capsys, *TRAIN, "--out", "artifacts/kaggle")
    assert answering() == {f"model: artifacts/kaggle/model.npz {counted}"}
    result_of(capsys, *demonstration)
    assert answering() == {f"model: artifacts/kaggle/model.npz {counted}"}
    result_of(capsys, *demonstration[:-1], "artifacts/kaggle")
    assert answering() == {f"model: the bundled one, artifacts/pretrained/digits.npz {counted}"}
    assert main(["predict", "one.jsonl", "--model", str(bundled)]) == 0
    assert capsys.readouterr().err == f"model: {bundled} {counted}"


def test_a_model_of_another_kind_does_not_answer(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (trained / "artifacts" / "pretrained").mkdir()
    (trained / "artifacts" / "model" / "model.npz").rename(trained / "artifacts" / "pretrained" / "digits.npz")
    (trained / "table.csv").write_text("\n".join(["kind,a,b", *(f"{i % 2},{i},{i * i % 7}.5" for i in range(40))]))
    (trained / "one.jsonl").write_text('{"strokes": [[[0, 0], [5, 9], [9, 20]]]}')
    (trained / "rows.tsv").write_text("a,b\n1,2.5\n")
    result_of(capsys, "prepare", "--train", "table.csv", "--label", "kind", "--out", "table")
    result_of(capsys, *TRAIN, "--data", "table", "--out", "mine")
    for command in (["predict", "one.jsonl"], ["evaluate"]):
        assert main(command) == 0
        note, told = capsys.readouterr().err.splitlines()
        assert note.startswith("note: mine/model.npz was trained last, but does not answer here: ")
        assert told.startswith("model: the bundled one, artifacts/pretrained/digits.npz (")
    for command in (["predict", "rows.tsv"], ["evaluate", "--data", "table"]):
        assert main(command) == 0
        assert capsys.readouterr().err.startswith("model: mine/model.npz (")
    code, errors = failure_of(capsys, "predict", "one.jsonl", "rows.tsv")
    assert (code, errors.startswith("error: no model here is of the kind that this needs")) == (1, True)
    code, errors = failure_of(capsys, "predict", "none.csv")
    assert (code, "none.csv" in errors.splitlines()[-1]) == (1, True)


def test_a_run_that_can_not_be_remembered_is_as_good(prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (prepared / "artifacts" / "last.json").mkdir()
    capsys.readouterr()
    assert main([*TRAIN, "--json"]) == 0
    output, errors = capsys.readouterr()
    assert json.loads(output)["test"]["n"] == 21
    assert "note: no artifacts/last.json, by which the model would be found: artifacts/last.json: can't" in errors


def test_what_was_taught_is_prepared_and_learned(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (trained / "data").mkdir()
    (trained / "data" / "drawn.jsonl").write_text('{"strokes": [[[0, 0], [5, 9]]], "label": 2}\n{}\n')
    assert main(["prepare", "--drawn"]) == 0
    output, errors = capsys.readouterr()
    assert "drawn.parquet" in output
    assert errors.startswith("note: data/drawn.jsonl, line 2: expected")
    assert result_of(capsys, "prepare", "--drawn")["rows"] == 1
    tune = ["train", "--from", "artifacts/model/model.npz", "--drawn", "--out", "tuned"]
    document = result_of(capsys, *tune)
    assert document["before"]["drawn"]["n"] == document["after"]["drawn"]["n"] == 1
    assert document["before"]["test"]["n"] == 21
    code, errors = failure_of(capsys, *tune, "--preset", "quick")
    assert (code, "--from: expected no" in errors) == (2, True)


@pytest.mark.usefixtures("trained")
def test_sketches_are_drawings_to_learn(capsys: pytest.CaptureFixture[str]) -> None:
    document = result_of(capsys, "sketch", "--count", "12")
    assert (document["sketches"], document["drawings"]) == ("data/sketches.jsonl", 12)
    report = result_of(capsys, "prepare", "--drawn", "--strokes", "data/sketches.jsonl")
    assert report["rows"] == 10, "0s, 1s and a 2; what was prepared has neither 3 nor 4"
    assert main(["sketch", "--count", "1", "--out", "again.jsonl"]) == 0
    assert "1, of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in capsys.readouterr().out
    assert Path("again.jsonl").read_text() == Path("data/sketches.jsonl").read_text().splitlines(keepends=True)[0]
    code, errors = failure_of(capsys, "prepare", "--strokes", "again.jsonl")
    assert (code, "expected --drawn beside it" in errors) == (2, True)


@pytest.mark.usefixtures("trained")
def test_evaluate_counts_drawings(capsys: pytest.CaptureFixture[str]) -> None:
    line = '{{"label": {}, "strokes": [[[{}, 0], [5, 9], [9, 20]]]}}\n'
    Path("pen.jsonl").write_text("".join(line.format(label, label * 5) for label in (0, 1, 2, 1)))
    Path("mouse.jsonl").write_text(line.format('"2"', 7))
    document = result_of(capsys, "evaluate", "--strokes", "pen.jsonl", "mouse.jsonl")
    assert document["n"] == sum(map(sum, document["confusion"])) == 5
    assert [sum(row) for row in document["confusion"]] == [1, 2, 2]
    assert [(file["file"], file["n"], file["left_out"]) for file in document["files"]] == [
        ("pen.jsonl", 4, 0),
        ("mouse.jsonl", 1, 0),
    ]
    assert sum(file["correct"] for file in document["files"]) == document["correct"]
    assert {"accuracy", "interval", "loss", "ece", "temperature"} < set(document["files"][0])
    assert main(["predict", "pen.jsonl", "mouse.jsonl", "--single", "--json"]) == 0
    answers = [json.loads(line)["digit"] for line in capsys.readouterr().out.splitlines()]
    assert sum(a == t for a, t in zip(answers, (0, 1, 2, 1, 2), strict=True)) == document["correct"]
    again = ["evaluate", "--strokes", "pen.jsonl", "--strokes", "mouse.jsonl", "--worst", "3", "--sheet", "sheet.png"]
    assert main(again) == 0
    assert "mouse.jsonl" in capsys.readouterr().out
    assert Path("sheet.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("trained")
def test_lines_that_are_no_drawings_are_named_and_the_others_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pen.jsonl").write_text('{"label": 1, "strokes": [[[0, 0], [5, 9]]]}\n{\n{"label": 1, "strokes": []}\n')
    assert main(["evaluate", "--strokes", "pen.jsonl", "--json"]) == 1
    output, errors = capsys.readouterr()
    assert (json.loads(output)["n"], json.loads(output)["files"][0]["left_out"]) == (1, 2)
    assert [error[:25] for error in told(errors)] == ["error: pen.jsonl, line 2,", "error: pen.jsonl, line 3:"]
    code, errors = failure_of(capsys, "evaluate", "pen.jsonl")
    assert (code, "Write --strokes pen.jsonl" in errors) == (2, True)


def test_evaluate_draws_the_worst(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result_of(capsys, "evaluate", "--split", "train", "--worst", "4", "--sheet", "sheet.png")
    assert (trained / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_a_sheet_that_can_not_be_drawn_costs_no_counts(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (trained / "sheet.png").mkdir()
    capsys.readouterr()
    assert main(["evaluate", "--worst", "4", "--sheet", "sheet.png", "--json"]) == 1
    output, errors = capsys.readouterr()
    assert json.loads(output)["n"] == 21
    assert "error: sheet.png: can't be written" in errors


def test_the_worst_lie_beside_their_model(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (trained / "mine").mkdir()
    (trained / "mine" / "net.npz").write_bytes((trained / "artifacts" / "model" / "model.npz").read_bytes())
    result_of(capsys, "evaluate", "--model", "mine/net.npz", "--worst", "200")
    assert (trained / "mine" / "worst.png").read_bytes().startswith(b"\x89PNG")
    assert not (trained / "artifacts" / "model" / "worst.png").exists()


def test_predict_answers_a_line_an_item(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (trained / "rows.csv").read_text().splitlines()
    rows = trained / "unlabelled.csv"
    rows.write_text("\n".join(line.partition(",")[2] for line in lines[:11]) + "\n")
    strokes = trained / "drawn.jsonl"
    strokes.write_text('{"strokes": [[[0, 0], [5, 9], [9, 20]]]}\n{"strokes": [[[3, 3]]]}\n')
    assert main(["predict", str(rows), "none.png", str(strokes), "--json"]) == 1
    output, errors = capsys.readouterr()
    answers = [json.loads(line) for line in output.splitlines()]
    assert [answer["index"] for answer in answers] == [*range(10), 0, 1]
    assert {answer["source"] for answer in answers} == {str(rows), str(strokes)}
    for answer in answers:
        assert answer["digit"] == int(np.argmax(answer["probabilities"]))
        assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
    (error,) = told(errors)
    assert "none.png" in error
    assert main(["predict", str(rows)]) == 0
    assert f"{rows}[9]: " in capsys.readouterr().out


def test_rows_that_had_to_be_turned_over_are_turned_over_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result_of(capsys, "prepare", "--train", "rows.csv", "--test", "rows.csv", "--transpose", "--image-shape", "4x4")
    result_of(capsys, *TRAIN)
    expected = result_of(capsys, "evaluate")
    lines = [line.partition(",") for line in (folder / "rows.csv").read_text().splitlines()]
    (folder / "unlabelled.csv").write_text("\n".join(rest for _, _, rest in lines) + "\n")
    assert main(["predict", "unlabelled.csv", "--json"]) == 0
    answers = [json.loads(line)["digit"] for line in capsys.readouterr().out.splitlines()]
    truths = [int(label) for label, _, _ in lines[1:]]
    assert sum(a == t for a, t in zip(answers, truths, strict=True)) == expected["correct"]


def test_export_halves_a_network(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = result_of(capsys, "export", "--out", "whole.npz")
    assert (trained / "whole.npz").read_bytes() == (trained / "artifacts" / "model" / "model.npz").read_bytes()
    assert document["bytes"] == (trained / "whole.npz").stat().st_size
    assert (document["parameters"], document["bits"]) == (17 * 8 + 9 * 3, 32)
    half = result_of(capsys, "export", "--out", "half.npz", "--bits", "16", "--temperature", "1.5")
    assert half["bytes"] == (trained / "half.npz").stat().st_size < document["bytes"]
    assert half["temperature"] == result_of(capsys, "evaluate", "--model", "half.npz")["temperature"] == 1.5
    code, errors = failure_of(capsys, "export", "--out", "few.npz", "--bits", "4")
    assert (code, "--bits: expected 32, 16 or 8; found 4" in errors) == (2, True)
    before = (trained / "half.npz").read_bytes()
    code, errors = failure_of(capsys, "export", "--out", "half.npz")
    assert (code, "half.npz: is there already" in errors) == (2, True)
    assert (trained / "half.npz").read_bytes() == before
    assert main(["export", "--out", "half.npz", "--overwrite"]) == 0
    assert f"{document['bytes']:,} bytes" in capsys.readouterr().out


def test_numbers_of_the_rows_are_left_aside_unless_they_are_to_be_kept(
    in_tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"{i + 1},{i % 7},{i % 5}.5,{'ab'[i % 2]}" for i in range(40)]
    (in_tmp_path / "iris.csv").write_text("\n".join(["Id,width,length,Species", *lines]) + "\n")
    keep = ["--keep", "width, id", "--overwrite"]
    for options, names in (([], ["width", "length"]), (keep, ["Id", "width", "length"])):
        assert main(["prepare", "--train", "iris.csv", *options]) == 0
        told = "note: iris.csv: column 1 ('Id') only numbers the rows and is left aside"
        assert (told in capsys.readouterr().err) == (not options)
        manifest = json.loads((in_tmp_path / "artifacts" / "data" / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["feature_names"] == names
    assert "--keep nr names no column" in failure_of(capsys, "prepare", "--train", "iris.csv", "--keep", "nr")[1]


@pytest.mark.usefixtures("prepared")
def test_filters_are_trained_evaluated_and_exported(capsys: pytest.CaptureFixture[str]) -> None:
    trained = result_of(capsys, *TRAIN, "--filters", "2")
    assert result_of(capsys, "evaluate")["correct"] == trained["test"]["correct"]
    document = result_of(capsys, "export", "--out", "small.npz", "--bits", "8")
    assert document["parameters"] == 201 * 2 + (25 * 2 + 1) * 8 + 9 * 3
    assert result_of(capsys, "evaluate", "--model", "small.npz")["n"] == 21


def test_filters_find_no_edges_in_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{i % 2},{i},{i * i % 7}.5" for i in range(40)]
    (folder / "table.csv").write_text("\n".join(["kind,a,b", *lines]) + "\n")
    result_of(capsys, "prepare", "--train", "table.csv", "--label", "kind")
    code, errors = failure_of(capsys, *TRAIN, "--filters", "2")
    assert (code, "filters: expected images to look at; found a table" in errors) == (2, True)
    result_of(capsys, *TRAIN, "--filters", "0")


@pytest.mark.usefixtures("prepared")
def test_bench_prints_every_figure(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def measured(request: object, say: Callable[[str], None]) -> Json:
        asked.append(request)
        say("measuring")
        return bench_json([Ceiling("sgemm", 1, 100.0, Seconds(1, 1, 1))], 1, "digits")

    monkeypatch.setattr("pipeline.bench.run.bench", measured)
    document = result_of(capsys, "bench", "--rows", "1000", "--runs", "1", "--peers", "--plot", "bench.png")
    assert [ceiling["name"] for ceiling in document["ceiling"]] == ["sgemm"]
    assert asked == [Request(None, 1000, 1, peers=True)]
    assert (folder / "bench.png").read_bytes().startswith(b"\x89PNG")
    (folder / "bench.json").write_text(json.dumps(document))
    assert result_of(capsys, "bench", "--show", "bench.json") == document
    assert main(["bench", "--show", "bench.json", "--markdown"]) == 0
    assert "1 threads, 20" in capsys.readouterr().out
    assert main(["bench", "--race", "--growth", "--threads", "1", "--data", "artifacts/data"]) == 0
    assert "100 GFLOP/s" in capsys.readouterr().out
    assert asked[1] == Request(Path("artifacts/data"), 60_000, 5, 1, race=True, growth=True)


def test_augment_draws_a_sheet(prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = result_of(capsys, "augment", "--sheet", "sheet.png", "--rotation", "5", "--threads", "1")
    assert (prepared / "sheet.png").read_bytes().startswith(b"\x89PNG")
    assert (document["images"], document["strength"]["rotation"]) == (99, 5)
    assert main(["augment", "--sheet", "sheet.png"]) == 0
    assert "rotation 15" in capsys.readouterr().out
    code, errors = failure_of(capsys, "augment", "--sheet", "none.png", "--slant", "90")
    assert (code, "slant must be a number from 0 to 60; found 90" in errors) == (2, True)
    assert not (prepared / "none.png").exists()


FAILURES = [
    (["augment", "--sheet", "a.png"], 1, "no prepared data in artifacts/data"),
    (["augment"], 2, "--sheet"),
    (["train"], 1, "run `python cli.py prepare` first"),
    (["evaluate"], 1, "no prepared data in artifacts/data"),
    (["evaluate", "--strokes", "a.jsonl"], 1, "model.npz"),
    (["predict", "digit.png"], 1, "model.npz"),
    (["export", "--out", "copy.npz"], 1, "model.npz"),
    (["export"], 2, "--out"),
    (["export", "--out", "copy.npz", "--temperature", "0"], 2, "--temperature"),
    (["bench", "--data", "atrifacts"], 1, "no prepared data in atrifacts"),
    (["train", "--resume", "--overwrite"], 2, "expected one of them at most"),
    (["train", "--hidden", "wide"], 2, "--hidden"),
    (["train", "--filters", "-1"], 2, "filters must be a whole number from 0 to 1024"),
    (["train", "--distortion-decay", "2"], 2, "distortion_decay must be a number from 0 to 1"),
    (["train", "--fading", "2"], 2, "distortion_decay must be a number from 0 to 1"),  # as it was called
    (["train", "--preset", "best-ever"], 2, "expected one of quick, good, best, original"),
    (["train", "--epochs", "0"], 2, "epochs must be a whole number from 1"),
    (["train", "--config", "none.toml"], 2, "none.toml"),
    (["train", "--epochs", "many"], 2, "--epochs"),
    (["prepare", "--image-shape", "28"], 2, "such as 28x28"),
    (["prepare", "--test", "rows.csv"], 2, "--train"),
    (["prepare", "--train", "a.csv", "b.csv"], 2, "b.csv: expected a file after --train or --test only"),
    (["prepare", "--train", "part-*.csv"], 1, "part-*.csv: expected files that match this pattern, found none"),
    (["prepare", "--train", "a.csv", "--train", "a.csv"], 2, "--train: expected each file once, found a.csv twice"),
    (["prepare", "--train", "ftp://host/a.csv"], 2, "found ftp://. Copy the file to this machine"),
    (["prepare", "--train", "a.csv", "--workers", "0"], 2, "--workers"),
    (["evaluate", "--worst", "201"], 2, "--worst"),
    (["evaluate", "--split", "both"], 2, "expected test or train"),
    (["fly"], 2, "fly"),
    (["prepare", "--out", ""], 2, "--out: expected a value, found an empty one"),
    (["train", "--data="], 2, "--data: expected a value, found an empty one"),
    (["train", "--hidden", "", "--config", "none.toml"], 2, "none.toml"),
    (["train", "--hidden=", "--config", "none.toml"], 2, "none.toml"),
    (["predict", ""], 2, "predict: expected a value, found an empty one"),
    ([""], 2, "the command: expected a value, found an empty one"),
    (["predict"], 2, "INPUT"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), FAILURES, ids=[" ".join(case[0]) for case in FAILURES])
def test_a_mistake_is_one_clear_error(
    in_tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    found, errors = failure_of(capsys, *arguments)
    assert found == code
    assert message in errors
    assert not list(in_tmp_path.iterdir()), "a mistake leaves nothing behind"


def test_a_fault_of_ours_is_told_without_a_traceback(
    in_tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(_folder: Path, _most: int) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("pipeline.train.request.open_arrays", faulty)
    code, errors = failure_of(capsys, "train")
    assert (code, "ZeroDivisionError: oh. This is a fault of Scrawl" in errors) == (1, True)
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "train"])
    assert not list(in_tmp_path.iterdir())


def test_too_little_memory_is_no_fault_of_ours(
    in_tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(_folder: Path, _most: int) -> None:
        np.empty(1 << 60, np.uint8)

    monkeypatch.setattr("pipeline.train.request.open_arrays", greedy)
    code, errors = failure_of(capsys, "train")
    assert (code, len(errors.splitlines())) == (1, 1)
    assert errors.startswith("error: not enough memory: Unable to allocate")
    assert not list(in_tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [["evaluate"], ["predict", "drawn.jsonl", "--json"], ["--help"]])
def test_a_full_standard_output_is_one_clear_error(trained: Path, arguments: list[str]) -> None:
    (trained / "drawn.jsonl").write_text('{"strokes": [[[0, 0], [5, 9], [9, 20]]]}\n')
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *arguments],
            cwd=trained, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    (error,) = told(done.stderr)
    assert error.startswith("error: standard output: can't be written: No space left on device")


def test_a_terminal_without_unicode_gets_its_table(trained: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, str(ROOT / "cli.py"), "evaluate"]
    done = subprocess.run(command, cwd=trained, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"accuracy" in done.stdout


def test_debug_shows_the_traceback(in_tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "--debug", "prepare", "--train", "none.csv"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=in_tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Traceback" in done.stderr
    assert "DataError" in done.stderr


@pytest.mark.parametrize(
    "command", [[], ["prepare"], ["train"], ["sweep"], ["evaluate"], ["predict"], ["export"], ["bench"]]
)
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "cli.py", *command, "--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Usage" in done.stdout
    for heavy in ("numba", "numpy", "pyarrow", "scipy", "matplotlib", "optuna"):
        assert f" {heavy}\n" not in done.stderr, f"--help imports {heavy}"


def test_rows_are_prepared_without_the_compiler(folder: Path) -> None:
    """It takes a second to import, and a third more of memory."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(ROOT / "cli.py"), "prepare", "--train", "rows.csv"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert " numba\n" not in done.stderr


@pytest.mark.usefixtures("prepared")
def test_a_run_on_threads_that_there_are_not_does_not_begin(capsys: pytest.CaptureFixture[str]) -> None:
    code, errors = failure_of(capsys, *TRAIN, "--threads", "9999")
    assert (code, "--threads: expected 1 to" in errors) == (2, True)
    assert not Path("artifacts/model").exists()
