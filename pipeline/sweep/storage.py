"""Where Optuna keeps the trials of a sweep: a file of its own, or any storage that it opens by a URL.

This module imports Optuna, and so is imported only where a sweep begins; see `pipeline.sweep.run`.
"""

import contextlib
import logging
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import optuna
import sqlalchemy.exc
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from pipeline.errors import ArtifactError, OutputError
from pipeline.files import open_plain
from pipeline.types import Json
from pipeline.words import line

SETTINGS = "scrawl"
"""By which a storage holds a sweep's settings."""
PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*@")
MAX_REASON = 300  # characters of what a storage says


class Place(NamedTuple):
    """Where a sweep's trials are kept."""

    name: str  # for messages
    storage: BaseStorage
    study: str  # its name in there
    url: str | None = None  # that it was opened by, without its password


class _Alone(JournalFileOpenLock):
    """No lock: who sweeps holds the folder's. Optuna's own would be left behind by a process that is killed."""

    def acquire(self) -> bool:
        """Have it."""
        return True

    def release(self) -> None:
        """Give it back."""


def journal_at(path: Path) -> Place:
    """Return the place of a sweep in a file of its own, whose last line may be half of one: then it is cut off.

    The caller holds the folder's lock.

    Raises ArtifactError if something else is in the file; OutputError if it can't be written.
    """
    with storage_errors(str(path)):
        try:
            if path.exists():
                _cut_off(path)
            return Place(str(path), JournalStorage(JournalFileBackend(str(path), _Alone(str(path)))), "sweep")
        except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as error:
            raise ArtifactError(
                f"{path}: expected the trials of a sweep, as Optuna keeps them; found something else "
                f"({line(str(error), MAX_REASON)}). Begin anew with --overwrite."
            ) from error


def database_at(url: str, study: str) -> Place:
    """Return the place of a sweep, by a name, in any storage that Optuna opens by a URL.

    Raises OutputError if it can't be opened; no password is shown.
    """
    name = f"--storage {without_password(url)}"
    with storage_errors(name):
        try:
            return Place(name, optuna.storages.get_storage(url), study, without_password(url))
        except (ValueError, ImportError, RuntimeError) as error:
            raise _refusal(name, error) from error


def without_password(url: str) -> str:
    """Return a URL to be shown."""
    return PASSWORD.sub(r"\1***@", url)


@contextlib.contextmanager
def storage_errors(name: str) -> Iterator[None]:
    """Turn a storage's refusal into an `OutputError`; Optuna is quiet in the meantime."""
    optuna.logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (OSError, sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise _refusal(name, error) from error


def settings_in(place: Place) -> Json | None:
    """Return the settings of the sweep that a place holds; None if it holds none."""
    with storage_errors(place.name):
        if place.study not in optuna.get_all_study_names(place.storage):
            return None
        study = optuna.load_study(study_name=place.study, storage=place.storage)
        settings: Json | None = study.user_attrs.get(SETTINGS)
        return settings


def begin_in(place: Place, settings: Json) -> None:
    """Begin a sweep of these settings in a place; one that is there already is forgotten."""
    with storage_errors(place.name):
        if place.study in optuna.get_all_study_names(place.storage):
            optuna.delete_study(study_name=place.study, storage=place.storage)
        study = optuna.create_study(study_name=place.study, storage=place.storage, direction="maximize")
        study.set_user_attr(SETTINGS, settings)


def _cut_off(path: Path) -> None:
    """Take away what follows the last whole line of a file."""
    with open_plain(path) as file:
        content = file.read()
    if (whole := content.rfind(b"\n") + 1) < len(content):
        os.truncate(path, whole)


def _refusal(name: str, error: Exception) -> OutputError:
    """Return the error that says what is the matter with a storage."""
    cause = error.__cause__ or error if isinstance(error, optuna.exceptions.StorageInternalError) else error
    told = (isinstance(cause, OSError) and cause.strerror) or str(cause).partition("\n")[0]
    return OutputError(
        f"{name}: the trials can't be kept there: {line(without_password(told), MAX_REASON).rstrip('.')}. What it "
        "holds of them stays. Mend that, or keep them elsewhere, by --out or --storage."
    )
