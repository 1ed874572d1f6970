"""JSON for programs and for files: never a NaN, which Python writes and no other reader takes."""

import ast
import math

import pytest

from pipeline.report.documents import json_text
from tests.test_imports import ROOT, sources

ELSEWHERE = {
    # A line from one to the other, which are both Python.
    "pipeline/bench/race.py", "pipeline/bench/racer.py",
    # What was found, in messages.
    "pipeline/recognise/drawn.py", "pipeline/recognise/strokes/entries.py",
    # What tables are called, texts and whole numbers.
    "pipeline/prepare/store/columnar.py",
}  # fmt: skip


def test_what_json_has_no_word_for_is_not_printed() -> None:
    assert json_text({"loss": 0.5, "of": None}) == '{"loss": 0.5, "of": null}'
    for number in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not JSON compliant"):
            json_text({"loss": [number]})


def test_nobody_writes_json_otherwise() -> None:
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"json.dumps", "json.dump"}:
                options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert options.get("allow_nan") == "False" or name in ELSEWHERE, f"{name}:{node.lineno}"
