"""The ending of a name promises what is in the file: nothing is written under one that promises something else."""

from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from typer.models import OptionInfo

from cli import app, main
from pipeline.endings import file_ending_in, folder_named_by
from pipeline.errors import ConfigError

WRITTEN = {
    ("evaluate", "--sheet"): ".png",
    ("augment", "--sheet"): ".png",
    ("bench", "--plot"): ".png",
    ("sketch", "--out"): ".jsonl",
    ("export", "--out"): ".npz",
}
"""Options that name a file to write, and what is written."""
FOLDERS = {("prepare", "--out"), ("train", "--out"), ("sweep", "--out"), ("predict", "--save")}
READ = {
    ("prepare", "--strokes"), ("prepare", "--data"), ("sweep", "--config"), ("sweep", "--data"),
    ("train", "--data"), ("train", "--from"), ("train", "--config"), ("evaluate", "--model"), ("evaluate", "--data"),
    ("evaluate", "--strokes"), ("predict", "--model"), ("augment", "--data"), ("export", "--model"),
    ("bench", "--data"), ("bench", "--show"), ("gui", "--model"),
}  # fmt: skip
"""Options that name what is there already."""


def paths() -> set[tuple[str, str]]:
    """Return all options that name a file or a folder, with their commands."""
    found = set[tuple[str, str]]()
    for command in app.registered_commands:
        assert command.callback is not None
        for name, hint in get_type_hints(command.callback, include_extras=True).items():
            option = next((each for each in get_args(hint) if isinstance(each, OptionInfo)), None)
            if option and "Path" in repr(get_args(hint)[0]):
                # typer takes what comes first for a default, until it knows better.
                given = [each for each in (option.default, *(option.param_decls or ())) if isinstance(each, str)]
                found.add((command.callback.__name__, given[0] if given else f"--{name.replace('_', '-')}"))
    return found


def test_every_option_that_names_a_file_is_known() -> None:
    assert paths() == set(WRITTEN) | FOLDERS | READ


@pytest.mark.parametrize("ending", [".onnx", ".H5", ".csv", ".svg", ".npz.bak"])
@pytest.mark.parametrize(("command", "option"), WRITTEN)
def test_no_file_is_written_under_a_name_that_lies(
    command: str, option: str, ending: str, in_tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = WRITTEN[command, option]
    assert main([command, option, f"digits{ending}"]) == 2
    name, suffix = Path(f"digits{ending}").with_suffix(right), Path(ending).suffix or ending
    said = capsys.readouterr().err
    assert said.startswith(f"error: {option} digits{ending}: expected a name that ends in {right}, as ")
    assert said.endswith(f"found {suffix}. Write {option} {name}.\n")
    assert not list(in_tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["digits.npz", "digits", "digits.NPZ", "digits.v2", "digits-0.3", "digits.2026-11-27", ".m"]
)
def test_names_that_promise_nothing_else_are_fine(name: str) -> None:
    assert file_ending_in(".npz", "a model", "--out")(Path(name)) == Path(name)


@pytest.mark.parametrize(("command", "option"), sorted(FOLDERS))
def test_no_folder_is_called_like_a_file(
    command: str, option: str, in_tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, option, "digits.npz"]) == 2
    assert capsys.readouterr().err == (
        f"error: {option} digits.npz: expected the name of a folder; found one that ends in .npz, as files do. "
        f"Write {option} digits.\n"
    )
    assert not list(in_tmp_path.iterdir())


def test_a_folder_that_is_there_may_be_called_anything(tmp_path: Path) -> None:
    check = folder_named_by("--out")
    (tmp_path / "old.npz").mkdir()
    for path in (tmp_path / "old.npz", tmp_path / "run.seed1", tmp_path / "new", None):
        assert check(path) == path
    with pytest.raises(ConfigError, match=r"new\.npz: expected the name of a folder"):
        check(tmp_path / "new.npz")
