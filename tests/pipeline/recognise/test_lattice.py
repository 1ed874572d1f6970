"""The best way to divide ink into digits, found for a network that knows the answers."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.recognise.lattice import FLOOR, WEIGHTS, best_groups, features_of, looks_like_a_sign
from pipeline.recognise.strokes.candidates import Cluster, candidates_in
from pipeline.recognise.strokes.pieces import joined, piece_of
from pipeline.recognise.strokes.segment import Span
from pipeline.recognise.strokes.shapes import pair_of, shape_of
from pipeline.types import Drawing
from tests.strokes import BOX, CURVES, drawn

NAMES = tuple(CURVES)


def touching(number: str, gap: float) -> tuple[list[Cluster], list[set[int]]]:
    """Return digits side by side, and the strokes of each."""
    owned = [
        (i, np.array(line, np.float32))
        for i, digit in enumerate(number)
        for line in drawn(digit, events=12, height=140, at=(i * (BOX[0] + gap), 0))
    ]
    (clusters,) = candidates_in(Drawing(tuple(line for _, line in owned)))
    return clusters, [{k for k, (i, _) in enumerate(owned) if i == digit} for digit in range(len(number))]


def strokes_of(cluster: Cluster, group: int) -> set[int]:
    return {span.stroke for span in cluster.spans_of(group)}


def answers(cluster: Cluster, number: str, owned: list[set[int]]) -> npt.NDArray[np.float64]:
    """Return what a network says that knows the digits, and is unsure of all else."""
    rows = np.full((len(cluster.groups), 10), 0.04)
    for group, row in enumerate(rows):
        found = strokes_of(cluster, group)
        answer = int(number[owned.index(found)]) if found in owned else 3
        row[answer] = 0.99 if found in owned else 0.64
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("number", ["00", "55", "47", "74", "804", "2539"])
@pytest.mark.parametrize("gap", [10, 0, -7])
def test_touching_digits_are_parted_where_they_read_best(number: str, gap: float) -> None:
    clusters, owned = touching(number, gap)
    best = [(each, group) for each in clusters for group in best_groups(each, answers(each, number, owned), NAMES)]
    assert [strokes_of(cluster, group) for cluster, group in best] == owned


def test_ink_that_is_no_digit_is_not_parted_off() -> None:
    (cluster,), owned = touching("44", 0)
    likely = np.full((len(cluster.groups), 10), 0.001)
    likely[:, 4] = 0.991
    score = [1.0 if strokes_of(cluster, group) in owned else 0.05 for group in range(len(cluster.groups))]
    best = best_groups(cluster, likely * np.array(score)[:, np.newaxis], NAMES)
    assert [strokes_of(cluster, group) for group in best] == owned


def test_no_path_is_worth_more() -> None:
    (cluster,), _ = touching("545", -20)
    random = np.random.default_rng(0)
    for _ in range(5):
        likely = random.dirichlet(np.full(10, 0.2), len(cluster.groups))
        found = best_groups(cluster, likely, NAMES)
        paths = [path for order in cluster.orders for path in paths_through(cluster, order)]
        assert len(paths) > 20
        assert worth(cluster, found, likely) == pytest.approx(max(worth(cluster, path, likely) for path in paths))


def paths_through(cluster: Cluster, order: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return all ways to divide an order."""
    found = []
    for cuts in itertools.product((False, True), repeat=len(order) - 1):
        places = [0, *(i + 1 for i, cut in enumerate(cuts) if cut), len(order)]
        runs = [tuple(sorted(order[a:b])) for a, b in itertools.pairwise(places)]
        if all(run in cluster.groups for run in runs):
            found.append(tuple(cluster.groups.index(run) for run in runs))
    return found


def worth(cluster: Cluster, path: tuple[int, ...], likely: npt.NDArray[np.float64]) -> float:
    """Return what a path is worth, by the definition."""
    pieces = [[cluster.pieces[i] for i in cluster.groups[group]] for group in path]
    wholes = [joined(each) for each in pieces]
    alone = WEIGHTS.digit, WEIGHTS.reads, WEIGHTS.strokes
    total = 0.0
    for group, each, whole in zip(path, pieces, wholes, strict=True):
        total += float(np.dot(features_of(whole, likely[group], NAMES), alone) + np.dot(shape_of(each), WEIGHTS.shape))
    return total + sum(float(np.dot(pair_of(a, b), WEIGHTS.pair)) for a, b in itertools.pairwise(wholes))


def test_a_group_alone_needs_no_weighing() -> None:
    ((cluster,),) = candidates_in(Drawing((np.array([[0, 0], [0, 9]], np.float32),)))
    assert best_groups(cluster, np.zeros((1, 10)), NAMES) == (0,)


def test_answers_are_weighed_by_their_logarithm_and_by_the_strokes_they_mostly_have() -> None:
    (cluster,), _ = touching("4", 0)
    row = np.zeros(10)
    whole = joined(cluster.pieces)
    assert features_of(whole, row, NAMES) == (1, np.log(FLOOR), 1)
    row[4] = 0.5
    assert features_of(whole, row, NAMES) == (1, np.log(0.5), 0)


def pieces_of(*lines: list[list[float]]) -> Cluster:
    pieces = tuple(piece_of(Span(i, 0, len(line)), np.array(line, np.float64)) for i, line in enumerate(lines))
    return Cluster(pieces, ((0, 1),), ((0,), (1,), (0, 1)))


NARROW_X = pieces_of([[0.0, 0.0], [0.25, 1.0]], [[0.25, 0.0], [0.0, 1.0]])
PARALLEL = pieces_of([[0.0, 0.0], [0.0, 1.0]], [[0.1, 0.0], [0.1, 1.0]])
POINTED = pieces_of([[0.0, 0.0], [0.2, 1.0]], [[0.42, 0.0], [0.22, 1.0]])
DOTTED = pieces_of([[0.1, 0.0], [0.1, 0.05]], [[0.1, 0.3], [0.1, 1.0]])


@pytest.mark.parametrize(
    ("cluster", "answers", "is_doubtful"),
    [
        (NARROW_X, "10", True),
        (PARALLEL, "11", False),
        (POINTED, "11", True),
        (POINTED, "14", False),
        (DOTTED, "14", True),
    ],
    ids=["X", "11", "V", "14", "i"],
)
def test_the_strokes_of_a_letter_are_no_sure_digits(cluster: Cluster, answers: str, *, is_doubtful: bool) -> None:
    assert looks_like_a_sign(cluster, (0, 1), answers) is is_doubtful
    assert not looks_like_a_sign(cluster, (2,), answers[:1])


def test_parts_of_one_stroke_are_no_sure_digits() -> None:
    line = np.array([[0, 0], [0, 1], [0.5, 0.5], [1, 0], [1, 1]], np.float64)
    pieces = tuple(piece_of(Span(0, *ends), line) for ends in ((0, 2), (3, 5)))
    assert looks_like_a_sign(Cluster(pieces, ((0, 1),), ((0,), (1,))), (0, 1), "41")
