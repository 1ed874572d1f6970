"""A sweep's folder, and where its trials are kept: a new sweep begins there, or the one that is there goes on.

This module imports Optuna, and so is imported only where a sweep begins; see `pipeline.sweep.run`.
"""

import json

from pipeline.errors import ArtifactError, ConfigError
from pipeline.files import output_errors
from pipeline.rules import shown
from pipeline.sweep.request import BEST, JOURNAL, MEMORY, PARQUET, SweepRequest
from pipeline.sweep.storage import Place, begin_in, database_at, journal_at, settings_in
from pipeline.types import Json
from pipeline.words import visible


def place_for(request: SweepRequest, settings: Json) -> tuple[Place, Json]:
    """Return where a sweep's trials are kept, and its settings: a new one begins there, or the same one is to go on.

    The caller holds the folder's lock.

    Raises ConfigError if there is one already that may not be replaced, or it began with other settings;
    ArtifactError if there is none to go on with, or it began with other data; OutputError if nothing can be kept there.
    """
    journal, settings = (
        request.folder / JOURNAL,
        json.loads(json.dumps(settings, allow_nan=False)),
    )  # as a storage gives them back
    if not request.resume:
        _refuse_another(request)
        with output_errors(journal):
            journal.unlink(missing_ok=True)
    elif not request.storage and not journal.exists():
        raise ArtifactError(f"{journal}: there is no sweep to go on with. Start one without --resume.")
    url, study = request.storage, visible(f"scrawl: {request.folder.resolve()}")
    place = database_at(url, study) if url else journal_at(journal)
    found = settings_in(place)
    if request.resume:
        return place, _checked_same(place.name, found, settings)
    if found is None or request.overwrite:
        begin_in(place, settings)
        return place, settings
    raise _another(f"{place.name}, study {study}")


def _refuse_another(request: SweepRequest) -> None:
    """Raise ConfigError if the folder holds a sweep already, and it may not be overwritten."""
    found = [name for name in (JOURNAL, PARQUET, BEST) if (request.folder / name).exists()]
    if found and not request.overwrite:
        raise _another(f"{request.folder} ({', '.join(found)})")


def _another(where: str) -> ConfigError:
    """Return the error that says that there is a sweep already."""
    return ConfigError(
        f"{where}: holds a sweep already. Go on with it by --resume, replace it by --overwrite, or name another folder "
        "with --out."
    )


def _checked_same(where: str, found: Json | None, settings: Json) -> Json:
    """Return the settings that a sweep began with; raise unless it is to go on with the same."""
    if found is None:
        raise ArtifactError(f"{where}: there is no sweep to go on with. Start one with --overwrite.")
    differing = [name for name in {**found, **settings} if found.get(name) != settings.get(name) and name != MEMORY]
    if "data" in differing:
        raise ArtifactError(
            f"{where}: the sweep began with other data (arrays.npz had sha256 {found.get('data', '')[:12]}…, now "
            f"{settings['data'][:12]}…). Prepare the same data again, or start anew with --overwrite."
        )
    if differing:
        changes = ", ".join(f"{name} {shown(found.get(name))} (now {shown(settings.get(name))})" for name in differing)
        raise ConfigError(
            f"{where}: the sweep began with {changes}. Undo that in the file to go on with it, or start anew with "
            "--overwrite."
        )
    return found
