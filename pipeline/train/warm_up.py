"""All that training compiles, compiled before it begins."""

from collections.abc import Callable

import numpy as np

from kernels.functions.losses import loss_of
from kernels.images.distort import distort
from kernels.images.orientation import orientations
from kernels.images.strokes import draw_strokes
from kernels.layers.convolution import filter_outputs
from kernels.layers.csr import Csr
from kernels.layers.first_layer import SAMPLE, stored
from kernels.machine.blocks import padded
from kernels.network.epoch import new_stop_token, train_epoch
from kernels.network.inference import NARROW, infer
from kernels.types import DIRECTIONS, LOSSES, SIDE, OrientationMaps
from pipeline.compiling import Part, Progress, compile_parts
from pipeline.model.classify import measure
from pipeline.model.inputs import EDGE, Kept, kept
from pipeline.rows import in_memory
from pipeline.train.augment import augmented
from pipeline.train.epoch import Round, run_batches
from pipeline.train.loop import initial_state
from pipeline.train.redraw import first_of, redrawn
from pipeline.train.training_set import TrainingSet
from pipeline.types import TrainConfig

INFERENCE = "kernels.network.inference"
FILTERS = ("kernels.layers.convolution", "kernels.images.orientation")
DENSE = ("kernels.layers.first_layer._gather",)
SPARSE = ("kernels.layers.csr", "kernels.layers.sparse_batch")
SPARSE_ANSWERS = ("kernels.layers.sparse", f"{INFERENCE}._some_sparse")
"""Ways that not every network takes: with filters, from rows with their zeros, or from rows without them."""


def warm_up(training_set: TrainingSet, config: TrainConfig, show: Callable[[Progress], None] = lambda _: None) -> float:
    """Compile (or load from disk) all that training needs, and return the seconds that it took; see `compile_parts`."""
    few = _few(training_set)
    without = (*_ways_not_taken(few, config), f"{INFERENCE}._single")
    parts = [
        Part(_compile_epoch, (few, config), (train_epoch, stored, loss_of), without),
        Part(_compile_measure, (few, config), (infer, orientations, filter_outputs), without),
    ]
    if few.images:
        parts.append(Part(augmented, (few.images, config.seed, 0), (distort,)))
    if training_set.images and training_set.images.redrawings:
        redrawing = training_set.images.redrawings[0]
        one, row = redrawing._replace(drawings=first_of(redrawing.drawings)), np.array([redrawing.rows.start])
        parts.append(Part(redrawn, (training_set.images.features[:1], row, one, config.seed, 0), (draw_strokes,)))
    return compile_parts(parts, show)


def _ways_not_taken(few: TrainingSet, config: TrainConfig) -> tuple[str, ...]:
    """Return the modules and kernels that training has no use for."""
    if config.filters:
        return (*DENSE, *SPARSE, *SPARSE_ANSWERS)
    if not isinstance(kept(in_memory(few.features), few.scaling).rows, Csr):
        return (*FILTERS, *SPARSE, *SPARSE_ANSWERS)
    is_narrow = padded(few.shapes[0][1]) <= NARROW
    return (*FILTERS, *DENSE, f"{INFERENCE}.{'_some_sparse' if is_narrow else '_some_dense'}")


def _few(training_set: TrainingSet) -> TrainingSet:
    """Return some of the rows: with as many zeros as all of them, for that decides how they are kept."""
    some = np.arange(0, len(training_set.features), max(1, len(training_set.features) // SAMPLE))
    features, labels = training_set.features[some], training_set.labels[some]
    images = training_set.images and training_set.images._replace(
        features=training_set.images.features[:2], redrawings=()
    )
    rows, held_out = np.arange(0), (features[:2], labels[:2])
    return training_set._replace(
        features=features, labels=labels, rows=rows, held_out=held_out, images=images, kept=None
    )


def _compile_epoch(few: TrainingSet, config: TrainConfig) -> None:
    """Run an epoch of no mini-batch, and take the loss of one row: it has the same kernels in it."""
    if few.scaling.edges_of:  # to look for real edges, another part compiles a kernel
        width = SIDE * SIDE * DIRECTIONS
        maps, shift = OrientationMaps(np.zeros((2, width), np.uint8)), np.zeros(width, np.float32)
        few = few._replace(kept=Kept(maps, shift, np.full(width, EDGE, np.float32)))
    whole = config._replace(shuffle_buffer=0, shards=1, average_every=0)
    run_batches(initial_state(few, config), few._replace(images=None), whole, Round(0, 0), new_stop_token())
    loss_of(np.zeros((1, few.shapes[-1][1]), np.float32), few.labels[:1], LOSSES[config.loss])


def _compile_measure(few: TrainingSet, config: TrainConfig) -> None:
    """Count what two rows lead to."""
    measure((initial_state(few, config).params,), few.scaling, config, *few.held_out)
