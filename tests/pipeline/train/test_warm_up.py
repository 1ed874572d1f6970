"""Warming up changes nothing, and leaves nothing to compile."""

import pytest

from kernels.machine.progress import watching
from kernels.network.epoch import new_stop_token
from pipeline.train.loop import initial_state, train
from pipeline.train.training_set import training_set_of
from pipeline.train.warm_up import warm_up
from pipeline.types import TrainConfig
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
