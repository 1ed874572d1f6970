"""Sizes as people write them, and what there is."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from pipeline.errors import ConfigError
from pipeline.memory import budget, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("200MB", 200_000_000), ("1.5 GiB", 3 << 29), ("2g", 2_000_000_000), ("64k", 64_000), ("64 Kib", 65_536),
        ("123", 123), ("7 B", 7), ("1T", 10**12),
    ],
)  # fmt: skip
def test_a_size_is_understood(text: str, size: int) -> None:
    assert parse_size(text, "--memory") == size


@pytest.mark.parametrize("text", ["", "much", "-5MB", "0", "0.2", "5 MBit", "1e9", "MB", "9" * 400])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--memory: expected a size such as 200MB or 1\.5GB; found"):
        parse_size(text, "--memory")


def test_a_quarter_of_what_is_free_is_for_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=4_000))
    monkeypatch.setattr("pipeline.memory.CGROUP", tmp_path)
    assert budget() == 1_000
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("5\n", encoding="ascii")
    assert budget() == 1_000
    (tmp_path / "memory.max").write_text("405\n", encoding="ascii")
    assert budget() == 100
    (tmp_path / "memory.current").write_text("500\n", encoding="ascii")
    assert budget() == 0
