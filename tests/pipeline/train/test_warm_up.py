"""Warming up changes nothing, and leaves nothing to compile."""

import pytest

from kernels.machine.progress import watching
from kernels.network.epoch import new_mailbox
from pipeline.train.loop import initial_state, train
from pipeline.train.problem import problem_of
from pipeline.train.warm_up import warm_up
from pipeline.types import TrainConfig
from tests.digits import TINY, blobs


@pytest.mark.parametrize(
    "config", [TINY, TINY._replace(filters=2), TINY._replace(distortion=0.2)], ids=["dense", "filters", "distorted"]
)
def test_what_training_needs_is_compiled_before_and_nothing_else_changes(config: TrainConfig) -> None:
    problem, late = problem_of(blobs(), config), list[str]()
    before = [array.tobytes() for layer in initial_state(problem, config).params for array in layer]
    assert warm_up(problem, config) > 0
    with watching(lambda: None, late.append):
        list(train(initial_state(problem, config), problem, config, new_mailbox()))
    assert not late
    assert [array.tobytes() for layer in initial_state(problem, config).params for array in layer] == before
