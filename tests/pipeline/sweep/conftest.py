"""What tests of sweeps share: rows that are learned in no time, and a file of what is searched."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from tests.digits import blobs

FIXED = "filters = 0\ndistortion = 0\nepochs = 3\nbatch_size = 16\nvalidation_fraction = 0.2\n"


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of prepared rows: 4x4 images in three classes."""
    folder, dataset = tmp_path_factory.mktemp("rows"), blobs(rows=90)
    header = ",".join(["label", *(f"pixel{i}" for i in range(16))])
    rows = np.column_stack([dataset.labels, dataset.features])
    np.savetxt(folder / "rows.csv", rows, fmt="%d", delimiter=",", header=header, comments="")
    prepare(PrepareRequest(out=folder / "data", train=folder / "rows.csv"))
    return folder / "data"


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes as long as a whole sweep of these rows."""
    monkeypatch.setattr("pipeline.sweep.run.draw_sweep", lambda *_: b"a picture")


@pytest.fixture
def toml(tmp_path: Path) -> Callable[[str], Path]:
    """Return what writes a file of what is searched, beside what keeps a trial short."""

    def written(text: str, fixed: str = FIXED) -> Path:
        path = tmp_path / "sweep.toml"
        path.write_text(fixed + text, encoding="utf-8")
        return path

    return written
