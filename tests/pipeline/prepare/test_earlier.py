"""Rows that are prepared already: replaced by the same ones anew, and by others only if somebody says so."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from cli import main
from pipeline.archive import manifest_of, write_archive
from pipeline.errors import ConfigError
from pipeline.prepare.csv.table import CsvOptions
from pipeline.prepare.earlier import earlier_in
from pipeline.prepare.run import PrepareReport, prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.recognise.drawn import prepare_drawn
from pipeline.types import Json
from tests.digits import blobs
from tests.mirror import refusing
from tests.pipeline.prepare.test_run import contents
from tests.tables import idx_files, write_csv, write_files

OUT = Path("artifacts/data")


@pytest.fixture(name="request_")
def request_for_a_table_that_is_prepared(in_tmp_path: Path) -> PrepareRequest:
    """Prepare a table of images in a working folder."""
    request = PrepareRequest(OUT, write(in_tmp_path / "rows.csv"), data=in_tmp_path / "data")
    prepare(request, {})
    return request


def write(path: Path, rows: int = 150, seed: int = 0) -> Path:
    dataset = blobs(rows, seed=seed)
    return write_csv(path, np.asarray(dataset.features), np.asarray(dataset.labels))


def refused(request: PrepareRequest) -> str:
    """Prepare what must not be; return why, when all is as it was."""
    before = contents(OUT)
    with pytest.raises(ConfigError) as raised:
        prepare(request, {})
    assert contents(OUT) == before
    assert "--overwrite" in str(raised.value)
    assert "--out" in str(raised.value)
    return str(raised.value)


def overwritten(request: PrepareRequest) -> PrepareReport:
    return prepare(request._replace(overwrite=True), {})


def test_another_source_takes_the_place_only_if_told_to(request_: PrepareRequest) -> None:
    other = request_._replace(train=write(request_.data.parent / "other.csv", 90, seed=1))
    told = refused(other)
    assert f"{OUT} holds 126 training images of 4x4 (CSV file" in told
    assert "rows.csv" in told
    assert "; 75 training images of 4x4 (CSV file" in told
    assert "other.csv" in told
    overwritten(other)
    assert load_arrays(OUT).train.labels.size == 75


def test_the_sample_does_not_take_the_place_of_what_a_variable_named(
    in_tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAWL_MIRRORS", refusing())
    monkeypatch.setenv("SCRAWL_MNIST", str(write_files(in_tmp_path / "mnist", idx_files(60, 20))))
    assert main(["prepare"]) == 0
    monkeypatch.delenv("SCRAWL_MNIST")
    before = contents(OUT)
    assert main(["prepare"]) == 2
    assert "60 training images of 28x28 (IDX files in" in capsys.readouterr().err
    assert main(["prepare", "--keep-prepared", "--json"]) == 0
    output, errors = capsys.readouterr()
    assert json.loads(output)["train"]["rows"] == 60
    assert "note: nothing new is prepared: artifacts/data holds 60 training images" in errors
    assert contents(OUT) == before
    assert main(["prepare", "--keep-prepared", "--overwrite"]) == 2
    assert main(["prepare", "--drawn", "--overwrite"]) == 2
    assert main(["prepare", "--overwrite", "--json"]) == 0
    assert load_arrays(OUT).train.labels.size == 4000


def test_the_same_source_is_prepared_again(request_: PrepareRequest) -> None:
    for changed in (request_._replace(seed=1), request_._replace(test_fraction=0.5), request_):
        prepare(changed, {})
    assert isinstance(request_.train, Path)
    write(request_.train, 90, seed=1)
    prepare(request_._replace(keep_prepared=True), {})
    assert load_arrays(OUT).train.labels.size == 75


def test_files_of_the_same_content_are_the_same_source(request_: PrepareRequest) -> None:
    assert isinstance(request_.train, Path)
    copy = Path(shutil.copy(request_.train, request_.data.parent / "copy.csv"))
    report = prepare(request_._replace(train=copy), {})
    assert "copy.csv" in report.source


def test_another_label_or_shape_takes_the_place_only_if_told_to(in_tmp_path: Path) -> None:
    rows = in_tmp_path / "rows.csv"
    lines = [f"{i % 2},{i % 3},{i % 7}.5,{i % 5}.5" for i in range(60)]
    rows.write_text("\n".join(["one,two,a,b", *lines]) + "\n", encoding="utf-8")
    request = PrepareRequest(OUT, rows, csv=CsvOptions("one"), data=in_tmp_path)
    prepare(request, {})
    assert "label 'two'" in refused(request._replace(csv=CsvOptions("two")))
    rows.write_text("\n".join(["one,two,a,b,c", *(f"{line},{i % 11}.5" for i, line in enumerate(lines))]) + "\n")
    assert "training rows of 4 features" in refused(request)
    images = request._replace(train=write(in_tmp_path / "images.csv"), csv=CsvOptions())
    overwritten(images)
    assert "turned over" in refused(images._replace(csv=CsvOptions(transpose=True)))
    assert "images of 2x8" in refused(images._replace(csv=CsvOptions(image_shape=(2, 8))))


def test_a_manifest_of_before_says_nothing_of_the_label(request_: PrepareRequest) -> None:
    manifest = json.loads((OUT / "manifest.json").read_text(encoding="utf-8"))
    del manifest["label"]
    (OUT / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    prepare(request_, {})


@pytest.mark.parametrize(
    "changes", [{"outputs": {"arrays.npz": 3}}, {"train": {"features": 16}}, {"test": None}, {"test": "removed"}]
)
def test_what_nobody_can_use_is_replaced_as_it_says_itself(request_: PrepareRequest, changes: Json) -> None:
    manifest = {**json.loads((OUT / "manifest.json").read_text(encoding="utf-8")), **changes}
    if "removed" in manifest.values():
        del manifest["test"]
    (OUT / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert earlier_in(OUT) is None
    prepare(request_._replace(train=write(request_.data.parent / "other.csv", 90)), {})


def test_two_of_different_sources_at_once_do_not_replace_each_other(
    request_: PrepareRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second look, when nobody else can write any more, is the one that counts."""
    other = request_._replace(train=write(request_.data.parent / "other.csv", 90))
    really = earlier_in
    looked = iter([True])
    monkeypatch.setattr("pipeline.prepare.earlier.earlier_in", lambda out: None if next(looked, False) else really(out))
    assert "other.csv" in refused(other)


