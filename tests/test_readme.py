"""README says what was measured: its tables are made from the figures that lie beside it."""

import json
from pathlib import Path

from pipeline.bench.tables import bench_markdown

ROOT = Path(__file__).parents[1]


def test_the_tables_of_times_are_those_of_the_figures() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    newest = max((ROOT / "artifacts" / "bench").glob("*-peers.json"))
    assert bench_markdown(json.loads(newest.read_text(encoding="utf-8"))) in text


def test_every_picture_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = [part.split(")")[0] for part in text.split("](")[1:] if ".png)" in part]
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
