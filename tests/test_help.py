"""What --help says is what stands in the source, brackets and all."""

import re

import pytest
import typer

from cli import app, main

GROUP = typer.main.get_command(app)
COMMANDS = dict(vars(GROUP)["commands"])


def plain(text: str) -> str:
    """Return the words of a text, without the frames that help is printed in."""
    return " ".join(re.sub(r"[╭╮╰╯─│]", " ", text).split())


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_leaves_nothing_out(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")  # so wide that nothing is broken in two
    command = COMMANDS.get(name, GROUP)
    assert main([*([name] if name else []), "--help"]) == 0
    printed = plain(capsys.readouterr().out)
    for part in (command, *command.params):
        assert plain(part.help or "") in printed
    assert "Usage: python cli.py" in printed


def test_rich_would_leave_something_out() -> None:
    assert any("[" in (command.help or "") for command in COMMANDS.values())


def test_mistakes_in_the_command_line_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, error in (
        (["--debug", "fly"], "No such command 'fly'. See python cli.py --help."),
        (["train", "--fly"], "No such option: --fly. See python cli.py train --help."),
        ([], "expected a command, found none. See python cli.py --help."),
    ):
        assert main(arguments) == 2
        assert capsys.readouterr().err == f"error: {error}\n"