def run(folder: Path, data: object) -> None:
    """Leave what a run has learned from some data."""
    write_archive(folder / "checkpoint.npz", {}, {"data": data})


def test_who_has_learned_from_the_rows_is_told(request_: PrepareRequest) -> None:
    drawing = {"strokes": [[[0, 0], [3, 8], [9, 9]]], "label": 1}
    Path("lessons.jsonl").write_text(json.dumps(drawing) + "\n", encoding="utf-8")
    prepare_drawn([Path("lessons.jsonl")], OUT)
    arrays, drawn = ((OUT / name).read_bytes() for name in ("arrays.npz", "drawn.parquet"))
    sums = [hashlib.sha256(content).hexdigest() for content in (arrays, drawn)]
    run(Path("artifacts/quick"), sums[0])
    run(Path("artifacts/mine"), hashlib.sha256(" ".join(sums).encode()).hexdigest())
    run(Path("artifacts/other"), "0" * 64)
    run(Path("artifacts/odd"), [])
    (Path("artifacts/quick") / "model.npz").write_text("damaged")
    prepare(request_, {})
    other = request_._replace(train=write(request_.data.parent / "other.csv", 90))
    learners = "What is trained in artifacts/mine, artifacts/quick has learned from them."
    assert learners in refused(other)
    notes = overwritten(other).notes
    assert any(learners in note for note in notes)
    assert any("drawn.parquet is gone" in note for note in notes)
    assert not (OUT / "drawn.parquet").exists()
    # The same source, with other content: that is told as well, and drawings stay.
    assert isinstance(other.train, Path)
    prepare_drawn([Path("lessons.jsonl")], OUT)
    run(Path("artifacts/quick"), hashlib.sha256((OUT / "arrays.npz").read_bytes()).hexdigest())
    write(other.train, 120)
    notes = prepare(other, {}).notes
    assert any("What is trained in artifacts/quick has learned" in note for note in notes)
    assert (OUT / "drawn.parquet").exists()
    write(other.train, 90)
    assert len(prepare(other, {}).notes) == 1


def test_a_manifest_that_can_not_be_read_is_empty(tmp_path: Path) -> None:
    run(tmp_path, "abc")
    assert manifest_of(tmp_path / "checkpoint.npz") == {"data": "abc"}
    assert manifest_of(tmp_path / "none.npz") == {}
