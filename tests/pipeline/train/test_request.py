"""A request leads to a new run or to one that is gone on with, in a folder of its own."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError, OutputError
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.train.request import TrainRequest, occupied, opened
from tests.digits import blobs
from tests.tables import write_csv


@pytest.fixture
def request_(in_tmp_path: Path) -> TrainRequest:
    """Return a request for a new run on prepared data."""
    dataset = blobs()
    rows = write_csv(in_tmp_path / "rows.csv", np.asarray(dataset.features), np.asarray(dataset.labels))
    prepare(PrepareRequest(Path("data"), rows), {})
    options = {"hidden": (8,), "epochs": 2, "seed": None}
    return TrainRequest(Path("run"), Path("data"), None, None, options, resume=False, overwrite=False)


def test_a_run_begins_and_is_gone_on_with(request_: TrainRequest) -> None:
    with opened(request_) as run:
        assert (run.config.hidden, run.config.epochs, run.config.seed) == ((8,), 2, 0)
    with opened(request_._replace(resume=True, options={})) as again:
        assert again.config == run.config
        assert again.state.params[0].weight.tobytes() == run.state.params[0].weight.tobytes()
    with opened(request_._replace(preset="original", overwrite=True)) as other:
        assert other.config.activation == "sigmoid"


def test_the_folder_is_kept_from_others_until_the_run_ends(request_: TrainRequest) -> None:
    with opened(request_), pytest.raises(ConfigError, match="another process is training"), occupied(request_.folder):
        pass
    with occupied(request_.folder):
        pass


def test_a_request_that_contradicts_itself_leaves_nothing(request_: TrainRequest) -> None:
    with (
        pytest.raises(ConfigError, match="expected one of them at most"),
        opened(request_._replace(resume=True, overwrite=True)),
    ):
        pass
    assert not request_.folder.exists()


def test_what_can_not_be_shared_leaves_no_run(request_: TrainRequest) -> None:
    with pytest.raises(ConfigError, match="--cluster: expected several"), opened(request_._replace(cluster="local")):
        pass
    assert not request_.folder.exists()


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
