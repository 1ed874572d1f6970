"""What kernels are given of rows: the rows, or the edges of the images that they are."""

import numpy as np
import numpy.typing as npt
import pytest

from kernels import reference
from kernels.images import orientation_backward
from kernels.layers.csr import Csr
from kernels.types import DIRECTIONS, SIDE, Floats, OrientationMaps
from pipeline.model.classify import explainer, logits_of
from pipeline.model.inputs import EDGE, by_feature, inputs_of, kept
from pipeline.types import Scaling
from tests.kernels import twins_filters
from tests.pipeline.model.test_artifact import model
from tests.strategies import labelled_rows, sparse_rows

PLANES = SIDE * SIDE * DIRECTIONS
PLAIN = Scaling(np.full(20, 3, np.float32), np.full(20, 1 / 64, np.float32))
EDGES = Scaling(np.zeros(20, np.float32), np.full(20, 1 / 255, np.float32), (4, 5))


def test_without_filters_rows_are_read_as_they_are() -> None:
    features, _ = labelled_rows(0, 7, 20, 3)
    rows, shift, scale = inputs_of(features, PLAIN)
    assert rows is features
    assert (shift is PLAIN.shift, scale is PLAIN.scale) == (True, True)


def test_filters_read_the_edges_of_images() -> None:
    drawn, _ = labelled_rows(1, 7, 20, 3)
    images = drawn.reshape(7, 4, 5).astype(np.float64)
    expected = np.stack([twins_filters.edges(image, 1 / 255).ravel() for image in images])
    for features in (drawn, drawn.astype(np.float32)):
        rows, shift, scale = inputs_of(features, EDGES)
        assert isinstance(rows, OrientationMaps)
        np.testing.assert_allclose(rows.values, expected, rtol=0, atol=0.51)
        np.testing.assert_array_equal(shift, np.zeros(PLANES))
        np.testing.assert_array_equal(scale, np.full(PLANES, EDGE))
        assert (shift.dtype.name, scale.dtype.name) == ("float32", "float32")


@pytest.mark.jit  # slow without it
def test_rows_are_kept_without_their_zeros_and_edges_as_they_are() -> None:
    sparse, _ = sparse_rows(2, 60, 20, 3)
    black_is_zero = EDGES._replace(edges_of=None)
    without = kept(sparse, black_is_zero)
    assert isinstance(without.rows, Csr)
    assert (without.shift is EDGES.shift, without.scale is EDGES.scale) == (True, True)
    full, _ = labelled_rows(2, 60, 20, 3)
    assert kept(full, PLAIN).rows is full
    edges, expected = kept(sparse, EDGES), inputs_of(sparse, EDGES)
    assert isinstance(edges.rows, OrientationMaps)
    assert isinstance(expected.rows, OrientationMaps)
    np.testing.assert_array_equal(edges.rows.values, expected.rows.values)
    np.testing.assert_array_equal(edges.scale, expected.scale)
    np.testing.assert_array_equal(edges.shift, expected.shift)


def test_without_filters_a_derivative_is_by_the_row_already() -> None:
    features, _ = labelled_rows(3, 1, 20, 3)
    grad = np.arange(20, dtype=np.float32)
    assert by_feature(grad, features[0], inputs_of(features, PLAIN).rows, PLAIN) is grad


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("seed", range(3))
def test_a_logit_changes_with_the_pixels_as_explained(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To see how, the twin does not round edges to bytes: that moves its logits little, but in steps."""
    monkeypatch.setattr(orientation_backward, "FAINT", 1)  # faint edges count for what they are
    artifact = model(hidden=(9,), shape=(28, 28), seed=seed, filters=6)
    row = 2 * smooth(seed, 28, 28)

    def logits(image: Floats) -> reference.Array:
        edges = twins_filters.edges(image.reshape(28, 28).astype(np.float64), 1 / 255)
        seen = twins_filters.patches(edges[np.newaxis], EDGE)
        return np.asarray(twins_filters.forward(reference.network_of(artifact.params), seen, "tanh")[0])

    read = logits_of(artifact.members, artifact.scaling, artifact.config, row[np.newaxis])[0]
    np.testing.assert_allclose(read, logits(row), atol=0.02)
    grad, change = explainer(artifact)(row, 1), np.random.default_rng(seed).standard_normal(784)
    assert (grad.shape, grad.dtype.name) == ((784,), "float64")
    change += grad * 10 / np.abs(grad).max()  # so that there is something to see
    ahead, back = (logits(row + step * change)[1] for step in (1e-5, -1e-5))
    assert grad @ change == pytest.approx((ahead - back) / 2e-5, rel=0.05)


def test_a_derivative_by_edges_becomes_one_by_pixels() -> None:
    row, scaling = smooth(4, 20, 24), EDGES._replace(edges_of=(20, 24))
    seen = inputs_of(row[np.newaxis], scaling).rows
    assert isinstance(seen, OrientationMaps)
    grad = (seen.values[0] > orientation_backward.FAINT).astype(np.float32)  # fainter ones count for more than they are
    found = by_feature(grad, row, seen, scaling)
    assert (found.shape, found.dtype.name) == ((480,), "float64")
    change = np.random.default_rng(5).standard_normal((20, 24))
    changed = (row.reshape(20, 24) + step * change for step in (1e-3, -1e-3))
    ahead, back = (grad @ twins_filters.edges(image, 1 / 255).ravel() for image in changed)
    assert found @ change.ravel() == pytest.approx((ahead - back) / 2e-3, rel=0.01)


def smooth(seed: int, height: int, width: int) -> npt.NDArray[np.float32]:
    """Return a row of 15 to 120, that changes little from pixel to pixel."""
    y, x = np.indices((height, width))
    a, b, c, d = np.random.default_rng(seed).uniform(0.2, 0.5, 4)
    waves = np.sin(a * x + 0.3 * b * y + c) + np.sin(0.3 * c * x + d * y + a)
    return np.asarray(67 + 26 * waves, np.float32).ravel()
