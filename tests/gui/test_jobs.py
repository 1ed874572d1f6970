"""What the worker does for the window, without a window."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gui.board import Board, Picture, put
from gui.jobs import (
    AGAINST,
    FAINT,
    FOR,
    Model,
    Seen,
    gallery,
    latest_digit,
    lesson,
    load,
    open_file,
    read,
    saliency,
    save_file,
    see,
)
from pipeline.errors import ArtifactError, ConfigError, DataError, OutputError
from pipeline.model.artifact import save_model
from pipeline.model.classify import explainer, recogniser
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.recognise.strokes.rasterize import render
from pipeline.types import Drawing
from tests.digits import blobs, trained
from tests.places import unwritable
from tests.stroke_writers import as_inkml, as_unipen

LINE = ((10.0, 10.0), (14.0, 40.0), (40.0, 60.0))
OTHER = ((90.0, 10.0), (95.0, 60.0))
BOARD = Board()._replace(page=Board().page._replace(ink=(LINE,)))
TWO = Board()._replace(page=Board().page._replace(ink=(OTHER, LINE)))
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture(scope="module")
def model() -> Model:
    dataset = blobs(rows=60)
    dataset.features[0, 0] = 255
    artifact = trained(dataset)
    return Model(Path("m.npz"), artifact, recogniser(artifact), explainer(artifact))


def test_a_model_is_loaded_and_warm(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "artifacts" / "model" / "model.npz"
    with pytest.raises(ArtifactError, match="no model yet"):
        load(None, tmp_path)
    save_model(path, model.artifact)
    assert load(None, tmp_path).path == path == load(path, tmp_path / "elsewhere").path
    save_model(path, model.artifact._replace(image_shape=None))
    with pytest.raises(ConfigError, match="reads images"):
        load(path, tmp_path)


def test_ink_is_read_before_the_picture_below_it(model: Model) -> None:
    picture = Picture("a 3", bytes(range(16)), 4, 4)
    (reading,) = read(put(Board(), picture=picture), model)
    assert reading.pixels.tobytes() == picture.pixels
    board = put(Board(), picture=picture)._replace(line=LINE)
    (reading,) = read(board, model)
    expected = render(Drawing((np.array(LINE, np.float32),)), (4, 4))
    np.testing.assert_array_equal(reading.pixels, expected)
    assert read(Board(), model) == ()
    with pytest.raises(DataError, match="a 3: expected an image of"):
        read(put(Board(), picture=picture._replace(height=8, width=2)), model)


def test_what_is_seen_is_ready_to_be_shown(model: Model) -> None:
    seen = see(TWO, model)
    assert len(seen.readings) == len(seen.labels) == len(seen.sure) == 2
    assert all(label.endswith("\N{NO-BREAK SPACE}%") for label in seen.labels)
    assert latest_digit(seen) == 0  # the one on the left was drawn last
    assert latest_digit(see(BOARD, model)) == latest_digit(Seen()) == 0
    pictured = see(put(Board(), picture=Picture("a 3", bytes(range(16)), 4, 4)), model)
    assert latest_digit(pictured) == 0


def test_pixels_that_speak_for_an_answer_are_orange(model: Model) -> None:
    (reading,) = read(BOARD, model)
    colours = np.frombuffer(saliency(reading, model), np.uint8).reshape(-1, 3).astype(int)
    gradient = model.explain(reading.pixels, int(reading.probabilities.argmax()))
    strongest = int(np.abs(gradient).argmax())
    assert tuple(colours[strongest]) == (FOR if gradient[strongest] > 0 else AGAINST)
    silent = model._replace(explain=lambda row, _: np.zeros(row.size, np.float32))
    faint = np.frombuffer(saliency(reading, silent), np.uint8).reshape(-1, 3)
    np.testing.assert_array_equal(faint, np.rint(reading.pixels[:, np.newaxis] * FAINT * np.ones(3)))


def test_a_lesson_holds_the_digit_that_is_put_right(model: Model) -> None:
    seen = see(TWO, model)
    found = lesson(TWO, seen.readings[0], "2", model, NOON)
    assert json.loads(found.strokes)["strokes"] == [[list(point) for point in LINE]]
    assert found[1:] == (2, "2026-01-02T10:00:00+00:00", int(seen.readings[0].probabilities.argmax()))
    unread = lesson(TWO, None, "1", model, NOON)
    assert len(json.loads(unread.strokes)["strokes"]) == 2
    assert unread.guess is None
    with pytest.raises(DataError, match="no ink to teach"):
        lesson(Board(), None, "1", model, NOON)


def test_strokes_that_are_saved_are_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    assert save_file(path, BOARD, (100, 80)) == path
    assert open_file(path, (100, 80), None) == (LINE,)


def test_published_strokes_are_opened(tmp_path: Path) -> None:
    ink = [np.array(LINE, np.float32)]
    (tmp_path / "one.inkml").write_text(as_inkml([(ink, "1")]))
    (tmp_path / "one").write_text(as_unipen([(ink, "1")], height=80))
    for name in ("one.inkml", "one"):
        assert open_file(tmp_path / name, (100, 80), None) == (LINE,)


def test_a_picture_that_is_saved_is_opened_as_the_network_reads_it(model: Model, tmp_path: Path) -> None:
    path = save_file(tmp_path / "one.PNG", BOARD, (60, 70))
    with Image.open(path) as picture:
        assert picture.size == (60, 70)
    for given, side in ((None, 28), (model, 4)):
        opened = open_file(path, (60, 70), given)
        assert isinstance(opened, Picture)
        assert (opened.name, opened.height, opened.width, len(opened.pixels)) == ("one.PNG", side, side, side * side)


def test_what_can_be_neither_opened_nor_saved(tmp_path: Path) -> None:
    path = tmp_path / "drawing.jsonl"
    path.write_text("")
    with pytest.raises(DataError, match="found an empty file"):
        open_file(path, (9, 9), None)
    path.write_text("{}")
    with pytest.raises(DataError, match="line 1: expected"):
        open_file(path, (9, 9), None)
    with pytest.raises(DataError, match="no ink to save"):
        save_file(path, Board(), (9, 9))
    with pytest.raises(DataError, match=r"expected a name that ends in \.png"):
        save_file(tmp_path / "one.gif", BOARD, (9, 9))
    with unwritable() as folder, pytest.raises(OutputError, match="can't be written"):
        save_file(folder / "one.jsonl", BOARD, (9, 9))


def test_the_gallery_shows_some_of_each_class(tmp_path: Path) -> None:
    dataset = blobs(rows=120)
    rows = np.column_stack([dataset.labels, dataset.features])
    header = ",".join(["label", *(f"pixel{i}" for i in range(16))])
    np.savetxt(tmp_path / "rows.csv", rows, fmt="%d", delimiter=",", header=header, comments="")
    prepare(PrepareRequest(out=tmp_path / "data", train=tmp_path / "rows.csv"), {})
    pictures = gallery(tmp_path / "data")
    assert [picture.name[2] for picture in pictures] == ["0"] * 6 + ["1"] * 6 + ["2"] * 6
    assert all((picture.height, picture.width, len(picture.pixels)) == (4, 4, 16) for picture in pictures)
    table = np.column_stack([dataset.labels, dataset.features[:, :7] + 0.5])
    np.savetxt(tmp_path / "table.csv", table, fmt="%g", delimiter=",", header="label,a,b,c,d,e,f,g", comments="")
    prepare(PrepareRequest(out=tmp_path / "table", train=tmp_path / "table.csv"), {})
    with pytest.raises(DataError, match="expected images of grey levels"):
        gallery(tmp_path / "table")
    with pytest.raises(ArtifactError):
        gallery(tmp_path / "none")
