"""The tutorial is run as it stands: every block, in order, in a folder of its own, and what it prints is below it."""

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.markdown import ROOT, Block, blocks_of

pytestmark = [pytest.mark.jit, pytest.mark.long]

BLOCKS = blocks_of("docs/tutorial.md")
FIGURE = re.compile(r"\d+(\.\d+)?")


def shown(text: str) -> list[str]:
    """Return printed lines without their figures, which may differ from machine to machine in their last digits."""
    return [FIGURE.sub("#", line).rstrip() for line in text.strip().splitlines()]


def run(block: Block, names: dict[str, Any]) -> str:
    """Run a block, and return what it prints."""
    if block.language == "sh":
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command = ["sh", "-e", "-c", block.text]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PATH": path}, check=False)
        assert done.returncode == 0, f"line {block.line}: {done.stderr}"
        return done.stdout
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.text, f"tutorial.md, line {block.line}", "exec"), names)  # noqa: S102 -- our own document
    return printed.getvalue()


def test_every_block_does_what_it_says(in_tmp_path: Path) -> None:
    (in_tmp_path / "cli.py").symlink_to(ROOT / "cli.py")
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
