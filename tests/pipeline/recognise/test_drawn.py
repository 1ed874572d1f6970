"""What was taught at the drawing board becomes rows beside the prepared ones, drawing by drawing."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.errors import ArtifactError, ConfigError, DataError
from pipeline.labels import NO_DIGIT
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.prepare.store.drawn import DRAWN, open_with_drawn, with_drawn
from pipeline.recognise.drawn import prepare_drawn
from pipeline.recognise.strokes.rasterize import as_strokes, render
from pipeline.report.tables import drawn_table
from pipeline.train.finetune import standing
from pipeline.train.initial import initial_params
from pipeline.train.run import training_set_for
from pipeline.types import Bytes, Drawing
from tests.digits import TINY, blobs
from tests.pipeline.report.test_tables import shown
from tests.tables import write_csv

LINE = [[0, 0], [3, 8], [9, 9]]


@pytest.fixture
def data(in_tmp_path: Path) -> Path:
    """Return a folder of prepared images of 4 by 4 pixels in three classes."""
    dataset = blobs()
    rows = write_csv(in_tmp_path / "rows.csv", np.asarray(dataset.features), np.asarray(dataset.labels))
    prepare(PrepareRequest(in_tmp_path / "data", rows), {})
    return in_tmp_path / "data"


def taught(folder: Path, *lines: object) -> Path:
    path = folder / "drawn.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return path


def test_each_drawing_is_a_row_as_the_network_sees_it(data: Path, tmp_path: Path) -> None:
    lesson = {"strokes": [LINE], "label": 2, "time": "2026-01-01T00:00:00+00:00", "guess": None}
    source = taught(tmp_path, lesson, "", "{", {"strokes": [LINE], "label": "1"}, {"strokes": [LINE], "label": 7})
    report = prepare_drawn([source], data)
    assert (report["rows"], report["out"]) == (2, str(data / DRAWN))
    assert [note.split(":")[0].removeprefix(f"{source}, ") for note in report["notes"]] == [
        "line 3, column 2",
        "line 5",
    ]
    assert "one of 0, 1, 2, no digit; found 7" in report["notes"][1]
    short = report | {"source": "drawn.jsonl", "out": "drawn.parquet"}
    assert [" ".join(line) for line in shown(drawn_table(short))] == [
        "drawings drawn.jsonl",
        "rows 2",
        "in drawn.parquet",
    ]
    plain = load_arrays(data)
    both = with_drawn(plain, data)
    assert open_with_drawn(data, None).data_hash == both.data_hash
    assert both.drawn is not None
    assert both.drawn.labels.tolist() == [2, 1]
    expected = render(Drawing((np.array(LINE, np.float32),)), (4, 4))
    assert expected is not None
    np.testing.assert_array_equal(both.drawn.features, np.stack([expected, expected]), strict=True)
    assert both.strokes is not None
    np.testing.assert_array_equal(both.strokes.points, as_strokes([Drawing((np.array(LINE, np.float32),))] * 2).points)
    assert [bounds.tolist() for bounds in both.strokes[1:]] == [[0, 3, 6], [0, 1, 2]]
    assert both.data_hash != plain.data_hash
    assert both[:2] == plain[:2]


def test_what_is_no_digit_is_a_class_more(data: Path, tmp_path: Path) -> None:
    lines = [{"strokes": [LINE], "label": label} for label in ("0", NO_DIGIT, 2)]
    assert prepare_drawn([taught(tmp_path, *lines)], data)["rows"] == 3
    found = open_with_drawn(data, None)
    assert found.drawn is not None
    assert found.drawn.labels.tolist() == [0, 3, 2]
    assert found.drawn.class_names == ("0", "1", "2", NO_DIGIT)
    with pytest.raises(ConfigError, match="--drawn: expected drawings of the classes 0, 1, 2; found some that are"):
        training_set_for(found, TINY)
    training_set = training_set_for(found, TINY._replace(nondigits=1))
    assert set(training_set.labels.tolist()) == {0, 1, 2, 3}
    assert training_set.shapes[-1][1] == 4
    params = initial_params(training_set.shapes, TINY, table=False)
    told = standing((params,), training_set, TINY._replace(nondigits=1), found)
    assert told["drawn"]["n"] == 2, "of what is no digit, none is right"


def test_drawings_of_several_files_come_one_after_the_other(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"strokes": [[[3, 3]], LINE], "label": 0}) + "\n")
    report = prepare_drawn([taught(tmp_path, {"strokes": [LINE], "label": 2}), other], data)
    assert (report["rows"], report["source"]) == (2, f"{tmp_path / 'drawn.jsonl'}, {other}")
    found = with_drawn(load_arrays(data), data)
    assert found.drawn is not None
    assert found.strokes is not None
    assert found.drawn.labels.tolist() == [2, 0]
    assert [bounds.tolist() for bounds in found.strokes[1:]] == [[0, 3, 4, 7], [0, 1, 3]]


def test_rows_without_strokes_are_taken_as_they_are(data: Path, tmp_path: Path) -> None:
    prepare_drawn([taught(tmp_path, {"strokes": [LINE], "label": 2})], data)
    rows = pq.read_table(data / DRAWN).drop_columns(["strokes"])
    pq.write_table(rows, data / DRAWN, write_page_checksum=True)
    assert with_drawn(load_arrays(data), data).strokes is None


def test_what_holds_no_lesson_is_refused_and_leaves_what_was_there(data: Path, tmp_path: Path) -> None:
    good = taught(tmp_path, {"strokes": [LINE], "label": 1})
    prepare_drawn([good], data)
    before = (data / DRAWN).read_bytes()
    with pytest.raises(DataError, match="found an empty file"):
        prepare_drawn([taught(tmp_path)], data)
    with pytest.raises(DataError, match="a label that is one of 0, 1, 2, no digit; found null"):
        prepare_drawn([taught(tmp_path, {"strokes": [LINE]})], data)
    with pytest.raises(DataError, match="can't be read"):
        prepare_drawn([tmp_path / "none.jsonl"], data)
    assert (data / DRAWN).read_bytes() == before


def test_drawings_need_data_of_their_kind(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"prepare --drawn"):
        with_drawn(load_arrays(data), data)
    source = taught(tmp_path, {"strokes": [LINE], "label": 1})
    prepare_drawn([source], data)
    other = load_arrays(data)
    fewer = other.train._replace(class_names=("0", "1"))
    with pytest.raises(ArtifactError, match="found others"):
        with_drawn(other._replace(train=fewer), data)
    with pytest.raises(ArtifactError):
        prepare_drawn([source], tmp_path / "nothing")


def test_rows_that_are_prepared_in_the_meantime_are_not_mixed_with_drawings(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(drawings: list[Drawing], shape: tuple[int, int]) -> list[Bytes | None]:
        prepare(PrepareRequest(data, data.parent / "rows.csv", seed=7), {})
        return [render(drawing, shape) for drawing in drawings]

    monkeypatch.setattr("pipeline.recognise.drawn.render_all", slow)
    with pytest.raises(ArtifactError, match="other rows were prepared while the drawings became rows"):
        prepare_drawn([taught(tmp_path, {"strokes": [LINE], "label": 1})], data)
    assert not (data / DRAWN).exists()


def test_a_table_of_other_features_takes_no_drawings(in_tmp_path: Path) -> None:
    dataset = blobs()
    table = np.column_stack([dataset.labels, dataset.features[:, :7].astype(np.float64) + 0.5])
    rows = in_tmp_path / "table.csv"
    np.savetxt(rows, table, fmt="%g", delimiter=",", header="label,a,b,c,d,e,f,g", comments="")
    data = in_tmp_path / "data"
    prepare(PrepareRequest(data, rows), {})
    with pytest.raises(ConfigError, match="expected images of grey levels"):
        prepare_drawn([taught(in_tmp_path, {"strokes": [LINE], "label": 1})], data)


def test_a_file_without_a_drawing_is_refused(data: Path, tmp_path: Path) -> None:
    prepare_drawn([taught(tmp_path, {"strokes": [LINE], "label": 2})], data)
    rows = pq.read_table(data / DRAWN)
    pq.write_table(rows.slice(0, 0), data / DRAWN, write_page_checksum=True)
    with pytest.raises(ArtifactError, match=r"drawn\.parquet: expected drawings, found no row; run"):
        with_drawn(load_arrays(data), data)
