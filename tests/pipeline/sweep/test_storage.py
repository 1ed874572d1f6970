"""Where trials are kept, and what becomes of that."""

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
import sqlalchemy.exc

from pipeline.errors import ArtifactError, OutputError
from pipeline.sweep.storage import (
    Place,
    begin_in,
    database_at,
    journal_at,
    settings_in,
    storage_errors,
    without_password,
)
from tests.places import unwritable

SETTINGS = {"epochs": 3, "hidden": ["8", "16"]}


@pytest.mark.parametrize(
    "opened",
    [
        lambda folder: journal_at(folder / "trials.journal"),
        lambda folder: database_at(f"sqlite:///{folder}/trials.db", "mine"),
    ],
    ids=["file", "database"],
)
def test_a_sweep_begins_once_and_is_found_again(tmp_path: Path, opened: Callable[[Path], Place]) -> None:
    assert settings_in(opened(tmp_path)) is None
    begin_in(opened(tmp_path), SETTINGS)
    assert settings_in(opened(tmp_path)) == SETTINGS
    begin_in(opened(tmp_path), {"epochs": 4})
    assert settings_in(opened(tmp_path)) == {"epochs": 4}, "the old one is forgotten"


def test_half_a_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "trials.journal"
    begin_in(journal_at(path), SETTINGS)
    whole = path.read_bytes()
    for length in (1, len(whole) // 3, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert settings_in(journal_at(path)) is None
        assert whole.startswith(path.read_bytes())
        assert path.read_bytes()[-1:] in {b"", b"\n"}
        begin_in(journal_at(path), SETTINGS)
        assert settings_in(journal_at(path)) == SETTINGS


def test_no_lock_is_waited_for_that_a_killed_process_has_left(tmp_path: Path) -> None:
    lock = tmp_path / "trials.journal.lock"
    lock.touch()
    begin_in(journal_at(tmp_path / "trials.journal"), SETTINGS)
    assert lock.exists(), "Optuna's own would wait for half a minute, and then take it away"


@pytest.mark.parametrize("content", [b"{}\n", b"[]\n", b"\xff\xff\n", b"no journal\nat all\n", b'{"op_code": 99}\n'])
def test_what_is_no_journal_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "trials.journal"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"trials\.journal: expected the trials of a sweep, as Optuna keeps them"):
        settings_in(journal_at(path))
    assert path.read_bytes() == content


def test_where_nothing_can_be_written_is_told() -> None:
    with unwritable() as folder, pytest.raises(OutputError, match=r"trials\.journal: the trials can't be kept there: "):
        journal_at(folder / "trials.journal")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "--storage nonsense: the trials can't be kept there: "),
        ("redis://host", "--storage redis://host: the trials can't be kept there: RedisStorage is removed"),
        ("sqlite:////none/at/all.db", "--storage sqlite:////none/at/all.db: the trials can't be kept there: "),
        ("mysql://me:secret@host/db", "--storage mysql://me:***@host/db: the trials can't be kept there: "),
    ],
)
def test_a_storage_that_cannot_be_opened_is_told(url: str, message: str) -> None:
    with pytest.raises(OutputError) as caught:
        database_at(url, "mine")
    assert str(caught.value).startswith(message)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (sqlalchemy.exc.ArgumentError("to postgresql://me:secret@host/db\nmore"), "to postgresql://me:***@host/db"),
        (optuna.exceptions.StorageInternalError("it went away"), "it went away"),
    ],
)
def test_a_storage_that_fails_in_the_middle_is_told(error: Exception, reason: str) -> None:
    with pytest.raises(OutputError, match="There: the trials can't be kept there: ") as caught, storage_errors("There"):
        raise error
    assert f"there: {reason}. What it holds of them stays." in str(caught.value)


def test_no_password_is_shown() -> None:
    assert without_password("postgresql://me:se:cr/et@host:5/db") == "postgresql://me:***@host:5/db"
    assert without_password("sqlite:///trials.db") == "sqlite:///trials.db"
