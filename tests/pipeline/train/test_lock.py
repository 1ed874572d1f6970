"""A run's folder belongs to one process at a time."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError, OutputError
from pipeline.train.lock import occupied


def test_a_second_run_is_kept_out_until_the_first_ends(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with occupied(folder), pytest.raises(ConfigError, match="run: another process is training"), occupied(folder):
        pass
    with occupied(folder):
        pass
    assert folder.is_dir()


def test_a_folder_is_made_and_goes_again_if_it_stays_empty(tmp_path: Path) -> None:
    folder = tmp_path / "one" / "two" / "three"
    with occupied(folder):
        assert folder.is_dir()
    assert not (tmp_path / "one").exists()
    with occupied(folder):
        (folder / "model").touch()
    assert (folder / "model").exists()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(OutputError, match="run: can't be written: File exists"), occupied(tmp_path / "run"):
        pass
