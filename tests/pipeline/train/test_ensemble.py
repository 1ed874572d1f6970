"""Ensembles: each member is the network that it would be alone, and they answer by the mean of their logits."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kernels.network.epoch import new_stop_token
from pipeline.errors import ArtifactError
from pipeline.model.artifact import load_model, save_model
from pipeline.model.classify import classifier, explainer, logits_of, measure, probabilities_of
from pipeline.train.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from pipeline.train.ensemble import epochs_in_all, member_of, members_of
from pipeline.train.finetune import finetuning_config
from pipeline.train.loop import advance, initial_state, is_finished, train
from pipeline.train.run import MODEL, begin, certainty_of, finish
from pipeline.train.training_set import training_set_of
from pipeline.types import Dataset, Params, TrainConfig, TrainState
from tests.digits import TINY, blobs, trained
from tests.pipeline.train.test_loop import bytes_of
from tests.pipeline.train.test_run import DATA, followed
from tests.strategies import examples

IMAGES = blobs()
THREE = TINY._replace(members=3, epochs=2, seed=5, distortion=1.0)


def all_members(members: tuple[Params, ...]) -> list[bytes]:
    return [data for params in members for data in bytes_of(params)]


def through(config: TrainConfig, dataset: Dataset = IMAGES) -> TrainState:
    training_set = training_set_of(dataset, config)
    *_, state = train(initial_state(training_set, config), training_set, config, new_stop_token())
    return state


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize(("dataset", "distortion"), [(IMAGES, 1.0), (IMAGES._replace(image_shape=None), 0.0)])
def test_a_member_is_the_network_that_it_would_be_alone(dataset: Dataset, distortion: float) -> None:
    config = THREE._replace(distortion=distortion)
    state = through(config, dataset)
    assert state.epoch == epochs_in_all(config) == 6
    assert [report.epoch for report in state.history] == [1, 2, 3, 4, 5, 6]
    members = members_of(state, config)
    for seed, member in zip((15, 16, 17), members, strict=True):
        alone = through(config._replace(members=1, seed=seed), dataset)
        assert bytes_of(member) == bytes_of(alone.params)
    assert len(set(all_members(members))) == len(all_members(members)), "members differ"


def test_of_two_ensembles_no_member_is_the_same() -> None:
    seeds = [member_of(THREE._replace(seed=seed), index).seed for seed in range(4) for index in range(THREE.members)]
    assert seeds == list(range(12))


@pytest.mark.jit  # slow without it
@settings(examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 9), min_size=3, max_size=6))
def test_cut_anywhere_it_leads_to_the_same_bytes(tmp_path: Path, stops: list[int]) -> None:
    config = THREE._replace(distortion=0.0)
    training_set, expected = training_set_of(blobs(), config), through(config)
    state = initial_state(training_set, config)
    for batches in stops:
        if is_finished(state, config):
            break
        stop_token = new_stop_token()
        stop_token.limit[0] = batches
        save_checkpoint(
            tmp_path / "c.npz", Checkpoint(advance(state, training_set, config, stop_token), config, "0" * 64)
        )
        state = load_checkpoint(tmp_path / "c.npz").state
    for following in train(state, training_set, config, new_stop_token()):
        state = following
    assert all_members(members_of(state, config)) == all_members(members_of(expected, config))


@pytest.mark.jit  # slow without it
def test_they_answer_by_the_mean_of_their_logits(tmp_path: Path) -> None:
    run = followed(begin(tmp_path, DATA, THREE, overwrite=False), [])
    finish(run, {"numpy": np.__version__})
    artifact, rows = load_model(tmp_path / MODEL), DATA.test.features
    assert all_members(artifact.members) == all_members(members_of(run.state, THREE))
    single = [logits_of((params,), artifact.scaling, THREE, rows) for params in artifact.members]
    logits = logits_of(artifact.members, artifact.scaling, THREE, rows)
    np.testing.assert_allclose(logits, np.mean(single, axis=0), rtol=1e-5, atol=1e-5)
    assert artifact.temperature == certainty_of(artifact.members, run.training_set, THREE)[0] != 1
    expected = probabilities_of(logits, THREE, artifact.temperature)
    np.testing.assert_array_equal(classifier(artifact)(rows), expected)
    counts = measure(artifact.members, artifact.scaling, THREE, rows, DATA.test.labels)
    assert artifact.metrics == {"n": 60, "correct": counts.correct}
    ones = [explainer(artifact._replace(params=params, others=()))(rows[0], 1) for params in artifact.members]
    np.testing.assert_allclose(explainer(artifact)(rows[0], 1), np.mean(ones, axis=0), rtol=1e-4, atol=1e-7)


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize(("bits", "off"), [(32, 0), (16, 2**-11), (8, 0)])
def test_an_ensemble_comes_back_as_it_was(bits: int, off: float, tmp_path: Path) -> None:
    artifact = trained(blobs(), THREE)
    assert len(artifact.others) == 2
    save_model(tmp_path / "m.npz", artifact, bits)
    loaded = load_model(tmp_path / "m.npz")
    for mine, found in zip(artifact.members, loaded.members, strict=True):
        for before, after in zip(mine, found, strict=True):
            step = np.abs(before.weight).max(axis=0) / 127 if bits == 8 else 0
            assert np.all(np.abs(after.weight - before.weight) <= off * np.abs(before.weight) + 0.5001 * step)


@pytest.mark.jit  # slow without it
def test_filters_answer_together_too(tmp_path: Path) -> None:
    artifact = trained(blobs(rows=30), THREE._replace(filters=2, epochs=1, distortion=0.0, batch_size=30))
    save_model(tmp_path / "m.npz", artifact)
    loaded, row = load_model(tmp_path / "m.npz"), blobs().features[:1]
    assert all_members(loaded.members) == all_members(artifact.members)
    assert [params[0].weight.shape for params in loaded.members] == [(200, 2)] * 3
    assert len(set(all_members(loaded.members))) == 3 * 6, "members differ"
    single = [logits_of((params,), loaded.scaling, loaded.config, row) for params in loaded.members]
    found = logits_of(loaded.members, loaded.scaling, loaded.config, row)
    np.testing.assert_allclose(found, np.mean(single, axis=0), rtol=1e-5, atol=1e-5)


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("members", [2, 4])
def test_so_many_members_as_the_configuration_says_must_be_there(members: int, tmp_path: Path) -> None:
    artifact = trained(blobs(), THREE)
    with pytest.raises(ArtifactError, match=r"(missing|unknown) arrays: member"):
        save_model(tmp_path / "m.npz", artifact._replace(config=THREE._replace(members=members)))
    assert not (tmp_path / "m.npz").exists()


@pytest.mark.jit  # slow without it
def test_every_member_goes_on_learning(tmp_path: Path) -> None:
    known = trained(blobs(), THREE._replace(distortion=0.0))
    config = finetuning_config(known, {"epochs": 1, "batch_size": 16})
    run = begin(tmp_path, DATA, config, overwrite=False, start=known)
    assert all_members(run.start) == all_members(known.members)
    after = members_of(followed(run, []).state, config)
    assert len(after) == len(known.members)
    for mine, found in zip(known.members, after, strict=True):
        moved = max(float(np.abs(a.weight - b.weight).max()) for a, b in zip(mine, found, strict=True))
        assert 0 < moved < 0.1, "a few gentle steps from where it stood"
