"""A sweep's folder: what is there already, and whether it may go on or go away."""

from pathlib import Path

import pytest

from pipeline.errors import ArtifactError, ConfigError, ScrawlError
from pipeline.sweep.folder import place_for
from pipeline.sweep.request import SweepRequest
from pipeline.sweep.storage import settings_in

SETTINGS = {"epochs": 3, "learning_rate": {"low": 1, "high": 2}, "data": "a" * 64, "memory": 1000}


@pytest.fixture(params=[False, True], ids=["file", "database"])
def request_(tmp_path: Path, request: pytest.FixtureRequest) -> SweepRequest:
    """Return a request for a new sweep."""
    storage = f"sqlite:///{tmp_path}/trials.db" if request.param else None
    (tmp_path / "sweep").mkdir()
    return SweepRequest(tmp_path / "sweep", tmp_path, Path("sweep.toml"), storage=storage)


def test_a_sweep_is_begun_gone_on_with_and_replaced(request_: SweepRequest) -> None:
    place, settings = place_for(request_, SETTINGS)
    assert settings_in(place) == settings == SETTINGS
    with pytest.raises(ConfigError, match=r"holds a sweep already\. Go on with it by --resume, replace it by --overwr"):
        place_for(request_, SETTINGS)
    elsewhere = {**SETTINGS, "memory": 2000}
    assert place_for(request_._replace(resume=True), elsewhere)[1] == SETTINGS, "that of the beginning stays"
    place, settings = place_for(request_._replace(overwrite=True), {"epochs": 4})
    assert settings_in(place) == settings == {"epochs": 4}


def test_results_without_trials_are_not_overwritten_either(tmp_path: Path) -> None:
    (tmp_path / "best.toml").touch()
    with pytest.raises(ConfigError, match=r"\(best\.toml\): holds a sweep already"):
        place_for(SweepRequest(tmp_path, tmp_path, Path("sweep.toml")), SETTINGS)


def test_only_the_same_sweep_goes_on(request_: SweepRequest) -> None:
    place_for(request_, SETTINGS)
    again = request_._replace(resume=True)
    other = {**SETTINGS, "epochs": 4, "learning_rate": {"low": 1, "high": 3}}
    with pytest.raises(ConfigError) as caught:
        place_for(again, other)
    changes = "epochs 3 (now 4), learning_rate {'low': 1, 'high': 2} (now {'low': 1, 'high': 3})"
    assert f"the sweep began with {changes}. Undo that" in str(caught.value)
    with pytest.raises(ConfigError, match=r"began with momentum None \(now 0\.5\)"):
        place_for(again, {**SETTINGS, "momentum": 0.5})
    with pytest.raises(ArtifactError, match=r"began with other data \(arrays\.npz had sha256 aaaaaaaaaaaa…, now bbbb"):
        place_for(again, {**other, "data": "b" * 64})


def test_there_must_be_one_to_go_on_with(request_: SweepRequest) -> None:
    with pytest.raises(ScrawlError, match=r"there is no sweep to go on with\. Start one "):
        place_for(request_._replace(resume=True), SETTINGS)
    assert not list(request_.folder.iterdir())


def test_a_sweep_that_was_killed_before_it_began_is_none(tmp_path: Path) -> None:
    request = SweepRequest(tmp_path, tmp_path, Path("sweep.toml"))
    (tmp_path / "trials.journal").touch()
    with pytest.raises(ArtifactError, match=r"there is no sweep to go on with\. Start one with --overwrite"):
        place_for(request._replace(resume=True), SETTINGS)
    assert place_for(request._replace(overwrite=True), SETTINGS)[1] == SETTINGS
