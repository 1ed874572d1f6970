"""All that training compiles, compiled before it begins."""

from collections.abc import Callable

import numpy as np

from kernels.functions.losses import loss_of
from kernels.images.distort import distort
from kernels.images.orientation import orientations
from kernels.layers.first_layer import SAMPLE, stored
from kernels.network.epoch import new_mailbox, train_epoch
from kernels.network.inference import infer
from kernels.types import DIRECTIONS, SIDE, Planes
from pipeline.compiling import Part, Progress, compile_parts, unseen
from pipeline.model.classify import measure
from pipeline.model.inputs import EDGE, Kept
from pipeline.train.augment import augmented
from pipeline.train.loop import initial_state, run_batches
from pipeline.train.problem import Problem
from pipeline.types import TrainConfig

FILTERS = ("kernels.layers.convolution", "kernels.images.orientation")
SPARSE = ("kernels.layers.csr", "kernels.layers.sparse_batch")
"""Ways that a network without filters does not take, and one with filters."""


def warm_up(problem: Problem, config: TrainConfig, show: Callable[[Progress], None] = unseen) -> float:
    """Compile (or load from disk) all that training needs, and return the seconds that it took.

    Parameters
    ----------
    problem : Problem
    config : TrainConfig
    show : callable
        See `compile_parts`.
    """
    few, without = _few(problem), SPARSE if config.filters else FILTERS
    parts = [
        Part(_compile_epoch, (few, config), (train_epoch, stored), without),
        Part(_compile_measure, (few, config), (infer, loss_of, orientations), without),
    ]
    if few.images:
        parts.append(Part(augmented, (few.images, 0), (distort,)))
    return compile_parts(parts, show)


def _few(problem: Problem) -> Problem:
    """Return some of the rows: with as many zeros as all of them, for that decides how they are kept."""
    some = np.arange(0, len(problem.features), max(1, len(problem.features) // SAMPLE))
    features, labels = problem.features[some], problem.labels[some]
    images = problem.images and problem.images._replace(features=problem.images.features[:2])
    rows, held_out = np.arange(0), (features[:2], labels[:2])
    return problem._replace(features=features, labels=labels, rows=rows, held_out=held_out, images=images, kept=None)


def _compile_epoch(few: Problem, config: TrainConfig) -> None:
    """Run an epoch of no mini-batch."""
    if few.scaling.edges_of:  # to look for real edges, another part compiles a kernel
        width = SIDE * SIDE * DIRECTIONS
        maps, shift = Planes(np.zeros((2, width), np.uint8)), np.zeros(width, np.float32)
        few = few._replace(kept=Kept(maps, shift, np.full(width, EDGE, np.float32)))
    run_batches(initial_state(few, config), few._replace(images=None), config, new_mailbox())


def _compile_measure(few: Problem, config: TrainConfig) -> None:
    """Count what two rows lead to."""
    measure((initial_state(few, config).params,), few.scaling, config, *few.held_out)
