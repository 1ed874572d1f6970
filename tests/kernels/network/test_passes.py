"""Every combination of activation and loss, against central differences in float64, and against the twin."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kernels import reference
from kernels.functions.losses import loss_backward
from kernels.functions.optimizers import GRADIENT_ONLY, Step, step_constants_from_python
from kernels.layers.packed import Moments, pack, unpack
from kernels.machine.blocks import from_blocks, padded, room_for, to_blocks
from kernels.network.passes import backward, forward
from kernels.params import empty_like, zeros_like
from kernels.types import ACTIVATIONS, LOSSES, Bytes, Floats, Params
from tests.strategies import (
    activations,
    assert_close,
    labelled_rows,
    losses,
    network,
    of_kind,
    seeds,
    tolerance,
    widths,
)

pytestmark = pytest.mark.xdist_group("dense")  # one process compiles what they share

SMOOTHING = 0.1
EPSILON = 1e-6  # for float64: the cube root of its precision, by the size of the weights


def loss_and_gradient(params: Params, x: Floats, labels: Bytes, activation: str, loss: str) -> tuple[float, Params]:
    """Return the mean loss and its derivative, by the kernels."""
    net = pack(params)
    moments = tuple(map(Moments, pack(zeros_like(params)), pack(empty_like(params))))
    outputs, deltas = (tuple(room_for(len(x), layer.fan_out, x.dtype) for layer in net) for _ in range(2))
    inputs = room_for(len(x), x.shape[1], x.dtype)
    to_blocks(x, inputs, padded(x.shape[1]))
    logits, grad = (np.full((len(x), net[-1].fan_out), np.nan, x.dtype) for _ in range(2))
    forward(net, inputs, len(x), outputs, ACTIVATIONS[activation])
    from_blocks(outputs[-1], net[-1].width, logits)
    total = loss_backward(logits, labels, LOSSES[loss], SMOOTHING, grad)
    to_blocks(grad, deltas[-1], net[-1].width)
    constants = step_constants_from_python(Step(GRADIENT_ONLY, 1, 0.0, 0.0, 0.0), net[0].bias)
    backward(net, inputs, len(x), outputs, deltas, ACTIVATIONS[activation], moments, constants)
    return total / len(x), unpack(tuple(each.first for each in moments))


@pytest.mark.plain  # only float64 is fine enough for differences
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("sizes", [(5, 4), (5, 4, 6, 3)], ids=["one layer", "three layers"])
def test_gradient_matches_central_differences(activation: str, loss: str, sizes: tuple[int, ...]) -> None:
    params = network(3, sizes)
    features, labels = labelled_rows(4, 7, sizes[0], sizes[-1])
    x = features / 255.0
    _, grads = loss_and_gradient(params, x, labels, activation, loss)
    for layer, grad in zip(params, grads, strict=True):
        for values, derivatives in zip(layer, grad, strict=True):
            for index in np.ndindex(values.shape):
                before = values[index]
                values[index] = before + EPSILON
                above, _ = loss_and_gradient(params, x, labels, activation, loss)
                values[index] = before - EPSILON
                below, _ = loss_and_gradient(params, x, labels, activation, loss)
                values[index] = before
                numeric = (above - below) / (2 * EPSILON)
                assert derivatives[index] == pytest.approx(numeric, rel=1e-5, abs=1e-8)


@given(seeds, st.integers(1, 9), st.tuples(widths, widths, widths), activations, losses)
def test_loss_and_gradient_equal_the_twins(
    seed: int, rows: int, sizes: tuple[int, ...], activation: str, loss: str
) -> None:
    params = network(seed, sizes)
    features, labels = labelled_rows(seed, rows, sizes[0], sizes[-1])
    x = features / 255.0
    value, grads = loss_and_gradient(params, of_kind(x), labels, activation, loss)
    assert value == pytest.approx(
        reference.loss(reference.forward(reference.network_of(params), x, activation)[-1], labels, loss, SMOOTHING)
        / rows,
        rel=tolerance(1e-9, 1e-5),
    )
    twin = reference.backward(reference.network_of(params), x, labels, activation, loss, SMOOTHING)
    for grad, expected in zip(grads, twin, strict=True):
        assert_close(grad.weight, expected[0], 1e-9, 1e-5)
        assert_close(grad.bias, expected[1], 1e-9, 1e-5)
