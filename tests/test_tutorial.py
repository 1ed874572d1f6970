"""The tutorial is run as it stands: every block, in order, in a folder of its own, and what it prints is below it."""

import contextlib
import io
import re
import shlex
import subprocess
from typing import Any

import pytest

from cli import main
from tests.markdown import Block, blocks_of

pytestmark = pytest.mark.long

BLOCKS = blocks_of("docs/tutorial.md")
OURS = "python cli.py "
FIGURE = re.compile(r"\d+(\.\d+)?")


def shown(text: str) -> list[str]:
    """Return printed lines without their figures, which may differ from machine to machine in their last digits."""
    return [FIGURE.sub("#", line).rstrip() for line in text.strip().splitlines()]


def run(block: Block, names: dict[str, Any]) -> str:
    """Run a block, our own commands in this process, and return what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if block.language == "python":
            exec(compile(block.text, f"tutorial.md, line {block.line}", "exec"), names)  # noqa: S102 -- our document
            return printed.getvalue()
        for line in block.text.splitlines():
            if line.startswith(OURS):
                assert main(shlex.split(line.removeprefix(OURS))) == 0, f"below line {block.line}: {line}"
            else:
                subprocess.run(["/bin/sh", "-e", "-c", line], check=True)
    return printed.getvalue()


@pytest.mark.usefixtures("in_tmp_path")
def test_every_block_does_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRAWL_MIRRORS", "")
    assert main(["prepare"]) == 0, "as `make run` does, which comes before"
    names: dict[str, Any] = {}
    printed = ""
    for block in BLOCKS:
        if block.language == "text":
            assert shown(printed) == shown(block.text), f"below line {block.line}"
        else:
            assert block.language in {"sh", "python"}
            printed = run(block, names)


def test_its_blocks_fit_onto_a_line() -> None:
    assert {block.language for block in BLOCKS} == {"sh", "python", "text"}
    assert all(len(line) <= 120 for block in BLOCKS if block.language != "text" for line in block.text.splitlines())
