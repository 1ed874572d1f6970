"""The rules of the house: who may import whom. An edge that is not in this list is a decision to be made here first."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = {"kernels", "pipeline", "gui", "cli"}
BASE = {
    "pipeline.archive",
    "pipeline.config",
    "pipeline.errors",
    "pipeline.files",
    "pipeline.labels",
    "pipeline.stratify",
}
BASE |= {
    "pipeline.compiling",
    "pipeline.contents",
    "pipeline.locks",
    "pipeline.rules",
    "pipeline.staging",
    "pipeline.threads",
}
BASE |= {"pipeline.endings", "pipeline.memory", "pipeline.rows", "pipeline.signals", "pipeline.types", "pipeline.words"}

# The ground of the kernels, which every floor stands on.
GROUND = {"kernels.types", "kernels.params"}

# What each room may import besides itself: whole rooms by name.
ALLOWED = {
    "kernels": {"kernels.types"},
    "kernels.machine": GROUND,
    "kernels.functions": {"kernels.machine", *GROUND},
    "kernels.layers": {"kernels.functions", "kernels.machine", *GROUND},
    "kernels.network": {"kernels.layers", "kernels.functions", "kernels.machine", *GROUND},
    "kernels.images": {"kernels.machine", *GROUND},
    "pipeline": {"kernels", *BASE},
    "pipeline.prepare": BASE,
    "pipeline.model": {"kernels", *BASE},
    "pipeline.report": BASE,
    "pipeline.recognise": {
        "kernels",
        "pipeline.cluster",
        "pipeline.model",
        "pipeline.prepare",
        "pipeline.report",
        *BASE,
    },
    "pipeline.train": {
        "kernels",
        "pipeline.cluster",
        "pipeline.model",
        "pipeline.prepare",
        "pipeline.recognise",
        "pipeline.report",
        *BASE,
    },
    "pipeline.sweep": {
        "kernels",
        "pipeline.cluster",
        "pipeline.model",
        "pipeline.prepare",
        "pipeline.report",
        "pipeline.train",
        *BASE,
    },
    # What stands in front of all others for those who use Scrawl from Python; nobody inside needs it.
    "pipeline.api": {
        "kernels",
        "pipeline.model",
        "pipeline.prepare",
        "pipeline.recognise",
        "pipeline.train",
        *BASE,
    },
    "pipeline.cluster": BASE,
    "pipeline.bench": {"kernels", "pipeline.prepare", "pipeline.report", "pipeline.train", *BASE},
    "gui": {"pipeline"},
    "cli": {"pipeline", "gui"},
}
# kernels are for numba and NumPy; files, windows and terminals are other people's business.
ALLOWED_OUTSIDE = {"kernels": {"numba", "llvmlite", "numpy"}}
THIRD_PARTY = {
    "dask",
    "distributed",
    "filelock",
    "llvmlite",
    "matplotlib",
    "numba",
    "numpy",
    "optuna",
    "PIL",
    "pooch",
    "psutil",
    "pyarrow",
    "requests",
    "rich",
    "scipy",
    "sqlalchemy",
    "typer",
}
# Rooms whose modules may import each other; `pipeline` and `kernels` themselves are only what all others stand on.
STORIED = set(ALLOWED) - {"kernels", "pipeline"}


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
    if parts[0] in {"kernels", "pipeline"} and len(parts) > 2:
        return ".".join(parts[:2])
    return parts[0]


def is_within(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def trespasses(room: str, path: Path) -> Iterator[str]:
    """Yield what a file of a room imports and may not."""
    for name in imports_of(path):
        package = name.split(".")[0]
        if package in LAYERS | {"tests"}:
            own_room = is_within(name, {room}) and room in STORIED
            if not own_room and not is_within(name, ALLOWED[room]):
                yield name
        elif package in THIRD_PARTY - ALLOWED_OUTSIDE.get(room.split(".", maxsplit=1)[0], THIRD_PARTY):
            yield name


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    assert not list(trespasses(room_of(path), path))


FLOORS = sorted(room for room in ALLOWED if room.startswith("kernels"))


@pytest.mark.parametrize("room", FLOORS)
@pytest.mark.parametrize("other", FLOORS)
def test_the_rule_of_the_floors_is_enforced(room: str, other: str, tmp_path: Path) -> None:
    """Each direction is planted once, the allowed ones too."""
    planted = tmp_path / "planted.py"
    planted.write_text(f"from {other}.planted import anything\n", encoding="utf-8")
    allowed = {
        "kernels.network": {"kernels.layers", "kernels.functions", "kernels.machine"},
        "kernels.layers": {"kernels.functions", "kernels.machine"},
        "kernels.functions": {"kernels.machine"},
        "kernels.images": {"kernels.machine"},
    }
    expected = room == other != "kernels" or other in allowed.get(room, set())
    assert (not list(trespasses(room, planted))) == expected


@pytest.mark.parametrize("name", ["numpy.random", "kernels.machine.jit", "kernels.params", "numba"])
def test_the_reference_needs_only_types_and_numpy(name: str, tmp_path: Path) -> None:
    reference = ROOT / "kernels" / "reference.py"
    assert {name.split(".")[0] for name in imports_of(reference)} <= {"collections", "kernels", "numpy", "typing"}
    planted = tmp_path / "planted.py"
    planted.write_text(f"import {name}\n", encoding="utf-8")
    assert bool(list(trespasses("kernels", planted))) == name.startswith("kernels")


@pytest.mark.parametrize("path", sorted((ROOT / "gui").glob("*.py")), ids=lambda path: path.name)
def test_what_is_on_the_board_needs_no_window(path: Path) -> None:
    if path.name != "__main__.py":
        assert not any(is_within(name, {"tkinter", "gui.window"}) for name in imports_of(path))


def test_the_layout_is_the_settled_one() -> None:
    files = {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__"))}
    settled = {"pipeline", "kernels", "gui", "cli.py", "data", "artifacts", "tests", "pyproject.toml"}
    beside = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "Makefile", "LICENSE", "constraints.txt"}
    assert {name for name in files if not name.endswith(".egg-info")} <= settled | beside
