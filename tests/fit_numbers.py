"""The weights of `pipeline.recognise.lattice`, fitted on numbers made of one half of the writers' digits.

`python -m tests.fit_numbers` prints them. A path's odds are the exponential of its worth; the weights make the right
path as probable as possible among all paths through a cluster, by L-BFGS. A digit alone counts as a number, so that the
strokes of one stay together.
"""

import argparse
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from pipeline.model.artifact import load_model
from pipeline.model.classify import Recogniser, recogniser
from pipeline.model.find import PRETRAINED
from pipeline.recognise.lattice import features_of
from pipeline.recognise.strokes.candidates import Cluster, candidates_in
from pipeline.recognise.strokes.pieces import joined
from pipeline.recognise.strokes.rasterize import render_all
from pipeline.recognise.strokes.segment import group_of, part_of
from pipeline.recognise.strokes.shapes import GroupShape, PairShape, pair_of, shape_of
from pipeline.threads import using_threads
from pipeline.types import Drawing
from tests.numbers import SETTINGS, folder_of_strokes, hands, numbers, owned, singles

Array: TypeAlias = npt.NDArray[np.float64]
Example: TypeAlias = tuple[Array, npt.NDArray[np.bool_], float]
"""Of a cluster: the features of each path, (paths, weights), which of them are right, and how much it counts."""
Truth: TypeAlias = Sequence[int] | str
"""The digit of each stroke; or all digits, where strokes hold several."""
NAMES = ("digit", "reads", "strokes", *GroupShape._fields, *PairShape._fields)
ALONE = 2.0
"""How much a digit alone counts: most drawings are of one."""
JOINED = 0.5
"""How much a joined number counts: few people write them."""
DECAY = 1e-4
"""Half of the penalty for each weight's square."""


def examples(
    drawn: Iterable[tuple[Drawing, Truth]], recognise: Recogniser, names: tuple[str, ...], counts: float
) -> Iterator[Example]:
    """Yield what can be learned from drawings: of those clusters that have a right path and others."""
    for drawing, truth in drawn:
        for cluster in itertools.chain(*candidates_in(drawing)):
            paths = [*{path for order in cluster.orders for path in _paths(cluster, order)}]
            if len(paths) > 1:
                likely = _answers(drawing, cluster, recognise)
                right = np.array(
                    [_is_right(cluster, path, truth, [names[i] for i in likely.argmax(1)]) for path in paths]
                )
                if right.any():
                    yield _features(cluster, paths, likely, names), right, counts


def fitted(found: list[Example]) -> Array:
    """Return the weights."""

    def loss(weights: Array) -> tuple[float, Array]:
        total, grad = DECAY / 2 * float(weights @ weights), DECAY * weights
        for features, right, counts in found:
            worths = features @ weights
            odds = np.exp(worths - worths.max())
            all_, good = odds.sum(), odds[right].sum()
            total += counts * float(np.log(all_) - np.log(good + 1e-300)) / len(found)
            pull = features.T @ (odds / all_) - features[right].T @ (odds[right] / max(good, 1e-300))
            grad = grad + counts * pull / len(found)
        return total, grad

    return np.asarray(minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x)


def _paths(cluster: Cluster, order: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield all ways to divide an order into groups, each from left to right."""
    numbers = {group: number for number, group in enumerate(cluster.groups)}
    middles = [joined([cluster.pieces[i] for i in group]).middle for group in cluster.groups]
    for cuts in itertools.product((False, True), repeat=len(order) - 1):
        ends = [0, *(i + 1 for i, cut in enumerate(cuts) if cut), len(order)]
        path = [numbers.get(tuple(sorted(order[a:b]))) for a, b in itertools.pairwise(ends)]
        if None not in path:
            yield tuple(sorted((group for group in path if group is not None), key=middles.__getitem__))


def _is_right(cluster: Cluster, path: tuple[int, ...], truth: Truth, labels: list[str]) -> bool:
    """Tell whether each group of a path is a digit, with all that belongs to it, or, if joined, reads as one."""
    if isinstance(truth, str):
        return "".join(labels[group] for group in path) == truth
    digits = [{truth[span.stroke] for span in cluster.spans_of(group)} for group in path]
    return all(len(digit) == 1 for digit in digits) and len(set.union(*digits)) == len(path)


def _answers(drawing: Drawing, cluster: Cluster, recognise: Recogniser) -> Array:
    """Return what a network says of each group, as the lattice takes it."""
    parts = [part_of(drawing, group_of(drawing, cluster.spans_of(i))) for i in range(len(cluster.groups))]
    answers = recognise(np.stack([pixels for pixels in render_all(parts) if pixels is not None]))
    return answers.probabilities * (1 if answers.scores is None else answers.scores[:, np.newaxis])


def _features(cluster: Cluster, paths: list[tuple[int, ...]], likely: Array, names: tuple[str, ...]) -> Array:
    """Return what the weights are multiplied by, summed over each path."""
    pieces = [[cluster.pieces[i] for i in group] for group in cluster.groups]
    wholes = [joined(each) for each in pieces]
    alone = [
        (*features_of(whole, row, names), *shape_of(each))
        for whole, row, each in zip(wholes, likely, pieces, strict=True)
    ]
    found = np.zeros((len(paths), len(NAMES)))
    for features, path in zip(found, paths, strict=True):
        features[: len(alone[0])] = np.sum([alone[group] for group in path], axis=0)
        for a, b in itertools.pairwise(path):
            features[len(alone[0]) :] += pair_of(wholes[a], wholes[b])
    return found


def main() -> None:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path(__file__).parents[1] / PRETRAINED)
    parser.add_argument("--count", type=int, default=200, help="numbers of each setting")
    given = parser.parse_args()
    artifact, found = load_model(given.model), hands(folder_of_strokes(), 0)
    recognise, names = recogniser(artifact), artifact.class_names
    with using_threads(1):
        learned = list(examples(singles(found), recognise, names, ALONE))
        for setting in (each for each in SETTINGS.values() if each.rows == 1 and not each.joined):
            learned += examples(owned(found, setting, given.count, seed=0), recognise, names, 1.0)
        joined_up = numbers(found, SETTINGS["joined"], given.count, seed=0)
        learned += examples(((drawing, text) for text, drawing in joined_up), recognise, names, JOINED)
    for name, weight in zip(NAMES, fitted(learned), strict=True):
        print(f"{name:16}{weight:8.2f}")  # noqa: T201 -- a report


if __name__ == "__main__":
    main()
