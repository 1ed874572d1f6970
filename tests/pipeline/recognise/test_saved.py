"""Copies with what was read: what is drawn in, what they are called, and what they never replace."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import ConfigError
from pipeline.recognise.predict import Digit
from pipeline.recognise.saved import LEGIBLE, SURE, UNSURE, saving, with_readings

SHARES = np.array([0.1, 0.9])


def picture(path: Path, size: tuple[int, int] = (60, 80)) -> Path:
    Image.new("L", size, 200).save(path)
    return path


def digit(*box: float, sure: bool = True) -> Digit:
    return Digit("1", SHARES, sure=sure, box=(box[0], box[1], box[2], box[3]))


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def test_boxes_and_digits_are_drawn_in(tmp_path: Path) -> None:
    digits = (digit(100, 100, 150, 200), digit(200, 120, 240, 200, sure=False))
    found = pixels(with_readings(picture(tmp_path / "a.png", (400, 300)), digits))
    assert found.shape == (300, 400, 3)
    for (left, top, right, bottom), colour in (((100, 100, 150, 200), SURE), ((200, 120, 240, 200), UNSURE)):
        assert (found[[top, bottom, top + 50], [left + 20, right - 20, left]] == colour).all()
        above = (found[top - 30 : top - 3, left : left + 30] == colour).all(axis=2)
        assert 20 < above.sum() < 600
    assert (found[150, 125] == 200).all()


def test_small_pictures_are_enlarged_and_have_room_above(tmp_path: Path) -> None:
    found = pixels(with_readings(picture(tmp_path / "a.png", (28, 28)), (digit(4, 0, 20, 28),)))
    assert found.shape[1] == LEGIBLE // 28 * 28
    assert found.shape[0] > found.shape[1]
    assert with_readings(picture(tmp_path / "b.png"), ())


def test_all_copies_appear_together(tmp_path: Path) -> None:
    sources, out = [picture(tmp_path / name) for name in ("a.png", "b.bmp")], tmp_path / "out"
    rows = tmp_path / "rows.csv"
    with saving(out, [*sources, rows]) as keep:
        for source in (*sources, rows):
            keep(str(source), (digit(5, 30, 20, 60),))
        assert not list(out.glob("*.png"))
    assert sorted(path.name for path in out.glob("*.png")) == ["a.png", "b.png"]
    before = (out / "a.png").read_bytes()
    with pytest.raises(ZeroDivisionError), saving(out, sources) as keep:
        keep(str(sources[1 // 0]), ())
    assert (out / "a.png").read_bytes() == before
    with saving(out, sources) as keep:
        keep(str(sources[0]), ())
    assert (out / "a.png").read_bytes() != before


def test_what_is_no_copy_is_replaced_only_if_that_is_said(tmp_path: Path) -> None:
    source = picture(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    for path in (source, picture(tmp_path / "b.jpg")):
        with (
            pytest.raises(ConfigError, match="is there already, and was not written by predict"),
            saving(tmp_path, [path]),
        ):
            pass
    with saving(tmp_path, [source], overwrite=True) as keep:
        keep(str(source), (digit(5, 30, 20, 60),))
    assert b"Scrawl predict --save" in source.read_bytes()


def test_pictures_with_one_name_and_no_pictures_are_refused(tmp_path: Path) -> None:
    for inputs, message in (
        ([Path("a.png"), Path("b/a.jpg")], "would both be saved as a.png"),
        ([Path("a.csv")], "none"),
    ):
        with pytest.raises(ConfigError, match=message), saving(tmp_path, inputs):
            pass
    with saving(None, [Path("a.csv")]) as keep:
        keep("a.csv", ())
