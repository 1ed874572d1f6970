"""A document of figures from a file is shown, or refused by what is wrong with it."""

import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipeline.bench.document import load_document
from pipeline.bench.tables import bench_markdown, bench_table
from pipeline.errors import DataError
from pipeline.report.tables import show
from pipeline.types import Json
from tests import bench_document
from tests.conftest import ROOT

SECONDS = {"min": 1.0, "median": 2.0, "max": 3.0}
DISTORTION = {
    "images": 60_000, "seconds": SECONDS, "images_per_second": 30_000.0, "edges_seconds": SECONDS,
    "shares": [{"network": "784-30-10", "share": 0.5}],
}  # fmt: skip
ODD: list[Any] = [None, "x", "[/x]", -1, 0, 10**400, [], {}, True, ...]
"""What takes the place of a part; the last takes it away."""


def damaged() -> Iterator[Json]:
    """Yield documents of which one part is missing or something else, whichever it is."""
    whole = {**bench_document.whole(), "distortion": DISTORTION}
    by_series = {row["series"]: row for row in whole["rows"]}
    whole["rows"] = list(by_series.values())
    text = json.dumps(whole)
    for place in places(whole):
        for odd in ODD:
            document = inside = json.loads(text)
            for step in place[:-1]:
                inside = inside[step]
            inside[place[-1]] = odd
            if odd is ...:
                del inside[place[-1]]
            yield document


def places(part: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 -- of a document
    """Yield the way to each part of a document; of a list, to the first of its parts."""
    steps = part if isinstance(part, dict) else range(min(len(part), 1)) if isinstance(part, list) else ()
    for step in steps:
        yield (*before, step)
        yield from places(part[step], (*before, step))


def test_a_damaged_document_is_shown_or_refused(tmp_path: Path) -> None:
    path, refused = tmp_path / "bench.json", 0
    for document in islice(damaged(), 0, None, 3):
        path.write_text(json.dumps(document), encoding="utf-8")
        try:
            loaded = load_document(path)
        except DataError as error:
            refused += 1
            assert str(error).startswith(f"{path}: expected what `bench --json` prints; ")  # noqa: PT017 -- one of two
        else:
            show(bench_table(loaded), Console(file=io.StringIO()))
            assert bench_markdown(loaded)
    assert refused > 50


@pytest.mark.parametrize("path", sorted((ROOT / "artifacts" / "bench").glob("*.json")), ids=lambda path: path.name)
def test_every_figure_that_was_kept_can_be_shown(path: Path) -> None:
    show(bench_table(load_document(path)), Console(file=io.StringIO()))


def test_what_was_measured_before_there_were_filters_can_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    older = {name: value for name, value in DISTORTION.items() if name != "edges_seconds"}
    path.write_text(json.dumps({**bench_document.whole(), "distortion": older}), encoding="utf-8")
    assert load_document(path)["distortion"] == older
