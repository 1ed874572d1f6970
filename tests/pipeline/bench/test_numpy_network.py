"""What the kernels are compared with is right itself."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels import reference
from pipeline.bench import numpy_network, scrawl_system
from pipeline.bench.networks import NETWORKS, Setup, flops_backward, flops_forward, name_of
from pipeline.bench.system import batches_of, scaled
from tests.strategies import examples, labelled_rows, network, seeds


@examples(20)
@given(seeds, st.sampled_from(["sigmoid", "relu"]), st.sampled_from(["sgd", "adamw"]))
def test_the_numpy_network_equals_the_twin(seed: int, activation: str, optimizer: str) -> None:
    params, rate = network(seed, (20, 9, 7, 4)), 0.3 if optimizer == "sgd" else 0.01
    features, labels = labelled_rows(seed, 33, 20, 4)
    setup = Setup((20, 9, 7, 4), 8, activation, optimizer, rate)
    batches = batches_of(np.arange(33), 8)
    start = numpy_network.initial_state(scrawl_system.network_of(params), setup)
    state = numpy_network.train_epoch(start, (features, labels), batches, setup)
    rows = [(features[chosen] / 255.0, labels[chosen]) for chosen in batches]
    rates = [rate] * len(rows)
    loss = reference.dense_loss(activation, "cross-entropy")
    expected, _ = reference.train(reference.network_of(params), rows, rates, loss, optimizer, 0, 0)
    assert state.steps == 5
    for layer, twin in zip(state.network, expected, strict=True):
        np.testing.assert_allclose(layer[0], np.asarray(twin[0]), rtol=1e-3, atol=2e-4)
        np.testing.assert_allclose(layer[1], np.asarray(twin[1]), rtol=1e-3, atol=2e-4)
    first = scrawl_system.network_of(params)[0][0]
    np.testing.assert_array_equal(start.network[0][0], first, "what was passed is not changed")


def test_the_loss_is_the_mean_cross_entropy() -> None:
    logits = np.array([[0, 0], [np.log(3), 0]], np.float32)
    loss, delta = numpy_network.loss_gradient(logits, np.array([0, 1], np.uint8))
    assert loss == pytest.approx((np.log(2) + np.log(4)) / 2)
    np.testing.assert_allclose(delta, [[-0.25, 0.25], [0.375, -0.375]], rtol=1e-6)


def test_answers_are_the_likeliest_classes() -> None:
    params = scrawl_system.network_of(network(1, (20, 9, 4)))
    x = scaled(labelled_rows(1, 12, 20, 4)[0])
    answers = numpy_network.predict(params, x, "relu")
    np.testing.assert_array_equal(answers, numpy_network.forward(params, x, "relu")[-1].argmax(axis=1))


def test_operations_are_counted_layer_by_layer() -> None:
    assert flops_forward((4, 3, 2)) == 2 * (12 + 6)
    assert flops_backward((4, 3, 2)) == 2 * (12 + 6) + 2 * 6, "the pixels' derivative is not wanted"


def test_networks_are_called_by_their_widths() -> None:
    assert [name_of(setup) for setup in NETWORKS] == ["784-30-20-10", "784-100-10", "784-800-10", "784-2048-1024-10"]
