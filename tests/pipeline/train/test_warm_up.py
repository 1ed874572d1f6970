"""Warming up changes nothing, and leaves nothing to compile."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kernels.machine.jit import FOLDER, cache_folder
from kernels.machine.progress import watching
from kernels.network.epoch import new_stop_token
from kernels.types import ACTIVATIONS, LOSSES, OPTIMIZERS
from pipeline.train.loop import initial_state, train
from pipeline.train.training_set import training_set_of
from pipeline.train.warm_up import _compile_epoch, _few, _ways_not_taken, warm_up
from pipeline.types import TrainConfig
from tests.conftest import ROOT
from tests.digits import TINY, blobs


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize(
    "config", [TINY, TINY._replace(filters=2), TINY._replace(distortion=0.2)], ids=["dense", "filters", "distorted"]
)
def test_what_training_needs_is_compiled_before_and_nothing_else_changes(config: TrainConfig) -> None:
    training_set, late = training_set_of(blobs(), config), list[str]()
    before = [array.tobytes() for layer in initial_state(training_set, config).params for array in layer]
    assert warm_up(training_set, config) > 0
    with watching(lambda: None, late.append):
        list(train(initial_state(training_set, config), training_set, config, new_stop_token()))
    assert not late
    assert [array.tobytes() for layer in initial_state(training_set, config).params for array in layer] == before


def test_rows_of_mostly_zeros_take_a_way_of_their_own() -> None:
    dataset = blobs()
    inked = np.random.default_rng(0).random(dataset.features.shape) < 0.1
    sparse = training_set_of(dataset._replace(features=np.where(inked, dataset.features, 0).astype(np.uint8)), TINY)
    assert "kernels.layers.csr" in _ways_not_taken(training_set_of(dataset, TINY), TINY)
    assert "kernels.layers.csr" not in _ways_not_taken(sparse, TINY)


def test_filters_take_a_way_of_their_own_and_wait_for_no_edges() -> None:
    config = TINY._replace(filters=2)
    training_set = training_set_of(blobs(rows=6), config)
    assert "kernels.layers.first_layer._gather" in _ways_not_taken(training_set, config)
    few = _few(training_set)
    assert few.kept is None, "edges are another part's to look for"
    _compile_epoch(few, config)


COLD = """
import hashlib, itertools
from kernels.types import ACTIVATIONS, LOSSES, OPTIMIZERS
from pipeline.recognise.ready import make_ready
from pipeline.train.training_set import training_set_of
from pipeline.train.warm_up import warm_up
from tests.digits import TINY, blobs, trained
config, told = TINY._replace(filters=2, epochs=1), []
warm_up(training_set_of(blobs(), config), config, told.append)
print(*(told[-1][:2] if told else ()))
for names in itertools.product(ACTIVATIONS, LOSSES, OPTIMIZERS):
    artifact = trained(blobs(), config._replace(**dict(zip(("activation", "loss", "optimizer"), names))))
    print(hashlib.sha256(b"".join(array.tobytes() for layer in artifact.params for array in layer)).hexdigest())
told.clear()
make_ready(artifact, told.append)
print(*(told[-1][:2] if told else ()))
"""


@pytest.mark.long
@pytest.mark.jit
@pytest.mark.xdist_group("filters")  # the process that waits for it compiles filters no more
def test_a_cold_start_is_told_truly_and_leads_to_the_bits_of_a_warm_one(tmp_path: Path) -> None:
    """As many kernels are compiled as was said; what comes from the cache afterwards computes the same."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    (training, *cold, answering), (*nothing, last) = (
        subprocess.run(
            [sys.executable, "-c", COLD], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for _ in range(2)
    )
    for line in (training, answering):
        compiled, total = map(int, line.split())
        assert compiled == total > 0
    assert nothing == ["", *cold]
    assert not last
    _hand_on(tmp_path)
    assert len(set(cold)) == len(ACTIVATIONS) * len(LOSSES) * len(OPTIMIZERS), "every method leads elsewhere"


def _hand_on(cache: Path) -> None:
    """Let other tests have what was compiled, instead of compiling it once more."""
    for path in cache.rglob("*.nbc"):
        place = cache_folder(FOLDER).parent / path.relative_to(cache)
        with contextlib.suppress(OSError):  # it is there already, or on another disk
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, place)
