"""Grids: answers in the shape of the grid, empty cells empty."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import DataError
from pipeline.recognise.grids import GridAnswer, grid_to_json, grid_to_text, predict_grids
from pipeline.recognise.predict import Digit
from pipeline.types import Artifact
from tests.pipeline.recognise.pictures.test_grid import sheet
from tests.pipeline.recognise.test_predict import artifact as artifact  # noqa: PLC0414 -- a fixture


@pytest.mark.parametrize("empty", [True, False])
def test_each_cell_is_answered(artifact: Artifact, tmp_path: Path, *, empty: bool) -> None:
    grey = sheet().astype(np.uint8)
    if empty:
        grey[42:62, 48:54] = grey[82:102, 128:134] = 250
    Image.fromarray(grey).save(tmp_path / "grid.png")
    Image.fromarray(np.full((50, 50), 250, np.uint8)).save(tmp_path / "blank.png")
    paths = [tmp_path / name for name in ("grid.png", "blank.png", "rows.csv")]
    answer, blank, rows = predict_grids(paths, artifact)
    assert isinstance(answer, GridAnswer)
    assert [[digit is None for digit in row] for row in answer.cells] == [[empty, True, True], [True, True, empty]]
    for digit in answer.digits:
        assert digit.box
    assert isinstance(blank, DataError)
    assert "blank.png: expected a grid of straight lines, found none" in str(blank)
    assert "rows.csv: --grid: expected a picture" in str(rows)


def test_a_grid_in_json_and_in_words() -> None:
    sure = Digit("7", np.array([0.05, 0.95]), sure=True, box=(1.0, 2.0, 3.0, 4.0))
    answer = GridAnswer("a.png", ((sure, None), (None, sure._replace(sure=False))))
    assert grid_to_text(answer) == "a.png:\n7.\n.?"
    document = grid_to_json(answer, int)
    assert (document["source"], document["sure"]) == ("a.png", False)
    assert document["rows"][0] == [
        {
            "digit": 7,
            "box": [1.0, 2.0, 3.0, 4.0],
            "row": 0,
            "probability": 0.95,
            "probabilities": [0.05, 0.95],
            "score": None,
            "sure": True,
        },
        None,
    ]
