"""Timings as a picture."""

import io
import sys

import pytest
from PIL import Image

from pipeline.bench.pictures import draw_bench, require_matplotlib
from pipeline.bench.rows import bench_json
from pipeline.errors import ScrawlError
from tests import bench_document


def size_of(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as image:
        return image.size


def test_every_part_has_its_panel() -> None:
    height = size_of(draw_bench(bench_json([], 1, "MNIST")))[1]
    document = bench_document.whole()
    assert size_of(draw_bench({**document, "race": [], "rows": document["rows"][:5]}))[1] == height
    assert size_of(draw_bench(document))[1] == 6 * height, "an epoch, two predictions, the race, and two that grow"


def test_the_same_figures_give_the_same_picture() -> None:
    document = {**bench_document.whole(), "race": []}
    document["rows"] = document["rows"][:5]
    assert draw_bench(document) == draw_bench(document)


def test_without_matplotlib_it_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ScrawlError, match="pip install"):
        require_matplotlib()
