"""Which model answers where none is named."""

import json
import os
from pathlib import Path

import pytest

from pipeline.errors import ArtifactError, DataError, OutputError, ScrawlError
from pipeline.model.artifact import save_model
from pipeline.model.find import (
    LAST,
    PRETRAINED,
    USUAL,
    Found,
    chosen_model,
    find_model,
    forget,
    introduced,
    is_bundled,
    remember,
)
from pipeline.types import Artifact
from tests.places import unwritable


def put(path: Path, artifact: Artifact) -> Path:
    save_model(path, artifact)
    return path


def anything(_artifact: Artifact) -> None:
    """Take every network."""


def of_images(artifact: Artifact) -> None:
    if artifact.image_shape is None:
        raise DataError("no images.")


def test_the_run_that_was_finished_last_answers_wherever_it_lies(tmp_path: Path, images: Artifact) -> None:
    root, elsewhere = tmp_path / "home", put(tmp_path / "elsewhere" / "net.npz", images)
    with pytest.raises(ArtifactError, match=r"no model yet: expected one of .*cli.py train"):
        find_model(root, anything)
    bundled = put(root / PRETRAINED, images)
    assert find_model(root, anything).path == bundled
    assert is_bundled(root, bundled)
    usual, other = put(root / USUAL, images), put(root / "artifacts" / "kaggle" / "model.npz", images)
    os.utime(usual, (1, 1))
    assert find_model(root, anything).path == usual, "that of a run before any was remembered"
    for model in (other, usual, elsewhere, other):
        remember(root, model)
        assert find_model(root, anything)[0::2] == (model, ())
    assert not is_bundled(root, other)
    assert chosen_model(elsewhere, root, of_images).path == elsewhere


def test_a_folder_that_is_moved_finds_its_runs(
    tmp_path: Path, images: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "old" / "artifacts" / "a" / "model.npz", images)
    monkeypatch.chdir(tmp_path / "old")
    remember(Path(), Path("artifacts/b/../a/model.npz"))
    assert find_model(Path(), anything).path == Path("artifacts/a/model.npz")
    remember(Path(), Path("artifacts/a/model.npz").absolute())
    (tmp_path / "old").rename(tmp_path / "new")
    assert find_model(tmp_path / "new", anything).path == tmp_path / "new" / "artifacts" / "a" / "model.npz"
    monkeypatch.chdir(tmp_path / "new" / "artifacts")
    remember(Path(), Path("../artifacts/a/../../outside.npz"))
    assert json.loads(Path(LAST).read_text()) == {"model": (tmp_path / "new" / "outside.npz").as_posix()}


def test_a_model_of_another_kind_leaves_the_answer_to_the_one_in_the_box(
    tmp_path: Path, images: Artifact, table: Artifact
) -> None:
    own, bundled = put(tmp_path / "iris" / "model.npz", table), put(tmp_path / PRETRAINED, images)
    remember(tmp_path, own)
    assert find_model(tmp_path, anything).path == own
    found = find_model(tmp_path, of_images)
    assert (found.path, found.notes) == (bundled, (f"{own} was trained last, but does not answer here: no images.",))
    put(bundled, table)
    with pytest.raises(ArtifactError, match=r"no model here is of the kind.*model.npz: no images.*digits.npz: no im"):
        find_model(tmp_path, of_images)
    bundled.unlink()
    with pytest.raises(DataError, match=r"^no images.$"):
        find_model(tmp_path, of_images)


@pytest.mark.parametrize("damage", ["gone", "damaged", "a folder"])
def test_a_model_that_is_lost_is_missed_aloud(tmp_path: Path, images: Artifact, damage: str) -> None:
    own, bundled = put(tmp_path / "mine" / "model.npz", images), put(tmp_path / PRETRAINED, images)
    remember(tmp_path, own)
    content = own.read_bytes()
    own.unlink()
    if damage == "damaged":
        own.write_bytes(content[:-9])
    elif damage == "a folder":
        own.mkdir()
    found = find_model(tmp_path, anything)
    assert found.path == bundled
    (note,) = found.notes
    assert note.startswith(f"{own} was trained last, but does not answer here: {own}: ")
    bundled.unlink()
    with pytest.raises(ArtifactError, match=r"model\.npz"):
        find_model(tmp_path, anything)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "3", '{"model": 3}', '{"model": "a\\u0000b"}', "[" * 99_999])
def test_a_memory_that_makes_no_sense_is_passed_over_aloud(tmp_path: Path, images: Artifact, text: str) -> None:
    usual = put(tmp_path / USUAL, images)
    (tmp_path / LAST).write_text(text)
    found = find_model(tmp_path, anything)
    assert found.path == usual
    assert [note.partition(": ")[0] for note in found.notes] == [str(tmp_path / LAST)]


def test_a_demonstration_never_counts(tmp_path: Path, images: Artifact) -> None:
    quick, bundled = put(tmp_path / "artifacts" / "quick" / "model.npz", images), put(tmp_path / PRETRAINED, images)
    forget(tmp_path, quick)
    assert find_model(tmp_path, anything).path == bundled
    assert not (tmp_path / LAST).exists(), "there was nothing to forget"
    other = put(tmp_path / "other.npz", images)
    remember(tmp_path, other)
    forget(tmp_path, quick)
    assert find_model(tmp_path, anything).path == other
    remember(tmp_path, quick)
    forget(tmp_path, quick)
    assert find_model(tmp_path, anything)[0::2] == (bundled, ())
    (tmp_path / LAST).unlink()
    forget(tmp_path, tmp_path / USUAL)
    put(tmp_path / USUAL, images)
    assert find_model(tmp_path, anything).path == bundled


def test_what_can_not_be_remembered_is_told() -> None:
    with unwritable() as folder, pytest.raises(OutputError, match="can't be written"):
        remember(folder, Path("a.npz"))


def test_a_model_is_introduced_with_its_accuracy(tmp_path: Path, images: Artifact) -> None:
    tested = images._replace(metrics={"n": 10_000, "correct": 9_954})
    assert introduced(tmp_path, Path("m.npz"), tested) == "m.npz (99.54 % of 10,000 test rows)"
    bundled = tmp_path / PRETRAINED
    assert introduced(tmp_path, bundled, images) == f"the bundled one, {bundled} (never tested)"
    for metrics in ({}, {"n": "many", "correct": None}, {"n": 5}):
        assert introduced(tmp_path, Path("m.npz"), images._replace(metrics=metrics)) == "m.npz (never tested)"


def test_a_named_model_that_is_none_is_an_error(tmp_path: Path, images: Artifact) -> None:
    put(tmp_path / PRETRAINED, images)
    with pytest.raises(ScrawlError, match=r"none\.npz"):
        chosen_model(tmp_path / "none.npz", tmp_path, anything)
    assert isinstance(chosen_model(None, tmp_path, anything), Found)
