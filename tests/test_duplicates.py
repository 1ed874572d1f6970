"""No eight lines of code stand twice in the sources: what is said twice drifts apart."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("cli.py", "pipeline/**/*.py", "kernels/**/*.py", "gui/**/*.py", "tests/**/*.py")
WINDOW = 8


def code_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that say something, with their numbers: no blanks, comments, imports or lone brackets."""
    imports = {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return [
        (number, line)
        for number, line in enumerate(map(str.strip, text.splitlines()), 1)
        if number not in imports and line.strip("()[]{},: ") and not line.startswith("#")
    ]


def duplicates(texts: dict[str, str]) -> list[list[str]]:
    """List where each run of ``WINDOW`` code lines stands that stands more than once."""
    places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, text in texts.items():
        lines = code_lines(text)
        for start in range(len(lines) - WINDOW + 1):
            window = lines[start : start + WINDOW]
            places[tuple(line for _, line in window)].append(f"{name}:{window[0][0]}")
    return [found for found in places.values() if len(found) > 1]


def test_no_eight_lines_stand_twice() -> None:
    paths = [path for pattern in SOURCES for path in sorted(ROOT.glob(pattern))]
    assert len(paths) > 100
    found = duplicates({str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths})
    assert not found, "\n".join(" = ".join(places) for places in found)


def test_a_planted_pair_is_found() -> None:
    body = "\n".join(f"value_{number} = {number}" for number in range(WINDOW))
    parted = body.replace("\nvalue_4", "\n\nfrom os import (\n    path,\n)\n# a comment\nvalue_4")
    assert duplicates({"a.py": f"first = 1\n{body}", "b.py": parted}) == [["a.py:2", "b.py:1"]]
    assert not duplicates({"a.py": body, "b.py": body.replace("value_3", "other")})
