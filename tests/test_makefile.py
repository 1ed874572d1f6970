"""What `make run` would do."""

import os
import shlex
import subprocess

from tests.conftest import ROOT


def test_make_run_leaves_rows_and_networks_alone_that_are_somebodys() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--dry-run", "run"],  # noqa: S607 -- as people call it
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [shlex.split(line) for line in done.stdout.splitlines() if "cli.py" in line]
    prepare, train, evaluate = (line[line.index("cli.py") + 1 :] for line in lines)
    assert prepare == ["prepare", "--keep-prepared"]
    assert train == ["train", "--out", "artifacts/quick", "--overwrite", "--no-remember"]
    assert evaluate == ["evaluate", "--model", "artifacts/quick/model.npz"]
