"""Pictures are drawn on a canvas of our own, whatever matplotlib is told elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import ScrawlError
from pipeline.report.canvas import BACKEND, drawing, new_figure, png_of
from tests.conftest import ROOT

DRAW = """
from pipeline.report.pictures import draw_curves
from pipeline.types import EpochReport
print(len(draw_curves((EpochReport(1, 0.5, 0.4, 0.9, 0.1, 1.0),))))
"""
JUPYTER = "module://matplotlib_inline.backend_inline"


def drawn_where(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Draw in a process of its own: matplotlib reads its settings when it is imported."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-c", DRAW]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_settings_of_matplotlib_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nsavefig.dpi: 3\nbackend: nonsense\nno setting\n")
    nowhere = {"MPLCONFIGDIR": str(tmp_path / "matplotlibrc"), BACKEND: JUPYTER}
    usual, odd = drawn_where(tmp_path / "plain", {}), drawn_where(tmp_path, nowhere)
    assert int(usual.stdout) > 10_000, usual.stderr
    assert (odd.returncode, odd.stdout, odd.stderr) == (0, usual.stdout, "")


def test_a_file_of_settings_that_is_no_text_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe\x00")
    done = drawn_where(tmp_path, {})
    assert "ScrawlError: matplotlib can't draw here: UnicodeDecodeError" in done.stderr


def test_whatever_goes_wrong_is_one_kind_of_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BACKEND, "nonsense")
    for error, message in (
        (TypeError("oh"), "can't draw here: TypeError: oh"),
        (MemoryError("none"), "can't draw here: MemoryError"),
        (ModuleNotFoundError("no contours", name="contourpy"), r"needs contourpy, which .*pip install '\.\[report\]'"),
        (ScrawlError("its own"), "its own"),
    ):
        with pytest.raises(ScrawlError, match=message), drawing():
            raise error
        assert os.environ[BACKEND] == "nonsense", "it is a person's, and stays"


def test_a_figure_has_its_own_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BACKEND, raising=False)
    with drawing():
        figure = new_figure(1, 1)
        assert type(figure.canvas).__name__ == "FigureCanvasAgg"
        assert png_of(figure).startswith(b"\x89PNG")
    assert BACKEND not in os.environ
