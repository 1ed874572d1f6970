"""A network whose first layer are filters, against its twin."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from kernels import reference
from kernels.functions.optimizers import SGD, Step, step_constants_from_python
from kernels.layers.convolution import (
    FEW,
    PATCHES,
    TAPS,
    WIDTH,
    empty_patches,
    filters_backward,
    filters_forward,
    im2col,
)
from kernels.layers.packed import Moments, Packed, pack
from kernels.machine.blocks import SLACK, from_blocks, room_for
from kernels.machine.threads import CHUNK
from kernels.network.epoch import EpochResult, EpochRows, new_stop_token, train_epoch
from kernels.network.inference import infer
from kernels.params import empty_like, frozen
from kernels.types import ACTIVATIONS, DIRECTIONS, SIDE, Bytes, Floats, Labels, OrientationMaps, Params
from pipeline.threads import available_threads, using_threads
from tests.kernels import twins_filters
from tests.kernels.network.test_epoch import SMOOTHING, assert_trained, hyperparameters_for, memory_for, rates_for
from tests.strategies import (
    KIND,
    activations,
    assert_close,
    examples,
    labelled_rows,
    losses,
    network,
    optimizers,
    seeds,
)

pytestmark = pytest.mark.xdist_group("convolution")  # one process compiles what they share

CLASSES = 4
SCALE = 1 / 128
ALL = SIDE * SIDE * DIRECTIONS
SHIFT, SCALES = np.zeros(ALL, np.float32), np.full(ALL, SCALE, np.float32)

# Less than a vector, several without padding, and more than a block holds.
filters_ = st.sampled_from([1, 10, 16, 48, 70])
hiddens = st.sampled_from([1, 9, 20]).map(lambda width: (width,))  # of one depth: each is compiled for half a minute


def filtered(seed: int, filters: int, hidden: tuple[int, ...] = (5,)) -> Params:
    """Return a network of filters and fully connected layers."""
    return (*network(seed, (TAPS, filters)), *network(seed + 1, (PATCHES * filters, *hidden, CLASSES)))


def maps_of(seed: int, rows: int) -> tuple[OrientationMaps, Bytes]:
    """Return made-up edges, and labels."""
    values, labels = labelled_rows(seed, rows, ALL, CLASSES)
    return OrientationMaps(values), labels


def run(
    params: Params, maps: OrientationMaps, labels: Bytes, rows: npt.NDArray[np.int64], batch_size: int,
    activation: str = "relu", loss: str = "cross-entropy", optimizer: str = "adamw",
) -> EpochResult:  # fmt: skip
    """Train a network on some rows."""
    seen, rates = EpochRows(maps, labels, rows, SHIFT, SCALES), rates_for(rows.size, batch_size)
    hyperparameters = hyperparameters_for(activation, loss, optimizer, batch_size)
    return train_epoch(params, memory_for(params, optimizer), seen, rates, 0, 0.0, hyperparameters, new_stop_token())


@examples(25)
@given(seeds, filters_, hiddens, st.integers(1, 9), st.integers(1, 10), activations, losses, optimizers)
def test_an_epoch_equals_the_twins(
    seed: int, filters: int, hidden: tuple[int, ...], batch_size: int, count: int,
    activation: str, loss: str, optimizer: str,
) -> None:  # fmt: skip
    params, (maps, labels) = filtered(seed, filters, hidden), maps_of(seed, 12)
    rows = np.random.default_rng(seed).integers(0, 12, count)
    result = run(params, maps, labels, rows, batch_size, activation, loss, optimizer)
    seen = twins_filters.patches(maps.values, SCALE)
    batches = [(seen[part], labels[part]) for part in np.split(rows, range(batch_size, count, batch_size))]

    def slopes(net: reference.Network, x: reference.Array, some: Labels) -> tuple[float, reference.Network]:
        return twins_filters.slopes(net, x, some, activation, loss, SMOOTHING)

    rates = list(rates_for(count, batch_size))
    expected, total = reference.train(reference.network_of(params), batches, rates, slopes, optimizer, 0.8, 0.05)
    assert (result.finite, result.batches) == (True, len(batches))
    assert_trained(result, expected, total, optimizer)


@pytest.mark.jit  # without it, all threads are one
@pytest.mark.parametrize("filters", [16, 70])
def test_threads_change_no_bit(filters: int) -> None:
    params, (maps, labels) = filtered(0, filters, (40,)), maps_of(1, 40)  # large enough for shared products
    rows, found = np.arange(40), list[list[bytes]]()
    for threads in sorted({1, available_threads()}):
        with using_threads(threads):
            result = run(params, maps, labels, rows, 24)
        arrays = [array for each in (result.params, *result.optimizer_state) for layer in each for array in layer]
        found.append([array.tobytes() for array in arrays])
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, pytest.param(CHUNK + 1, marks=pytest.mark.jit)])
def test_logits_equal_the_twins_for_any_number_of_rows(rows: int) -> None:
    params, (maps, _) = filtered(2, 10, (5,)), maps_of(3, rows)
    before = maps.values.tobytes()
    with using_threads(available_threads()):
        logits = infer(pack(params), maps, SHIFT, SCALES, ACTIVATIONS["tanh"])
    assert logits.shape == (rows, CLASSES)
    assert maps.values.tobytes() == before
    if rows:
        expected = twins_filters.forward(
            reference.network_of(params), twins_filters.patches(maps.values, SCALE), "tanh"
        )
        assert_close(logits, expected, 1e-9, 1e-4)


@examples(15)
@given(seeds, st.integers(1, 10), filters_, hiddens, activations)
def test_logits_equal_the_twins(seed: int, rows: int, filters: int, hidden: tuple[int, ...], activation: str) -> None:
    params, (maps, _) = filtered(seed, filters, hidden), maps_of(seed, rows)
    logits = infer(pack(params), maps, SHIFT, SCALES, ACTIVATIONS[activation])
    expected = twins_filters.forward(
        reference.network_of(params), twins_filters.patches(maps.values, SCALE), activation
    )
    assert_close(logits, expected, 1e-9, 1e-4)


@examples(25)
@given(seeds, st.integers(1, 6), st.lists(st.integers(0, 5), min_size=1, max_size=9), st.integers(0, 8), st.data())
def test_patches_are_written_out_and_nothing_else_is_touched(
    seed: int, count: int, drawn: list[int], begin: int, data: st.DataObject
) -> None:
    maps, _ = maps_of(seed, count)
    rows = np.array([row % count for row in drawn])  # often the last row of all, and rows more than once
    begin, size = begin % rows.size, data.draw(st.integers(1, 6))
    x = empty_patches(3, 6, SCALES, KIND)
    for array in x[1:]:
        array[:] = -7  # what no patch holds
    chosen = im2col(maps, rows, begin, size, x)
    np.testing.assert_array_equal(chosen, rows[begin : begin + size])
    written = matrix_of(x.patches)
    assert len(written) == 6 * PATCHES + SLACK
    expected = twins_filters.patches(maps.values[chosen], SCALE).reshape(-1, TAPS)
    np.testing.assert_array_equal(written[: len(expected), :TAPS], expected)  # a byte times a power of 2: exact
    assert (written[len(expected) :] == -7).all()
    assert (x.feature_maps == -7).all()
    assert (x.outputs == -7).all()
    assert (x.scale == SCALES).all()


def test_many_images_are_written_out_as_few_are() -> None:
    maps, _ = maps_of(8, 5)
    rows = np.arange(FEW + 1) % 5
    x = empty_patches(1, rows.size, SCALES, np.float32)
    im2col(maps, rows, 0, rows.size, x)
    expected = twins_filters.patches(maps.values[rows], SCALE).reshape(-1, TAPS)
    np.testing.assert_array_equal(matrix_of(x.patches)[: len(expected), :TAPS], expected)


def matrix_of(values: Floats) -> Floats:
    """Return all rows of the patches' matrix, padding and slack as well."""
    out = np.empty((values.size // WIDTH, WIDTH), values.dtype)
    from_blocks(values, WIDTH, out)
    return out


def test_every_place_is_in_a_patch() -> None:
    assert set(twins_filters.patches(np.arange(ALL)[np.newaxis], 1).ravel()) == set(range(ALL))


@pytest.mark.parametrize(
    ("filters", "activation"), [*((count, "sigmoid") for count in (10, 16, 70, 80)), (10, "relu"), (10, "tanh")]
)
def test_what_pads_the_filters_stays_zero(filters: int, activation: str) -> None:
    """A column that is no filter has no output, so it learns nothing."""
    layer, (maps, _) = pack(filtered(4, filters)[:1])[0], maps_of(5, 3)
    x = empty_patches(filters, 3, SCALES, KIND)
    out, delta = (room_for(3, PATCHES * filters, KIND) for _ in range(2))
    im2col(maps, np.arange(3), 0, 3, x)
    filters_forward(x, 3, layer, ACTIVATIONS[activation], out)
    delta[:] = 1
    nothing = pack(empty_like(filtered(4, filters)[:1]))[0]
    constants = step_constants_from_python(Step(SGD, 1, 0.1, 0.0, 0.0), layer.bias)
    filters_backward(x, 3, layer, delta, Moments(nothing, nothing), constants)
    assert not padding_of(layer).any()
    assert not layer.bias[filters:].any()


def padding_of(layer: Packed) -> Floats:
    """Return the columns of a weight that pad it."""
    out = np.empty((layer.fan_in, layer.width), layer.weight.dtype)
    from_blocks(layer.weight, layer.width, out)
    return out[:, layer.fan_out :]


def test_what_was_passed_is_not_changed() -> None:
    params, (maps, labels) = frozen(filtered(6, 10)), maps_of(6, 5)
    before = [array.tobytes() for array in (maps.values, *params[0], *params[1])]
    result = run(params, maps, labels, np.arange(5), 2)
    assert [array.tobytes() for array in (maps.values, *params[0], *params[1])] == before
    assert not any(array.flags.writeable for layer in result.params for array in layer)
    assert result.params[0].weight.tobytes() != before[1]


def test_an_epoch_of_no_rows_does_nothing() -> None:
    """So it is that training compiles before it takes the time."""
    params, (maps, labels) = filtered(7, 10), maps_of(7, 5)
    result = run(params, maps, labels, np.zeros(0, np.int64), 8)
    assert (result.batches, result.loss_sum, result.finite) == (0, 0.0, True)
    assert result.params[0].weight.tobytes() == params[0].weight.tobytes()
