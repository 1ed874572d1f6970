"""What networks start from: random numbers of the right size, other ones for tables."""

import numpy as np
import pytest

from kernels.types import ACTIVATIONS
from pipeline.train.initial import initial_params
from pipeline.train.loop import initial_state
from pipeline.train.training_set import training_set_of
from pipeline.types import TrainConfig
from tests.digits import TINY, blobs

SHAPES = ((20, 300), (300, 5))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_images_begin_with_normal_weights_and_zero_biases(activation: str) -> None:
    for layer in initial_params(SHAPES, TrainConfig(activation=activation)):
        fan_in, fan_out = layer.weight.shape
        variance = 2 / fan_in if activation == "relu" else 2 / (fan_in + fan_out)
        assert layer.weight.var() == pytest.approx(variance, rel=0.15)
        assert np.abs(layer.weight).max() > 2.5 * variance**0.5
        assert not layer.bias.any()


def test_tables_begin_with_uniform_weights_and_biases() -> None:
    layers = initial_params(SHAPES, TrainConfig(), table=True)
    for layer in layers:
        bound = np.sqrt(6 / sum(layer.weight.shape))
        for array in layer:
            assert array.dtype == np.float32
            assert 0.6 * bound < np.abs(array).max() <= bound
        assert layer.weight.var() == pytest.approx(bound**2 / 3, rel=0.15)
        assert abs(layer.weight.mean()) < 0.1 * bound
        assert np.unique(layer.bias).size == layer.bias.size
    other, again = (initial_params(SHAPES, TrainConfig(seed=seed), table=True) for seed in (1, 0))
    assert layers[0].weight.tobytes() == again[0].weight.tobytes() != other[0].weight.tobytes()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_other_activations_begin_alike_with_tables_and_images(activation: str) -> None:
    config = TrainConfig(activation=activation)
    for ours, theirs in zip(initial_params(SHAPES, config, table=True), initial_params(SHAPES, config), strict=True):
        assert ours.weight.tobytes() == theirs.weight.tobytes()
        assert ours.bias.tobytes() == theirs.bias.tobytes()


def test_the_rows_decide_which() -> None:
    for images, table in ((True, False), (False, True)):
        dataset = blobs(image_shape=(4, 4) if images else None)
        state = initial_state(training_set_of(dataset, TINY), TINY)
        expected = initial_params(((16, 8), (8, 3)), TINY, table=table)
        assert state.params[0].weight.tobytes() == expected[0].weight.tobytes()
