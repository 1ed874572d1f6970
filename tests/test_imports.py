"""The rules of the house: who may import whom. An edge that is not in this list is a decision to be made here first."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = {"kernels", "pipeline", "gui", "cli"}
BASE = {"pipeline.archive", "pipeline.config", "pipeline.errors", "pipeline.files", "pipeline.labels", "pipeline.split"}
BASE |= {"pipeline.contents", "pipeline.locks", "pipeline.rules", "pipeline.staging", "pipeline.threads"}
BASE |= {"pipeline.endings", "pipeline.signals", "pipeline.types", "pipeline.words"}

# What each room may import besides itself: whole rooms by name.
ALLOWED = {
    "kernels": set[str](),
    "pipeline": {"kernels", *BASE},
    "pipeline.prepare": BASE,
    "pipeline.model": {"kernels", *BASE},
    "pipeline.report": BASE,
    "pipeline.recognise": {"kernels", "pipeline.model", "pipeline.prepare", "pipeline.report", *BASE},
    "pipeline.train": {"kernels", "pipeline.model", "pipeline.prepare", "pipeline.report", *BASE},
    "pipeline.bench": {"kernels", "pipeline.prepare", "pipeline.train", *BASE},
    "gui": {"pipeline"},
    "cli": {"pipeline", "gui"},
}
# kernels are for numba and NumPy; files, windows and terminals are other people's business.
ALLOWED_OUTSIDE = {"kernels": {"numba", "llvmlite", "numpy"}}


def sources() -> list[Path]:
    return [ROOT / "cli.py", *(path for layer in sorted(LAYERS) for path in sorted((ROOT / layer).rglob("*.py")))]


def imports_of(path: Path) -> Iterator[str]:
    """Yield the full name of every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    """Return the room that a file belongs to: its package, or the layer for a module on its own."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "pipeline" and len(parts) > 2:
        return ".".join(parts[:2])
    return parts[0]


def is_within(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    room = room_of(path)
    for name in imports_of(path):
        if name.split(".")[0] in LAYERS | {"tests"}:
            own_room = is_within(name, {room}) and room != "pipeline"
            assert own_room or is_within(name, ALLOWED[room]), f"{path}: {room} may not import {name}"
        elif room in ALLOWED_OUTSIDE and name.split(".")[0] in third_party():
            assert is_within(name, ALLOWED_OUTSIDE[room]), f"{path}: {room} may not import {name}"


def third_party() -> set[str]:
    return {
        "filelock",
        "llvmlite",
        "matplotlib",
        "numba",
        "numpy",
        "PIL",
        "pooch",
        "pyarrow",
        "requests",
        "rich",
        "scipy",
        "typer",
    }


@pytest.mark.parametrize("path", sorted((ROOT / "gui").glob("*.py")), ids=lambda path: path.name)
def test_what_is_on_the_board_needs_no_window(path: Path) -> None:
    if path.name != "__main__.py":
        assert not any(is_within(name, {"tkinter", "gui.window"}) for name in imports_of(path))


def test_the_layout_is_the_settled_one() -> None:
    files = {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__"))}
    settled = {"pipeline", "kernels", "gui", "cli.py", "data", "artifacts", "tests", "pyproject.toml"}
    beside = {"README.md", "CHANGELOG.md", "Makefile", "LICENSE", "constraints.txt"}
    assert {name for name in files if not name.endswith(".egg-info")} <= settled | beside
